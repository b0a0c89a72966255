/* SPDX-License-Identifier: MIT */
#ifndef DELIVER_FORWARDER_H
#define DELIVER_FORWARDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "deliver/breaker.h"
#include "deliver/pace.h"
#include "relay/schedule.h"
#include "relay/tally.h"
#include "store/turn.h"
#include "webhook/auth.h"
#include "webhook/sign.h"
#include "webhook/success.h"
#include "wire/http.h"

/*
 * Sends the deliveries of one webhook: claims due ones from the store, sends them signed, and
 * settles their outcomes. It knows nothing of SQS. Claims happen inside the turn's transaction
 * (forwarder_claim). Requests start after its commit (forwarder_committed), so that all requests in
 * flight are always on disk.
 */
struct forwarder;

/* Bytes of bodies in memory per webhook. Beyond it, nothing more is claimed. One delivery always
 * fits. */
#define FORWARDER_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* Claims that wait in memory for a slot: as many as can be sent within FORWARDER_AHEAD_USEC, and at
 * most FORWARDER_AHEAD_MAX. */
#define FORWARDER_AHEAD_USEC 100000ULL
#define FORWARDER_AHEAD_MAX  1024U

/* Facts for status that change with every delivery are written at most once in this time. */
#define FORWARDER_FACTS_USEC 5000000ULL

struct forwarder_options {
    sd_event *event;   /* a reference is taken */
    struct http *http; /* these two are borrowed until forwarder_free */
    struct turn *turn;
    int64_t webhook;                        /* its id in the store */
    const char *name, *url;                 /* copied */
    struct webhook_keys *keys;              /* taken over; this one is left empty */
    struct webhook_auth *auth;              /* taken over; this one is left empty */
    const struct http_transport *transport; /* borrowed; NULL: the default */
    const struct http_transport
        *token_transport;        /* the same, to the token endpoint that auth names */
    struct webhook_tally *tally; /* borrowed; NULL: not counted */
    struct success_rule success; /* its pointers are borrowed */
    unsigned concurrency, max_attempts;
    uint64_t timeout_usec;
    struct schedule schedule;
    /* Changes with the receiver, and with the way or the name by which it is reached. */
    int64_t destination;
    struct pace_limit pace;
    /* As an earlier process noted them, wall clock: since when the breaker is open (0: it is
     * closed); the time of the last error. */
    uint64_t open_since_usec, last_error_usec;
    const char *last_error; /* copied; NULL: none */
};

/* Make the forwarder of one webhook. 0 or negative errno. */
int forwarder_new(struct forwarder **ret, const struct forwarder_options *options);

/* Free a forwarder and end its requests without waiting: their deliveries stay in flight on disk
 * and are sent again after the next start, with the same id and bytes. NULL is fine. */
void forwarder_free(struct forwarder *forwarder);

/* Write the decisions that follow from answers (a pause by 410, attempts that are given back),
 * learn whether the webhook is paused, and give back claims that should not be sent now. To be
 * called inside every transaction of the turn, before forwarder_claim. 0, or the result of the
 * store's verb. */
int forwarder_decide(struct forwarder *forwarder, struct store *store);

/* Claim deliveries that free slots can send soon. To be called inside the turn's transaction. 0, or
 * the result of the store's verb. */
int forwarder_claim(struct forwarder *forwarder, struct store *store);

/* Write the facts for status, as they are after the claims. To be called inside the turn's
 * transaction, after forwarder_claim. 0, or the result of the store's verb. */
int forwarder_write_facts(struct forwarder *forwarder, struct store *store);

/* The turn is committed: make requests of its claims. `elsewhere`: another process has changed the
 * store, so due times are read again. */
void forwarder_committed(struct forwarder *forwarder, bool elsewhere);

/* The turn was rolled back: its claims are void. */
void forwarder_void(struct forwarder *forwarder);

/* Claim nothing more. Claims that are not yet sent go back to the store with the next turn. */
void forwarder_stop(struct forwarder *forwarder);

/* Continue from another forwarder of the same webhook, which was made from an older config: take
 * over its breaker, its ramp, its pace, and its knowledge of pauses and successes. The other one
 * must be stopped. Its requests in flight end by the config they began with, but this one reports a
 * pause. If the destination has changed, all waits that the old one caused end. */
void forwarder_take_over(struct forwarder *forwarder, struct forwarder *other);

/* The state of a forwarder. */
struct forwarder_view {
    enum breaker_state breaker;
    uint64_t open_usec;  /* how long the breaker has been open; 0: it is closed */
    unsigned limit;      /* requests that may be in flight now */
    double rate;         /* the rate that throttling has left; 0: the receiver does not throttle */
    double throttled_to; /* the part of it that the receiver's throttling causes; 0: it does not
                            throttle */
    uint64_t last_usec;  /* wall clock of the last success; 0: none in this process */
    const char *trouble; /* the last trouble, "": none; the forwarder's */
};

/* Return the state of a forwarder in *ret. */
void forwarder_look(const struct forwarder *forwarder, struct forwarder_view *ret);

/* Return the id of its webhook in the store. */
int64_t forwarder_webhook(const struct forwarder *forwarder);

/* Whether the webhook takes requests: its breaker is not open, and it is not paused. */
bool forwarder_sends(const struct forwarder *forwarder);

/* Whether the webhook is paused, as of the last commit. */
bool forwarder_is_paused(const struct forwarder *forwarder);

/* Whether the webhook is paused because it answered 410. True also if the store was not asked
 * yet. */
bool forwarder_is_gone(const struct forwarder *forwarder);

/* Return how many deliveries it could take at once; 0 while more deliveries are due than fit into
 * memory. Only half of the claims ahead count, so that there is room for messages that are on their
 * way already. */
unsigned forwarder_spare(const struct forwarder *forwarder);

/* Whether at least twice as many claims wait for a slot as may be in flight. Then it can continue
 * without the next commit. */
bool forwarder_is_provided(const struct forwarder *forwarder);

/* Whether facts for status wait to be written. */
bool forwarder_has_facts(const struct forwarder *forwarder);

/* Write the facts for status with the next turn, even if they were written a moment ago. */
void forwarder_hurry_facts(struct forwarder *forwarder);

/* Return the number of requests under way, and of claims that are not yet sent or given back. */
unsigned forwarder_in_flight(const struct forwarder *forwarder);
unsigned forwarder_waiting(const struct forwarder *forwarder);

/* How long the oldest request is overdue beyond its own timeout; 0: none is. For the watchdog. */
uint64_t forwarder_overdue_usec(const struct forwarder *forwarder);

#endif
