/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_FAULT_VFS_H
#define TESTS_STORE_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Files in memory under SQLite, for one process, that fail when told to. The disk knows what was
 * synced and what was only written; a power cut loses any part of the latter.
 */
#define FAULT_VFS "fault"

enum fault {
    FAULT_NONE,
    FAULT_IO,    /* one write, truncate, sync or creation fails with an I/O error */
    FAULT_FULL,  /* one of them finds the disk full */
    FAULT_POWER, /* from it on everything fails, until fault_reboot */
};

/* Registers it as SQLite's default; fault_remove takes it away with all its files. */
void fault_install(void);
void fault_remove(void);

/* The n-th operation that changes the disk fails, counted from now; 1 is the next one. */
void fault_arm(enum fault fault, unsigned n);

/* Whether the armed fault has struck. */
bool fault_struck(void);

/* After a power cut: what was not synced is lost, in parts, as the seed has it. */
void fault_reboot(uint64_t seed);

#endif
