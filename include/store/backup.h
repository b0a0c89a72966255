/* SPDX-License-Identifier: MIT */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store.h"

/*
 * Copies of a store, and a check whether a store is whole. Both read one snapshot, so the daemon
 * may continue to write; its log cannot be emptied until they have ended.
 */

/* Write the present state of the store to a new file (mode 0600, synced with its directory). The
 * pages of the log are in it; bytes that were removed before are not. If the file system has too
 * little room for it, it is refused. On failure nothing is left behind. No file is ever
 * overwritten. 0, or -EIO with the reason in *error. */
int store_backup(struct store *store, const char *path, struct error *error);

/* Build the database of a directory again, without free pages and thus without bytes that were
 * removed before, and put it in the place of the old one. Only while no daemon runs: the caller
 * holds its lock. If anything fails, the old file stays as it is. Sizes in bytes. 0, or the result
 * of store_open or store_backup. */
int store_clean(const char *directory, uint64_t *ret_before, uint64_t *ret_after,
                struct error *error);

/* Called for each problem of a store; the text is borrowed. */
typedef void (*store_problem_fn)(const char *text, void *userdata);

/* Problems that store_check reports at most. */
#define STORE_PROBLEMS_MAX 100

/* Read every page and index (SQLite's integrity_check), compare tables and indexes with those that
 * this version makes, and look for deliveries whose states contradict each other. 0, also if
 * problems were reported; else the result of a verb. */
int store_check(struct store *store, store_problem_fn problem, void *userdata);

#endif
