/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_DEDUPE_H
#define SRC_STORE_DEDUPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recent.h"

struct store;

/*
 * The known notifications, by key. A key that is written at once costs a page of its own, for ever.
 * So the newest keys are in memory only. They go into the table `seen` later, many at a time and in
 * the order of the table. The table has the keys of all notifications up to head.merged. Later keys
 * are read again from the notifications when the store is opened
 * (docs/decisions/0012-recent-keys-in-memory.md).
 */
struct dedupe {
    struct recent recent;
    int64_t complete_to; /* memory and table have all keys up to this notification; -1: unread */

    /* Merging: positions among the first `merging` recent ones, by key; `done` of them are in the
     * table. */
    uint32_t *order;
    size_t merging, done;

    /* Set by dedupe_init, smaller in tests: keys that make a merge, keys that go with one
     * commit. */
    size_t merge_at, step;
};

/* Prepare a struct dedupe without keys. */
void dedupe_init(struct dedupe *dedupe);
/* Drop all keys from memory. They are read again when they are needed. */
void dedupe_clear(struct dedupe *dedupe);

/* Make the key of an id. stranger: the seller id that a notification from an unknown sender names
 * ("": none). It is part of the key, so that such a notification takes no id of ours; NULL: it is
 * ours. payload_sha256: with a payload's hash, this is the key of an id conflict, which is a
 * notification of its own; NULL: there is no conflict. */
void dedupe_key(unsigned char out[DEDUPE_KEY_SIZE], const char *id, const char *stranger,
                const unsigned char *payload_sha256);

/* Find a key. *ret_known: the notification that has it already, 0: none. A store_result. */
int dedupe_find(struct store *store, const unsigned char key[DEDUPE_KEY_SIZE], int64_t *ret_known);

/* Enter the key for the new notification head.notification + 1, which must be stored in the same
 * transaction. *ret_known: the notification that has it already, 0: it was new. */
int dedupe_add(struct store *store, const unsigned char key[DEDUPE_KEY_SIZE], int64_t *ret_known);

/* Forget keys. They are sorted first, so that neighbours share pages (a quarter of the writes). */
int dedupe_forget(struct store *store, unsigned char (*keys)[DEDUPE_KEY_SIZE], size_t count);

/* Before a commit: take the merge a step further, or begin one if there are enough keys. */
int dedupe_write(struct store *store);

/* After a rollback: drop the keys in memory, which may differ from those on disk. */
void dedupe_rollback(struct dedupe *dedupe);

#endif
