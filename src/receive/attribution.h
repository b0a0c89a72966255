/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVE_ATTRIBUTION_H
#define SRC_RECEIVE_ATTRIBUTION_H

#include "receiver_private.h"

/* The seller that a notification belongs to. */
struct attribution {
    const struct receiver_seller *seller; /* NULL: unknown */
    enum accept_sender sender;
    bool by_subscription; /* only the subscription shows it: learn the id from it */
};

/* Return the seller of a notification: by the seller id in it or, if its type carries none, by its
 * subscription. The subscription belongs to `subscriber` (the config's name, NULL: unknown). */
struct attribution attribution_of(const struct receiver *r, const struct notification *n,
                                  const char *subscriber);

#endif
