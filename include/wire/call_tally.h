/* SPDX-License-Identifier: MIT */
#ifndef WIRE_CALL_TALLY_H
#define WIRE_CALL_TALLY_H

#include <stdint.h>

#include "base/error.h"

/* Calls of one of Amazon's operations, counted by result. They show the costs, and the used part of
 * the quota. Each request counts, also a second try. */
enum call_outcome {
    CALL_OK,
    CALL_THROTTLED,   /* too many requests */
    CALL_REFUSED,     /* because of who we are, our clock, or the request itself */
    CALL_FAILED,      /* 5xx, or an answer that cannot be read */
    CALL_UNREACHABLE, /* no answer */
    CALL_GIVEN_UP,    /* we ended it before the answer */
    CALL_OUTCOMES,
};

struct call_tally {
    uint64_t calls[CALL_OUTCOMES];
};

/* Count a call that ended with this error (ERROR_NONE: none). */
void call_tally_add(struct call_tally *tally, const struct error *error);

/* The name of an outcome: "ok", "throttled", ... Never NULL. */
const char *call_outcome_name(enum call_outcome outcome);

#endif
