/* SPDX-License-Identifier: MIT */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store.h"

/*
 * Copies of a store, and whether one is whole. Both read one snapshot, so the daemon may go on
 * writing meanwhile; its log cannot be emptied until they are through.
 */

/* Writes the store as it is now to a new file (mode 0600, synced with its directory; the log's
 * pages are in it, and nothing of what was removed before). Refused if the file system has too
 * little room for it. Nothing is left behind on failure, and no file is ever overwritten: *error
 * says what was wrong. 0, or -EIO. */
int store_backup(struct store *store, const char *path, struct error *error);

/* Builds the database of a directory anew, without free pages and thus without anything that was
 * removed before, and puts it in the place of the old one. Only while no daemon runs: the caller
 * holds its lock. The old file stays as it is if anything fails. Sizes in bytes. 0, or what
 * store_open or store_backup returns. */
int store_clean(const char *directory, uint64_t *ret_before, uint64_t *ret_after,
                struct error *error);

/* Called for each thing that is wrong with a store; the text is borrowed. */
typedef void (*store_problem_fn)(const char *text, void *userdata);

/* Problems that store_check reports at most. */
#define STORE_PROBLEMS_MAX 100

/* Reads every page and index (SQLite's integrity_check) and compares tables and indexes with those
 * that this version makes. 0 also when problems were reported, else what the verbs return. */
int store_check(struct store *store, store_problem_fn problem, void *userdata);

#endif
