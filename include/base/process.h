/* SPDX-License-Identifier: MIT */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <sys/types.h>

/* Return a process in words for people: "process 4711 (sqlite3)", without the name if it is not
 * known, "another process" for 0. The caller owns the result. */
char *process_words(pid_t pid);

#endif
