/* SPDX-License-Identifier: MIT */
#include "store/subscriptions.h"

#include "inside.h"

static int count_all(struct store *store, int64_t *ret)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SUBSCRIPTION_COUNT);
    int r = query_step(&q, &row);
    *ret = r == 0 && row ? query_get_number(&q) : 0;
    return r;
}

int store_put_subscription(struct store *store, const char *id, const char *seller,
                           const char *type)
{
    int64_t count = 0;
    int r = count_all(store, &count);
    if (r || count >= STORE_SUBSCRIPTIONS_MAX)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SUBSCRIPTION_PUT);
    query_text(&q, id);
    query_text(&q, seller);
    query_text(&q, type);
    return query_run(&q);
}

int store_end_subscription(struct store *store, const char *id, uint64_t now_usec)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SUBSCRIPTION_END);
    query_number(&q, (int64_t)now_usec);
    query_text(&q, id);
    return query_run(&q);
}

int store_end_other_subscriptions(struct store *store, const char *id, const char *seller,
                                  const char *type, uint64_t now_usec)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SUBSCRIPTION_END_OTHERS);
    query_number(&q, (int64_t)now_usec);
    query_text(&q, seller);
    query_text(&q, type);
    query_text(&q, id);
    return query_run(&q);
}

int store_find_subscription(struct store *store, const char *id, char **ret_seller)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SUBSCRIPTION);
    query_text(&q, id);
    int r = query_step(&q, &row);
    *ret_seller = r == 0 && row ? memory_string(query_get_text(&q)) : NULL;
    return r;
}

int store_each_subscription(struct store *store,
                            void (*each)(const struct store_subscription *, void *), void *userdata)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SUBSCRIPTIONS);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        struct store_subscription subscription = {.id = query_get_text(&q)};
        subscription.seller = query_get_text(&q);
        subscription.type = query_get_text(&q);
        subscription.gone_usec = (uint64_t)query_get_number(&q);
        each(&subscription, userdata);
    }
}

int store_prune_subscriptions(struct store *store, uint64_t before_usec,
                              void (*pruned)(const char *id, void *userdata), void *userdata)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SUBSCRIPTION_PRUNE);
    query_number(&q, (int64_t)before_usec);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        pruned(query_get_text(&q), userdata);
    }
}
