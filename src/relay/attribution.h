/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ATTRIBUTION_H
#define RELAY_ATTRIBUTION_H

#include "receiver_private.h"

/* Whose a notification is. */
struct attribution {
    const struct receiver_seller *seller; /* NULL: unknown */
    enum accept_sender sender;
    bool by_subscription; /* nothing else says so: his id may be learnt from it */
};

/* By the seller id in it; where its type carries none by its subscription, which belongs to
 * `subscriber` (the config's name, NULL: unknown). */
struct attribution attribution_of(const struct receiver *r, const struct notification *n,
                                  const char *subscriber);

#endif
