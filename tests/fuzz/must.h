/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_MUST_H
#define TESTS_FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Ends the target, and says where and why, unless the condition holds. */
#define must(condition) ((condition) ? (void)0 : must_end(#condition, __FILE__, __LINE__))

static inline void must_end(const char *condition, const char *file, int line)
{
    dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

#endif
