/* SPDX-License-Identifier: MIT */
#ifndef STORE_STALE_H
#define STORE_STALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct lane_row;

/*
 * Whether a newer state of the same lane and type was delivered before. Requests and events about
 * one item or shipment have no part in it: they are never stale, and make nothing stale.
 *
 * An index over all lanes would cost a random page per message for ever. Instead deliveries are
 * indexed by (block, lane), a block being STALE_BLOCK consecutive ids: what is written now lies in
 * a few pages. Per webhook and block the newest state that was delivered is remembered, here and in
 * the table `sent`; only blocks with a newer one than the event in question are looked into. That
 * is none or one while events come about in order, and at worst all that the history has; of the
 * newest blocks a filter in memory tells which of them are worth the look.
 */
#define STALE_BLOCK_BITS 10

struct sent_block {
    int64_t block;
    uint64_t newest_usec; /* no state of the block that was delivered is newer */
    uint64_t so_far_usec; /* the newest of this and all lower blocks */
    bool dirty;           /* not on disk like this */
};

/* The blocks of a webhook in which something was delivered, by number. */
struct sent {
    struct sent_block *blocks;
    size_t count, room;
    size_t clean; /* the blocks before this one are not dirty */
    bool loaded;
};

void sent_clear(struct sent *sent);

/* Whether the delivery reports a state (lane_row.state_of) and one of the lane that reports the
 * same and is strictly newer was delivered before. */
int stale_look(struct store *store, const struct lane_row *row, bool *ret_stale);

/* The same for states (lane_row.state_of), and by (event time, id): *ret_id is one that was
 * delivered, 0: none was. */
int stale_find_newer_state(struct store *store, const struct lane_row *row, int64_t *ret_id);

/* The delivery is about to be delivered. */
int stale_note(struct store *store, const struct lane_row *row);

/* Writes what was noted, with the commit. What a rollback leaves behind in memory is an upper bound
 * still and stays. */
int stale_write(struct store *store);
void stale_commit(struct store *store);

/* Forgets the blocks before the one of this delivery: they are gone from the store. */
int stale_forget(struct store *store, int64_t delivery);

#endif
