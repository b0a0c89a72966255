/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVER_ANSWERS_H
#define SRC_RECEIVER_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Scripted answers: rules in the order in which they were given. The first one that matches and has
 * requests left decides. If none matches, the answer is 204 after the receiver's own latency.
 */
#define ANSWERS_MAX 256

struct answer_rule {
    uint64_t left;        /* requests it still answers */
    int status;           /* 0: the connection is closed without an answer */
    uint64_t delay_ms;    /* before the answer */
    char order[257];      /* only for this order; "": for all */
    char retry_after[64]; /* the header's value; "": no header */
    char location[256];   /* the same */
};

struct answers {
    struct answer_rule rules[ANSWERS_MAX];
    unsigned count;
};

/* Add a rule from JSON: {"status","count","order","delay_ms","retry_after","location","close"}.
 * Returns NULL, or the problem. */
const char *answers_add(struct answers *answers, const char *json, size_t size);

/* Take the rule for a request (order may be NULL). False: there is none, and *ret is not
 * touched. */
bool answers_take(struct answers *answers, const char *order, struct answer_rule *ret);

/* Remove all rules. */
void answers_clear(struct answers *answers);

#endif
