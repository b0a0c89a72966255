/* SPDX-License-Identifier: MIT */
#ifndef TESTS_READ_FILE_H
#define TESTS_READ_FILE_H

#include <stddef.h>

/* The file's bytes with a NUL behind them; the caller owns them. NULL: it is not there. */
char *read_file(const char *path, size_t *ret_size);

#endif
