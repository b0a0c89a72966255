/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_FAULT_MEMORY_H
#define TESTS_STORE_FAULT_MEMORY_H

#include <stdbool.h>

/* Puts itself under SQLite's allocator. Before any other call of SQLite. */
void fault_memory_install(void);

/* The n-th allocation of SQLite fails, counted from now; 1 is the next one, 0: none. */
void fault_memory_arm(unsigned n);

/* Whether it has failed. */
bool fault_memory_struck(void);

#endif
