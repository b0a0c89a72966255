/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_STALE_H
#define SRC_STORE_STALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct lane_row;

/*
 * Whether a newer state of the same lane and type was delivered before. Requests and events about
 * one item or shipment have no part in it: they are never stale, and make nothing stale.
 *
 * An index over all lanes would cost a random page per message for ever. Instead, deliveries are
 * indexed by (block, lane); a block has 2^STALE_BLOCK_BITS consecutive ids. So new rows are in a
 * few pages. For each webhook and block, the newest delivered state is remembered, here and in the
 * table `sent`. Only blocks with a newer state than the event in question are looked into. If
 * events come in order, that is none or one block; at worst it is all blocks of the history. For
 * the newest blocks, a filter in memory shows which of them are worth the look.
 */
#define STALE_BLOCK_BITS 10

struct sent_block {
    int64_t block;
    uint64_t newest_usec; /* no delivered state of the block is newer */
    uint64_t so_far_usec; /* the newest of this and all lower blocks */
    bool dirty;           /* not on disk like this */
};

/* The blocks of a webhook that have delivered states, by number. */
struct sent {
    struct sent_block *blocks;
    size_t count, room;
    size_t clean; /* the blocks before this one are not dirty */
    bool loaded;
};

/* Forget the blocks and free their memory. */
void sent_clear(struct sent *sent);

/* Set *ret_stale to whether the delivery reports a state (lane_row.state_of), and a strictly newer
 * one of the lane that reports the same was delivered before. */
int stale_look(struct store *store, const struct lane_row *row, bool *ret_stale);

/* The same for deliveries that are newer by (event time, id). *ret_id: one that was delivered, 0:
 * none was. */
int stale_find_newer_state(struct store *store, const struct lane_row *row, int64_t *ret_id);

/* Note a delivery that is about to be delivered. */
int stale_note(struct store *store, const struct lane_row *row);

/* Write the notes, with the commit. After a rollback, the notes in memory are still an upper bound,
 * and stay. */
int stale_write(struct store *store);
/* After a commit: the notes are on disk. */
void stale_commit(struct store *store);

/* Forget the blocks before the block of this delivery: they are gone from the store. */
int stale_forget(struct store *store, int64_t delivery);

#endif
