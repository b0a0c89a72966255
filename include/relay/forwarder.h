/* SPDX-License-Identifier: MIT */
#ifndef RELAY_FORWARDER_H
#define RELAY_FORWARDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "relay/breaker.h"
#include "relay/pace.h"
#include "relay/schedule.h"
#include "relay/tally.h"
#include "store/turn.h"
#include "webhook/auth.h"
#include "webhook/sign.h"
#include "webhook/success.h"
#include "wire/http.h"

/*
 * Rings one webhook: claims what is due from the store, sends it signed, settles what came of it.
 * It knows nothing of SQS. Claims happen inside the turn's transaction (forwarder_claim); requests
 * start after its commit (forwarder_committed), so that what is in flight is always on disk.
 */
struct forwarder;

/* Bytes of body in memory per webhook; beyond it nothing more is claimed. One delivery always fits.
 */
#define FORWARDER_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* Claims that wait in memory for a slot: what can be sent within this time, and at most so many. */
#define FORWARDER_AHEAD_USEC 100000ULL
#define FORWARDER_AHEAD_MAX  1024U

/* Facts for status that change with every delivery are written at most so often. */
#define FORWARDER_NOTE_USEC 5000000ULL

struct forwarder_options {
    sd_event *event;   /* a reference is taken */
    struct http *http; /* these two are borrowed until forwarder_free */
    struct turn *turn;
    int64_t webhook;                  /* its id in the store */
    const char *name, *url;           /* copied */
    struct webhook_keys *keys;        /* taken over; left empty */
    struct webhook_auth *auth;        /* taken over; left empty */
    const struct http_way *way;       /* borrowed; NULL: the default */
    const struct http_way *token_way; /* the same, to the token endpoint that auth names */
    struct webhook_tally *tally;      /* borrowed; NULL: nobody counts */
    struct success_rule success;      /* what it points to is borrowed */
    unsigned concurrency, max_attempts;
    uint64_t timeout_usec;
    struct schedule schedule;
    int64_t destination; /* another number: another receiver, or another way or name to reach it */
    struct pace_limit pace;
    /* As an earlier process noted it; wall clock: since when its breaker is open, 0: it is closed;
     * the last error (NULL: none) and its time. */
    uint64_t open_since_usec, last_error_usec;
    const char *last_error; /* copied */
};

int forwarder_new(struct forwarder **ret, const struct forwarder_options *options);

/* Ends requests without waiting: their deliveries stay in flight on disk and are sent again, with
 * the same id and bytes, after the next start. NULL is fine. */
void forwarder_free(struct forwarder *forwarder);

/* Inside every transaction of the turn, before forwarder_claim: writes what answers have decided (a
 * pause by 410, attempts that are given back), learns whether the webhook is paused, and gives back
 * what is not to be sent now. 0, or what the store's verb returned. */
int forwarder_decide(struct forwarder *forwarder, struct store *store);

/* Inside the turn's transaction: takes what free slots can send soon and writes what status shows.
 * 0, or what the store's verb returned. */
int forwarder_claim(struct forwarder *forwarder, struct store *store);

/* The turn is committed: claims of it become requests. `elsewhere`: another process changed the
 * store; what was known of due times is looked up again. */
void forwarder_committed(struct forwarder *forwarder, bool elsewhere);

/* The turn was rolled back: its claims are void. */
void forwarder_void(struct forwarder *forwarder);

/* No more claims; what is claimed and not yet sent goes back to the store with the next turn. */
void forwarder_stop(struct forwarder *forwarder);

/* Goes on where another forwarder of the same webhook, made from an older config, leaves off: with
 * its breaker, its ramp, its pace and what it knows of pauses and successes. The other one is to be
 * stopped; what it has in flight ends by the config it began with, but a pause is reported by this
 * one. If the destination is another one, all waits that the old one brought about end. */
void forwarder_take_over(struct forwarder *forwarder, struct forwarder *other);

/* How it stands. */
struct forwarder_view {
    enum breaker_state breaker;
    uint64_t open_usec;  /* how long the breaker has been open; 0: it is closed */
    unsigned limit;      /* requests in flight at most, now */
    double rate;         /* requests a second at most, now; 0: no limit */
    double throttled_to; /* ... because the receiver throttles; 0: it does not */
    uint64_t last_usec;  /* wall clock of the last success; 0: none in this process */
    const char *trouble; /* what went wrong last, "": nothing did; the forwarder's */
};
void forwarder_look(const struct forwarder *forwarder, struct forwarder_view *ret);

/* The id of its webhook in the store. */
int64_t forwarder_webhook(const struct forwarder *forwarder);

/* Whether the webhook takes requests: neither open breaker nor pause. */
bool forwarder_sends(const struct forwarder *forwarder);

/* Whether the webhook is paused, as of the last commit. */
bool forwarder_is_paused(const struct forwarder *forwarder);

/* Whether the webhook is paused because it answered 410, or the store was not asked yet. */
bool forwarder_is_gone(const struct forwarder *forwarder);

/* How many deliveries it could take up at once; 0 while more is due than fits into memory. Half of
 * what it claims ahead, so that there is room for what is on its way already. */
unsigned forwarder_spare(const struct forwarder *forwarder);

/* Whether twice what may be in flight waits for a slot: it can go on without the next commit. */
bool forwarder_is_provided(const struct forwarder *forwarder);

/* Whether facts for status wait to be written. */
bool forwarder_has_notes(const struct forwarder *forwarder);

/* They are written with the next turn, however lately they were. */
void forwarder_note_now(struct forwarder *forwarder);

/* Requests under way, and claims not yet sent or given back. */
unsigned forwarder_in_flight(const struct forwarder *forwarder);
unsigned forwarder_waiting(const struct forwarder *forwarder);

/* How long the oldest request has been overdue beyond its own timeout, 0: none is. For the
 * watchdog. */
uint64_t forwarder_overdue_usec(const struct forwarder *forwarder);

#endif
