/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_CALL_TALLY_H
#define AMAZON_CALL_TALLY_H

#include <stdint.h>

#include "base/error.h"

/* How often an operation of Amazon's was called, by what came of it: what it costs, and of what
 * quota it eats. Each request counts, also one that is a second try. */
enum call_outcome {
    CALL_OK,
    CALL_THROTTLED,   /* too many requests */
    CALL_REFUSED,     /* for who we are, for our clock, or for what was asked */
    CALL_FAILED,      /* 5xx, or an answer that cannot be read */
    CALL_UNREACHABLE, /* no answer */
    CALL_GIVEN_UP,    /* ended by ourselves before the answer */
    CALL_OUTCOMES,
};

struct call_tally {
    uint64_t calls[CALL_OUTCOMES];
};

/* Counts a call that ended so (ERROR_NONE: well). */
void call_tally_add(struct call_tally *tally, const struct error *error);

/* "ok", "throttled", ... Never NULL. */
const char *call_outcome_name(enum call_outcome outcome);

#endif
