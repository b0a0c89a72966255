/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_OUTCOME_H
#define WEBHOOK_OUTCOME_H

#include <stdbool.h>

#include "webhook/success.h"
#include "wire/http.h"

/*
 * The meaning of an answer, by one table.
 */
enum outcome_class {
    OUTCOME_DELIVERED,   /* 2xx, or a success by the webhook's rule */
    OUTCOME_EVENT_FAULT, /* this event is refused: 400, 413, 414, 415, 422, other 4xx */
    /* The receiver or the way to it: 3xx, 5xx, transport, and every 4xx about access, route,
     * method, protocol or proxy: 401 to 408, 421, 423, 425, 426, 428, 431, 451. */
    OUTCOME_DESTINATION_FAULT,
    OUTCOME_GONE,      /* 410: the webhook is paused */
    OUTCOME_THROTTLED, /* 429: fewer requests are wanted; nobody's fault */
};

struct outcome {
    enum outcome_class class;
    bool opens_breaker;        /* at once: refused, DNS, TLS, and 503 with Retry-After */
    bool may_throttle;         /* 503 with Retry-After: throttling while other requests succeed */
    uint64_t retry_after_usec; /* a wait from now, capped; 0: none was asked for */
    /* For people and last_error: "HTTP 503 Service Unavailable", "connection refused"; escaped. */
    char reason[256];
    /* One word: "http_5xx", "connect", "timeout", ...; NULL when delivered. */
    const char *error_class;
};

/* Read an answer by the webhook's rule. A 2xx that `accept` does not list is a destination fault
 * (something else answers there), and so is one with a body that the rule cannot read. If the body
 * refuses the event, that is an event fault. A date in Retry-After becomes a wait by the answer's
 * own Date, so that a difference between two clocks does not matter; without a Date, by
 * now_usec. */
void outcome_read(struct outcome *ret, const struct http_answer *answer,
                  const struct success_rule *rule, uint64_t now_usec);

/* Set the outcome of a delivery for which there is no access token: a destination fault, for the
 * reason that deliver/access_token gave. */
void outcome_no_token(struct outcome *ret, const struct error *error);

/* The error_class of a delivery that could not be sent, as its stored body does not open. */
#define OUTCOME_NO_BODY "damaged_body"

/* The class of an attempt that was recorded with this status (0: none) and error_class (NULL:
 * delivered). */
enum outcome_class outcome_class_of(int status, const char *error_class);

/* The name of a class: "delivered", "event fault", "destination fault", "gone", "throttled". */
const char *outcome_class_name(enum outcome_class class);

#endif
