/* SPDX-License-Identifier: MIT */
#ifndef RELAY_FORWARDER_PRIVATE_H
#define RELAY_FORWARDER_PRIVATE_H

#include "relay/access_token.h"
#include "relay/breaker.h"
#include "relay/forwarder.h"
#include "relay/pace.h"
#include "relay/ramp.h"
#include "second_chance.h"
#include "webhook/outcome.h"
#include "webhook/request.h"

/* One claim on its way: waiting for a slot, then a request under way. Owned by the forwarder's list
 * that it stands in. */
struct attempt {
    struct forwarder *forwarder;
    struct claim claim;
    struct http_slot *slot; /* NULL: not sent yet */
    uint64_t started_usec;  /* trusted time */
    uint64_t started_boot_usec;
    bool probe;
    bool suspect;   /* it is known to fail where others do not */
    bool late;      /* under way, and for much longer than others: it holds no slot of theirs */
    uint64_t token; /* the access token that it went out with */
    bool second;    /* it is a second chance: it counts whatever comes of it */
    struct attempt *next, **link; /* the list it stands in; link points at what points at it */
};

/* In the order in which they are sent. */
struct attempt_queue {
    struct attempt *first, **tail;
    unsigned count;
};

/* Lanes whose last answers were throttling, and how many in a row. Of more lanes the oldest are
 * forgotten: theirs are counted again. */
#define THROTTLES_MAX 64U
struct throttles {
    struct {
        int64_t lane;
        unsigned count;
    } rows[THROTTLES_MAX];
    unsigned next; /* the row that is used next */
};

/* Suspects that wait for a slot; while there are as many no more retries are claimed. */
#define SUSPECTS_MAX 64U

struct forwarder {
    sd_event *event;
    struct http *http;
    struct turn *turn;
    int64_t webhook;
    char *name, *url;
    struct webhook_keys keys;
    struct webhook_auth auth;
    struct access_token token; /* where auth wants one */
    const struct http_way *way;
    struct success_rule success;
    struct webhook_tally *tally; /* own_tally where nobody counts */
    struct webhook_tally own_tally;
    size_t answer_limit; /* bytes of an answer that are read */
    unsigned max_attempts;
    uint64_t timeout_usec;
    struct schedule schedule;
    struct pace_limit pace_limit;

    struct breaker breaker;
    struct ramp ramp;
    struct pace pace;
    struct throttles throttles;
    struct second_chance second_chances;
    struct webhook_headers headers; /* of the request being built; kept for its memory */

    struct attempt *claimed;               /* by the turn under way: not on disk yet */
    struct attempt_queue queued, suspects; /* on disk, waiting for a slot */
    struct attempt *sending;
    struct attempt *spare; /* attempts to use again */
    unsigned n_claimed, n_sending;
    unsigned n_suspects_sending, n_late; /* of those that are sent */
    uint64_t look_usec;   /* boot clock; when to look which are late; 0: nobody waits for that */
    size_t bytes;         /* of all bodies in memory */
    uint64_t answer_usec; /* running mean of what an answer takes; 0: none came yet */

    bool stopping;
    bool more;              /* the store may have something due now */
    uint64_t due_usec;      /* the store's clock of delays; when more is due; 0: nothing known */
    sd_event_source *timer; /* for due_usec, the breaker's probe, and the pace */
    bool awaits_pace;       /* it is set for nothing but the next request's turn */
    uint64_t armed_usec;    /* boot clock; what the timer is set to, 0: off */

    int64_t forgive[BREAKER_STREAK_MAX]; /* to be written with the next turn */
    bool forgive_refusal[BREAKER_STREAK_MAX];
    size_t n_forgive;
    bool pause;      /* 410: to be written with the next turn */
    bool hasten;     /* the breaker closed: what waited for the destination is due now */
    bool hurry;      /* the destination is another one now, or repaired: nothing waits any longer */
    bool hurry_more; /* that takes another turn */

    int64_t destination;
    bool replaced; /* one of a later config sends to another destination: it waits for nothing */
    bool look_at_retry; /* another process may have asked for a retry */
    char *retried;      /* STORE_RETRIED as last seen; NULL: never seen */
    bool retried_known;

    bool unwitnessed;     /* the turn under way found nobody who could speak against a streak */
    uint64_t paused_usec; /* trusted time; since when it is, by the store; 0: it is not */
    bool paused_gone;     /* by 410, not by an operator */
    bool pause_known;     /* the store has been asked */
    uint64_t told_usec;   /* the paused_usec that was told */
    bool followed;        /* by one of a later config, which tells */

    bool wants_token; /* something is due and there is no token: asked for after the commit */
    struct error token_error;   /* why there is none, as last told; ERROR_NONE: there is one */
    uint64_t token_failed_usec; /* boot clock; since when */

    bool note;  /* facts for status have changed that are written at once */
    bool dirty; /* others have changed: they are written now and then */
    uint64_t noted_boot_usec;
    uint64_t success_usec; /* trusted time of the last 2xx */
    char last_error[256];
    uint64_t last_error_usec;
};

/* attempts.c: the lists that attempts stand in. What attempt_new gives was there before, if it can.
 */
struct attempt *attempt_new(struct forwarder *f);
void attempt_push(struct attempt **list, struct attempt *attempt);
void attempt_unlink(struct attempt *attempt);
void attempt_enqueue(struct attempt_queue *queue, struct attempt *attempt);
struct attempt *attempt_dequeue(struct attempt_queue *queue);
void attempt_end(struct forwarder *f, struct attempt *attempt);
void attempt_free_list(struct attempt *list);

/* claims.c: how many claims fit into memory now, and how many may wait there for a slot. */
unsigned forwarder_wants(const struct forwarder *f);
unsigned forwarder_ahead(const struct forwarder *f);

/* claims.c: nothing is to be sent now: it stops, it is paused or about to be, the breaker is not
 * closed, or the webhook rests. Changes only between turns: what one of them gives back the end of
 * it drops. */
bool forwarder_is_silent(const struct forwarder *f);

/* throttle.c: a throttled answer for the lane; returns how many there were in a row. Any other
 * answer ends the row. */
unsigned throttles_add(struct throttles *throttles, int64_t lane);
void throttles_end(struct throttles *throttles, int64_t lane);

/* slots.c: whether the pace lets a request go now. */
bool forwarder_has_turn(const struct forwarder *f);

/* slots.c: how many requests may be under way: what the ramp allows, beside those that are late,
 * and never more than the webhook's concurrency. */
unsigned forwarder_slots(const struct forwarder *f);

/* slots.c: looks which of those under way are late. */
void forwarder_note_late(struct forwarder *f, uint64_t boot_usec);

/* slots.c: whether a delivery failed before although others arrived. All of those together hold at
 * most a quarter of the slots. */
bool forwarder_suspects(const struct forwarder *f, const struct claim *claim);

/* slots.c: the next one to be sent, taken out of its queue; NULL: none may be. */
struct attempt *forwarder_next(struct forwarder *f);

/* slots.c: it is under way; it has ended. */
void forwarder_took_slot(struct forwarder *f, const struct attempt *attempt);
void forwarder_gave_slot(struct forwarder *f, const struct attempt *attempt);

/* decisions.c: the turn is committed: what was decided is written, and a pause or its end is told.
 */
void forwarder_decided(struct forwarder *f);

/* decisions.c: what the receiver said so far does not count any more: the next turn ends all waits.
 */
void forwarder_hurry(struct forwarder *f);

/* forwarder.c: starts the request of an attempt; sends what waits for a slot while there are any;
 * sets the timer to the next moment at which there is something to do. */
void forwarder_send(struct forwarder *f, struct attempt *attempt);
void forwarder_send_more(struct forwarder *f);
void forwarder_schedule(struct forwarder *f);

/* verdict.c: what an answer means for delivery, breaker and ramp; hands the settle to the turn. */
void forwarder_judge(struct forwarder *f, struct attempt *attempt, struct http_answer *answer);

/* verdict.c: a claim whose body does not open becomes a dead letter; the attempt ends. */
void forwarder_bury(struct forwarder *f, struct attempt *attempt);

/* verdict.c: the streak stands, as there is nobody who could speak against it. */
void forwarder_no_witness(struct forwarder *f);

/* verdict.c: a fault of the destination without a request: there is no token to send with. */
void forwarder_cannot_send(struct forwarder *f, const struct error *error);

/* authorize.c: whether a request can go out now; asks for a token when one is wanted and not there.
 */
bool forwarder_authorize(struct forwarder *f);

/* authorize.c, after the commit: asks for a token where the claims have found a need for one. */
void forwarder_ask_if_wanted(struct forwarder *f);

/* authorize.c: whether the answer is a 401 to an access token that is replaced now. */
bool forwarder_replaces_token(struct forwarder *f, const struct attempt *attempt,
                              const struct http_answer *answer);

/* authorize.c: an access_token_fn. */
void forwarder_on_token(const struct error *error, void *userdata);

/* notes.c: writes what `dockbell status` shows of this webhook. */
int forwarder_write_notes(struct forwarder *f, struct store *store);

#endif
