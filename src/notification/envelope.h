/* SPDX-License-Identifier: MIT */
#ifndef SRC_NOTIFICATION_ENVELOPE_H
#define SRC_NOTIFICATION_ENVELOPE_H

#include "notification/notification.h"

/* The innermost object and the members of Amazon's envelope, which are the same for every type. The
 * raws point into `bytes`. `bytes` belongs to the caller, or is inside `unwrapped`. */
struct envelope {
    enum notification_problem problem;
    char why[sizeof(((struct notification *)0)->why)];
    bool client_secret; /* bytes that do not parse, or those inside them, mention one */

    const char *bytes;
    size_t size;
    bool wrapped;    /* at least one wrapping was taken off */
    char *unwrapped; /* owned; NULL if no string had to be decoded */

    struct notification_raw type, id, subscription, published, time, payload;
};

/* Check the bytes strictly, take off JSON strings and SNS and EventBridge envelopes, check the
 * inside, and find the members. The caller ends *ret with envelope_clear, also after a problem. */
void envelope_read(struct envelope *ret, const char *bytes, size_t size);

/* Free the contents, not the struct. */
void envelope_clear(struct envelope *envelope);

#endif
