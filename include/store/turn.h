/* SPDX-License-Identifier: MIT */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include <systemd/sd-event.h>

#include "base/histogram.h"
#include "store/store.h"

/*
 * Group commit: everything that one turn of the event loop brings is written as one transaction at
 * its end, by a post source just above NORMAL priority (an IDLE one starves under load, and a
 * NORMAL one does beside a busy defer source). Accepts are committed in the turn that brought them.
 * Settles join the next commit: at the latest TURN_SETTLE_DELAY_USEC after the first of them, or
 * when there are TURN_SETTLE_GROUP. If a settle is lost, a request is repeated; nothing is lost.
 * While there are more deliveries to send than slots (turn_gather), accepts wait in the same way,
 * and groups are larger (TURN_GATHER_GROUP): nobody waits for them, and the cost of a commit does
 * not depend on its size.
 *
 * Inside the transaction the order is: settles, accepts, the hooks decide, claim and write_facts.
 * If it fails, it is rolled back whole: accepts get the failure (SQS brings them again), settles
 * stay queued and go into the next transaction, claims are void. After STORE_BUSY it is tried again
 * in the next turn, without a report. After any other failure nothing is tried for
 * TURN_FULL_PAUSE_USEC. A commit is followed by store_look, which can make it fail with STORE_LOST
 * (once; later transactions are committed as before), and by store_checkpoint.
 */
struct turn;

#define TURN_SETTLE_DELAY_USEC 5000
#define TURN_SETTLE_GROUP      32
#define TURN_GATHER_GROUP      256
/* After STORE_FULL: the pause before the next transaction. */
#define TURN_FULL_PAUSE_USEC 5000000

/* Results of transactions since turn_new. Each commit costs one fsync. */
struct turn_tally {
    uint64_t committed, busy, full, failed;
    uint64_t settles, accepts; /* in committed transactions */
    struct histogram duration; /* of commits */
};

struct turn_hooks {
    /* Inside every transaction, that of turn_flush too: decisions are written here. A nonzero
     * return fails the turn, and the hook runs again in the next one. */
    int (*decide)(struct store *store, void *userdata);
    /* Inside the transaction: deliveries to send are claimed here. A nonzero return fails the
     * turn. */
    int (*claim)(struct store *store, void *userdata);
    /* Inside the transaction, last: facts are written here. They are as they will be after the
     * commit. A nonzero return fails the turn. */
    int (*write_facts)(struct store *store, void *userdata);
    /* After the commit. `elsewhere`: another process has changed something. */
    void (*committed)(bool elsewhere, void *userdata);
    /* After the rollback; never for STORE_BUSY. */
    void (*failed)(int result, const char *why, void *userdata);
    /* After STORE_BUSY: for how long it has prevented transactions. */
    void (*busy)(uint64_t for_usec, void *userdata);
    void *userdata;
};

/* Make the turn of an event loop and a store. The hooks are copied. 0 or negative errno. */
int turn_new(struct turn **ret, sd_event *event, struct store *store,
             const struct turn_hooks *hooks);
/* Free a turn. Queued entries are not written: call turn_flush before. Accepts get
 * done(-ECANCELED). */
void turn_free(struct turn *turn);

/* Queue a notification for this turn's commit. It stays the caller's and must live until `done`. */
void turn_accept(struct turn *turn, struct accept *accept);

/* Queue an outcome. The settle is copied; its `answer` is taken over. */
void turn_settle(struct turn *turn, struct settle *settle);

/* Set whether the senders have enough to do without the next commit. Holds until the next call. */
void turn_gather(struct turn *turn, bool gather);

/* Ask for a commit at the end of this turn, so that the hooks run. */
void turn_request(struct turn *turn);

/* Commit all queued entries and requests now, with only the decide hook and even during a pause; 0
 * if there are none. Returns the result of store_commit. After STORE_BUSY it may be called again.
 */
int turn_flush(struct turn *turn);

/* Return the counts; they are the turn's. */
const struct turn_tally *turn_tally(const struct turn *turn);

/* Return store_delay_usec of its store: the clock of a settle's next try. */
uint64_t turn_delay_usec(const struct turn *turn);

/* Return the number of settles that are queued and not on disk. */
size_t turn_unsettled(const struct turn *turn);

/* Return when a commit last returned (also a failed one: a full disk is no hang) or an empty turn
 * last ended (CLOCK_BOOTTIME). For the watchdog. */
uint64_t turn_progress_usec(const struct turn *turn);

#endif
