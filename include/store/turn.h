/* SPDX-License-Identifier: MIT */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include <systemd/sd-event.h>

#include "base/histogram.h"
#include "store/store.h"

/*
 * Group commit: what one turn of the event loop brings is written as one transaction at its end, by
 * a post source just above NORMAL priority (an IDLE one starves under load, and a NORMAL one does
 * beside a busy defer source). Accepts are committed in the turn that brought them; settles join
 * the next commit, at the latest TURN_SETTLE_DELAY_USEC or TURN_SETTLE_GROUP of them after the
 * first: a lost settle costs a repeat, never a loss. While there is more to send than slots
 * (turn_gather), accepts wait for company in the same way and groups are larger: nobody waits for
 * them, and what a commit costs does not depend on how much is in it.
 *
 * Inside the transaction the order is: settles, accepts, the decide hook, the claim hook. When it
 * fails it is rolled back whole: accepts are told so (SQS brings them again), settles stay queued
 * and go into the next transaction, claims are void. STORE_BUSY is tried again in the next turn
 * without a word to anybody; after any other failure nothing is tried for TURN_FULL_PAUSE_USEC. A
 * commit is followed by store_look, which can make it fail with STORE_LOST (once; transactions
 * after that one are committed as before), and by store_checkpoint.
 */
struct turn;

#define TURN_SETTLE_DELAY_USEC 5000
#define TURN_SETTLE_GROUP      32
#define TURN_GATHER_GROUP      256
/* After STORE_FULL: the pause before the next transaction. */
#define TURN_FULL_PAUSE_USEC 5000000

/* What became of transactions since turn_new. Each that was committed cost one fsync. */
struct turn_tally {
    uint64_t committed, busy, full, failed;
    uint64_t settles, accepts; /* in those that were committed */
    struct histogram duration; /* of those */
};

struct turn_hooks {
    /* Inside every transaction, that of turn_flush too: what has been decided is written here. A
     * nonzero return fails the turn, and the hook runs again in the next one. */
    int (*decide)(struct store *store, void *userdata);
    /* Inside the transaction, last: the forwarder claims here. A nonzero return fails the turn. */
    int (*claim)(struct store *store, void *userdata);
    /* After the commit; `elsewhere`: another process has changed something. */
    void (*committed)(bool elsewhere, void *userdata);
    /* After the rollback; never for STORE_BUSY. */
    void (*failed)(int result, const char *why, void *userdata);
    /* After STORE_BUSY: for how long there was no transaction because of it. */
    void (*busy)(uint64_t for_usec, void *userdata);
    void *userdata;
};

int turn_new(struct turn **ret, sd_event *event, struct store *store,
             const struct turn_hooks *hooks);
/* What is still queued is not written: call turn_flush before. Accepts get done(-ECANCELED). */
void turn_free(struct turn *turn);

/* Queues a notification for this turn's commit; it stays the caller's, alive until `done`. */
void turn_accept(struct turn *turn, struct accept *accept);

/* Queues an outcome; the settle is copied, `answer` is taken over. */
void turn_settle(struct turn *turn, struct settle *settle);

/* Whether those that send have enough to do without the next commit; holds until the next call. */
void turn_gather(struct turn *turn, bool gather);

/* Asks for a commit at the end of this turn, so that the hooks run. */
void turn_request(struct turn *turn);

/* Commits what is queued or asked for now, without the claim hook and without regard to a pause; 0
 * when there is nothing. Returns what store_commit would; after STORE_BUSY it may be called again.
 */
int turn_flush(struct turn *turn);

/* What it has counted; the turn's. */
const struct turn_tally *turn_tally(const struct turn *turn);

/* store_delay_usec of its store: the clock of a settle's next try. */
uint64_t turn_delay_usec(const struct turn *turn);

/* Settles that are queued and not on disk. */
size_t turn_unsettled(const struct turn *turn);

/* When a commit last returned (also refused: a full disk is no hang) or an empty turn last ended
 * (CLOCK_BOOTTIME); for the watchdog. */
uint64_t turn_progress_usec(const struct turn *turn);

#endif
