/* SPDX-License-Identifier: MIT */
#ifndef STORE_DEDUPE_H
#define STORE_DEDUPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recent.h"

struct store;

/*
 * Which notifications are known, by key. A key that is written at once costs a page of its own,
 * for ever; so the newest stand in memory only and go into the table `seen` later, many at a time
 * and in the order of the table. head.merged says up to which notification all of them are there;
 * those above are read again from the notifications when the store is opened
 * (docs/decisions/0012-recent-keys-in-memory.md).
 */
struct dedupe {
    struct recent recent;
    int64_t complete_to; /* the notification up to which memory and table know all; -1: unread */

    /* Merging: positions among the first `merging` recent ones, by key; `done` of them are in. */
    uint32_t *order;
    size_t merging, done;

    /* Set by dedupe_init, smaller in tests: how many make a merge, how many go with one commit. */
    size_t merge_at, step;
};

void dedupe_init(struct dedupe *dedupe);
void dedupe_clear(struct dedupe *dedupe);

/* The key of an id. One from an unknown sender has the seller id that it names ("": none) in its
 * key, so that it takes no id of ours; NULL: it is ours. With a payload's hash it is the key of an
 * id conflict, which is known as itself; NULL: it is none. */
void dedupe_key(unsigned char out[DEDUPE_KEY_SIZE], const char *id, const char *stranger,
                const unsigned char *payload_sha256);

/* *ret_known: the notification that has the key already, 0: none. */
int dedupe_find(struct store *store, const unsigned char key[DEDUPE_KEY_SIZE], int64_t *ret_known);

/* Enters the key for the new notification head.notification + 1, which must be stored in the same
 * transaction. *ret_known: the one that has it already, 0 when it was new. */
int dedupe_add(struct store *store, const unsigned char key[DEDUPE_KEY_SIZE], int64_t *ret_known);

/* Forgets keys; sorts them first, which makes neighbours share pages (a quarter of the writes). */
int dedupe_forget(struct store *store, unsigned char (*keys)[DEDUPE_KEY_SIZE], size_t count);

/* Before a commit: takes the merge a step further, if there is one. */
int dedupe_write(struct store *store);

/* After a rollback: what is known is what is on disk. */
void dedupe_rollback(struct dedupe *dedupe);

#endif
