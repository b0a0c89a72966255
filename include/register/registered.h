/* SPDX-License-Identifier: MIT */
#ifndef REGISTER_REGISTERED_H
#define REGISTER_REGISTERED_H

#include <stdint.h>

#include "register/registrar.h"
#include "store/subscriptions.h"

/* Write into the store that a registrar found, created or deleted a subscription, so that its
 * notifications get their seller. A created one replaces the others of the seller and type. To be
 * called inside a transaction. now_usec: trusted time. 0, or the result of the store's verb. */
int registered_write(struct store *store, const char *seller, const char *type, const char *id,
                     enum subscription_event event, uint64_t now_usec);

#endif
