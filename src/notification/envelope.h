/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_ENVELOPE_H
#define NOTIFICATION_ENVELOPE_H

#include "notification/notification.h"

/* The innermost object and the members of Amazon's envelope, which every type has alike. The raws
 * point into `bytes`; those are the caller's, or inside `unwrapped`. */
struct envelope {
    enum notification_problem problem;
    char why[sizeof(((struct notification *)0)->why)];
    bool client_secret; /* bytes that do not parse, or what is inside them, mention one */

    const char *bytes;
    size_t size;
    bool wrapped;    /* there was something to take off */
    char *unwrapped; /* owned; NULL when no string had to be decoded for it */

    struct notification_raw type, id, subscription, published, time, payload;
};

/* Checks the bytes strictly, takes off JSON strings and SNS and EventBridge envelopes, checks what
 * was inside, and finds the members. Ended with envelope_clear, also after a problem. */
void envelope_read(struct envelope *ret, const char *bytes, size_t size);
void envelope_clear(struct envelope *envelope);

#endif
