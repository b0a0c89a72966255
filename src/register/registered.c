/* SPDX-License-Identifier: MIT */
#include "register/registered.h"

int registered_write(struct store *store, const char *seller, const char *type, const char *id,
                     enum subscription_event event, uint64_t now_usec)
{
    int r = store_put_subscription(store, id, seller, type);
    if (r == 0 && event == SUBSCRIPTION_CREATED)
        r = store_end_other_subscriptions(store, id, seller, type, now_usec);
    if (r == 0 && event == SUBSCRIPTION_DELETED)
        r = store_end_subscription(store, id, now_usec);
    return r;
}
