/* SPDX-License-Identifier: MIT */
#ifndef SRC_DELIVER_FORWARDER_PRIVATE_H
#define SRC_DELIVER_FORWARDER_PRIVATE_H

#include "deliver/access_token.h"
#include "deliver/breaker.h"
#include "deliver/forwarder.h"
#include "deliver/pace.h"
#include "deliver/ramp.h"
#include "second_chance.h"
#include "webhook/outcome.h"
#include "webhook/request.h"

/* One claim on its way: it waits for a slot, then its request is under way. Owned by the list of
 * the forwarder that it is in. */
struct attempt {
    struct forwarder *forwarder;
    struct claim claim;
    struct http_slot *slot; /* NULL: not sent yet */
    uint64_t started_usec;  /* trusted time */
    uint64_t started_boot_usec;
    bool probe;
    bool suspect;   /* it is known to fail while others do not */
    bool late;      /* under way for much longer than others: it holds no slot of theirs */
    uint64_t token; /* serial of the access token that it was sent with */
    bool second;    /* a second chance: it counts, whatever its outcome */
    struct attempt *next, **link; /* the list it is in; link points at the pointer to it */
};

/* Attempts in the order in which they are sent. */
struct attempt_queue {
    struct attempt *first, **tail;
    unsigned count;
};

/* Lanes whose last answers were throttling, with their number in a row. If there are more lanes,
 * the oldest are forgotten; their count starts from 0 again. */
#define THROTTLES_MAX 64U
struct throttles {
    struct {
        int64_t lane;
        unsigned count;
    } rows[THROTTLES_MAX];
    unsigned next; /* the row that is used next */
};

/* The most suspects that wait for a slot. While there are as many, no more retries are claimed. */
#define SUSPECTS_MAX 64U

struct forwarder {
    sd_event *event;
    struct http *http;
    struct turn *turn;
    int64_t webhook;
    char *name, *url;
    struct webhook_keys keys;
    struct webhook_auth auth;
    struct access_token token; /* if auth wants one */
    const struct http_transport *transport;
    struct success_rule success;
    struct webhook_tally *tally; /* own_tally if nobody counts */
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
    unsigned n_suspects_sending, n_late; /* of the requests under way */
    uint64_t look_usec;   /* boot clock; when to look for late requests; 0: not needed */
    size_t bytes;         /* of all bodies in memory */
    uint64_t answer_usec; /* running mean of the answer time; 0: no answer yet */

    bool stopping;
    bool more;              /* some deliveries in the store may be due now */
    uint64_t due_usec;      /* the store's clock of delays; when more are due; 0: not known */
    sd_event_source *timer; /* for due_usec, the breaker's probe, and the pace */
    bool awaits_pace;       /* the timer is set only for the turn of the next request */
    uint64_t armed_usec;    /* boot clock; the time that the timer is set to, 0: off */

    int64_t forgive[BREAKER_STREAK_MAX]; /* to be written with the next turn */
    bool forgive_refusal[BREAKER_STREAK_MAX];
    size_t n_forgive;
    bool pause;  /* 410: to be written with the next turn */
    bool hasten; /* the breaker closed: deliveries that waited for the destination are due now */
    bool hurry;  /* the destination has changed or is repaired: nothing waits any longer */
    bool hurry_more; /* hurry takes another turn */

    int64_t destination;
    bool replaced;      /* a later config sends to another destination: retries do not wait */
    bool look_at_retry; /* another process may have asked for a retry */
    char *retried;      /* STORE_RETRIED as last seen; NULL: never seen */
    bool retried_known;

    bool unwitnessed;     /* the turn under way found no witness against a streak */
    uint64_t paused_usec; /* trusted time; paused since then, by the store; 0: not paused */
    bool paused_gone;     /* by 410, not by an operator */
    bool pause_known;     /* the store has been asked */
    uint64_t told_usec;   /* the paused_usec that was reported */
    bool followed;        /* by the forwarder of a later config, which reports from now on */

    bool wants_token; /* a delivery is due and there is no token: ask for one after the commit */
    struct error token_error;   /* as last reported; ERROR_NONE: there is a token */
    uint64_t token_failed_usec; /* boot clock; since when token_error lasts */

    bool note;  /* facts for status have changed that are written at once */
    bool dirty; /* other facts have changed: they are written now and then */
    uint64_t noted_boot_usec;
    uint64_t success_usec; /* trusted time of the last 2xx */
    char last_error[256];
    uint64_t last_error_usec;
};

/* forwarder_attempts.c: the lists of attempts. */
/* Return an empty attempt, a used one if there is any. End it with attempt_end. */
struct attempt *attempt_new(struct forwarder *f);
/* Put an attempt at the head of a list, which owns it then. */
void attempt_push(struct attempt **list, struct attempt *attempt);
/* Take an attempt out of its list. Not for a queue: its tail and count stay as they are. */
void attempt_unlink(struct attempt *attempt);
/* Put an attempt at the end of a queue, which owns it then. */
void attempt_enqueue(struct attempt_queue *queue, struct attempt *attempt);
/* Take the first attempt out of a queue, which must not be empty. */
struct attempt *attempt_dequeue(struct attempt_queue *queue);
/* Clear the claim of an attempt that is in no list, and keep the attempt for attempt_new. */
void attempt_end(struct forwarder *f, struct attempt *attempt);
/* Cancel the requests of all attempts of a list, and free the attempts. */
void attempt_free_list(struct attempt *list);

/* forwarder_claims.c: return the number of further claims that fit into memory now. */
unsigned forwarder_wants(const struct forwarder *f);
/* forwarder_claims.c: return the number of claims that may wait in memory for a slot. */
unsigned forwarder_ahead(const struct forwarder *f);

/* forwarder_claims.c: whether nothing is to be sent now: the forwarder stops, it is paused or about
 * to be, the breaker is not closed, or the webhook rests. This changes only between turns: if a
 * turn gives claims back, its end drops them. */
bool forwarder_is_silent(const struct forwarder *f);

/* throttles.c: count a throttled answer of the lane; return how many there were in a row. */
unsigned throttles_add(struct throttles *throttles, int64_t lane);
/* throttles.c: end the row of the lane, after any other answer. */
void throttles_end(struct throttles *throttles, int64_t lane);

/* forwarder_slots.c: whether the pace allows a request now. */
bool forwarder_has_turn(const struct forwarder *f);

/* forwarder_slots.c: return how many requests may be under way: the limit of the ramp, and the late
 * requests beside it, but never more than the webhook's concurrency. */
unsigned forwarder_slots(const struct forwarder *f);

/* forwarder_slots.c: mark the late ones of the requests under way. */
void forwarder_note_late(struct forwarder *f, uint64_t boot_usec);

/* forwarder_slots.c: whether a delivery failed before although others arrived. All of those
 * suspects together hold at most a quarter of the slots. */
bool forwarder_suspects(const struct forwarder *f, const struct claim *claim);

/* forwarder_slots.c: take the next attempt to send out of its queue and return it; NULL: none may
 * be sent. */
struct attempt *forwarder_next(struct forwarder *f);

/* forwarder_slots.c: count the request of an attempt that begins. */
void forwarder_took_slot(struct forwarder *f, const struct attempt *attempt);
/* forwarder_slots.c: stop counting the request of an attempt that has ended. */
void forwarder_gave_slot(struct forwarder *f, const struct attempt *attempt);

/* forwarder_decisions.c: the turn is committed, and the decisions with it: report a pause or its
 * end. */
void forwarder_decided(struct forwarder *f);

/* forwarder_decisions.c: forget the receiver's answers so far. The next turn ends all waits. */
void forwarder_hurry(struct forwarder *f);

/* forwarder.c: start the request of an attempt. */
void forwarder_send(struct forwarder *f, struct attempt *attempt);
/* forwarder.c: send the attempts that wait for a slot, as long as there are slots. */
void forwarder_send_more(struct forwarder *f);
/* forwarder.c: set the timer to the next moment at which there is something to do. */
void forwarder_schedule(struct forwarder *f);

/* forwarder_verdict.c: judge the meaning of an answer for delivery, breaker and ramp, and hand the
 * settle to the turn. */
void forwarder_judge(struct forwarder *f, struct attempt *attempt, struct http_answer *answer);

/* forwarder_verdict.c: make a claim whose body does not open a dead letter, and end the attempt. */
void forwarder_bury(struct forwarder *f, struct attempt *attempt);

/* forwarder_verdict.c: the streak stands, because there is no witness against it: open the breaker.
 */
void forwarder_no_witness(struct forwarder *f);

/* forwarder_verdict.c: charge the destination with a fault without a request, because there is no
 * token to send with. */
void forwarder_cannot_send(struct forwarder *f, const struct error *error);

/* forwarder_token.c: whether a request can be sent now. If a token is wanted and there is none, ask
 * for one. */
bool forwarder_authorize(struct forwarder *f);

/* forwarder_token.c, after the commit: ask for a token if the claims needed one. */
void forwarder_ask_if_wanted(struct forwarder *f);

/* forwarder_token.c: whether the answer is a 401 to an access token that is now replaced. */
bool forwarder_replaces_token(struct forwarder *f, const struct attempt *attempt,
                              const struct http_answer *answer);

/* forwarder_token.c: an access_token_fn. */
void forwarder_on_token(const struct error *error, void *userdata);

#endif
