/* SPDX-License-Identifier: MIT */
/* The sellers of subscriptions: as registration found them, now or in an earlier run, and as the
 * config names them. And the ids of sellers that have none in the config. */
#include "store/subscriptions.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"
#include "register/registered.h"

/* A change that waits for the next turn. */
struct subscription_change {
    char *id, *seller, *type;
    enum subscription_event event;
    struct subscription_change *next;
};

static const char *config_seller_name(const struct daemon *d, const char *name)
{
    const struct config_seller *seller = name ? config_find_seller(d->config, name) : NULL;
    return seller ? seller->name : NULL;
}

static const char *configured_seller(const struct daemon *d, const char *id)
{
    for (size_t i = 0; i < d->config->n_sellers; i++) {
        const struct config_seller *seller = &d->config->sellers[i];
        if (seller->subscriptions && text_list_has(seller->subscriptions, id))
            return seller->name;
    }
    return NULL;
}

static struct subscription *find(const struct daemon *d, const char *id)
{
    for (size_t i = 0; i < d->n_subscriptions; i++)
        if (text_equal(d->subscriptions[i].id, id))
            return &d->subscriptions[i];
    return NULL;
}

static void add(struct daemon *d, const char *id, const char *seller)
{
    if (d->n_subscriptions == STORE_SUBSCRIPTIONS_MAX)
        return;
    d->subscriptions =
        memory_resize(d->subscriptions, d->n_subscriptions + 1, sizeof(*d->subscriptions));
    d->subscriptions[d->n_subscriptions++] =
        (struct subscription){memory_string(id), memory_string(seller)};
}

/* Remember a subscription. Returns whether that is new. */
static bool remember(struct daemon *d, const char *id, const char *seller)
{
    struct subscription *known = find(d, id);
    if (known && text_equal(known->seller, seller))
        return false;
    if (known) {
        free(known->seller);
        known->seller = memory_string(seller);
        return true;
    }
    add(d, id, seller);
    return true;
}

const char *daemon_seller_of(const char *subscription_id, void *userdata)
{
    const struct daemon *d = userdata;
    const char *seller = configured_seller(d, subscription_id);
    const struct subscription *known = seller ? NULL : find(d, subscription_id);
    return known ? config_seller_name(d, known->seller) : seller;
}

const char *daemon_look_up_subscription(const char *subscription_id, void *userdata)
{
    struct daemon *d = userdata;
    AUTOFREE char *stored = NULL;
    if (store_find_subscription(d->store, subscription_id, &stored) == 0 && stored)
        remember(d, subscription_id, stored);
    return daemon_seller_of(subscription_id, d);
}

static bool knows_of(const struct daemon *d, const struct config_seller *seller)
{
    if (seller->subscriptions && *seller->subscriptions)
        return true;
    for (size_t i = 0; i < d->n_subscriptions; i++)
        if (text_equal(d->subscriptions[i].seller, seller->name))
            return true;
    return false;
}

bool daemon_knows_subscriptions(const char *queue, void *userdata)
{
    const struct daemon *d = userdata;
    for (size_t i = 0; i < d->config->n_sellers; i++)
        if (text_equal(d->config->sellers[i].queue, queue) && knows_of(d, &d->config->sellers[i]))
            return true;
    return false;
}

static void on_stored(const struct store_subscription *subscription, void *userdata)
{
    add(userdata, subscription->id, subscription->seller);
}

void daemon_load_subscriptions(struct daemon *d)
{
    /* If they cannot be read, each one is looked up when its notification comes. */
    (void)store_each_subscription(d->store, on_stored, d);
}

struct rereading {
    struct daemon *d;
    bool any; /* fresh ones */
};

static void on_reread(const struct store_subscription *subscription, void *userdata)
{
    struct rereading *rereading = userdata;
    if (remember(rereading->d, subscription->id, subscription->seller))
        rereading->any = true;
}

void daemon_reread_subscriptions(struct daemon *d)
{
    struct rereading rereading = {d, false};
    (void)store_each_subscription(d->store, on_reread, &rereading);
    if (rereading.any)
        parts_release(d->parts);
}

/* ---- changes ---- */

void daemon_take_subscription(const char *seller, const char *type, const char *id,
                              enum subscription_event event, void *userdata)
{
    struct daemon *d = userdata;
    struct subscription_change **last = &d->subscription_changes;
    bool fresh = remember(d, id, seller);
    while (*last)
        last = &(*last)->next;
    *last = NEW(struct subscription_change);
    **last = (struct subscription_change){memory_string(id), memory_string(seller),
                                          memory_string(type), event, NULL};
    turn_request(d->turn);
    if (fresh)
        parts_release(d->parts);
}

/* If the commit fails, the row is still in the store, and a look-up finds it there. */
static void on_pruned(const char *id, void *userdata)
{
    struct daemon *d = userdata;
    struct subscription *known = find(d, id);
    if (!known)
        return;
    free(known->id);
    free(known->seller);
    *known = d->subscriptions[--d->n_subscriptions];
}

int daemon_write_subscriptions(struct daemon *d, struct store *store)
{
    uint64_t now = 0;
    int r = 0;
    for (const struct subscription_change *c = d->subscription_changes; c && !r; c = c->next)
        r = registered_write(store, c->seller, c->type, c->id, c->event, clock_trusted_usec());
    if (!r && d->subscription_changes && trusted_time_now(&d->time, &now) &&
        now > SUBSCRIPTION_GONE_USEC)
        r = store_prune_subscriptions(store, now - SUBSCRIPTION_GONE_USEC, on_pruned, d);
    return r;
}

void daemon_drop_subscription_changes(struct daemon *d)
{
    while (d->subscription_changes) {
        struct subscription_change *change = d->subscription_changes;
        d->subscription_changes = change->next;
        free(change->id);
        free(change->seller);
        free(change->type);
        free(change);
    }
}

/* ---- learnt ids ---- */

static struct learnt *learnt_of(struct daemon *d, const char *seller)
{
    for (size_t i = 0; i < d->n_learnt; i++)
        if (text_equal(d->learnt[i].seller, seller))
            return &d->learnt[i];
    struct learnt fresh = {.seller = memory_string(seller)};
    if (store_get_fact(d->store, "seller", seller, "learnt_id", &fresh.id))
        fresh.id = NULL;
    d->learnt = memory_resize(d->learnt, d->n_learnt + 1, sizeof(*d->learnt));
    d->learnt[d->n_learnt] = fresh;
    return &d->learnt[d->n_learnt++];
}

const char *daemon_learnt_id(const char *seller, void *userdata)
{
    return learnt_of(userdata, seller)->id;
}

void daemon_learn_id(const char *seller, const char *seller_id, void *userdata)
{
    struct daemon *d = userdata;
    struct learnt *learnt = learnt_of(d, seller);
    if (learnt->id)
        return;
    learnt->id = memory_string(seller_id);
    daemon_note(d, "seller", seller, "learnt_id", seller_id);
    parts_release(d->parts);
}

void daemon_free_subscriptions(struct daemon *d)
{
    daemon_drop_subscription_changes(d);
    for (size_t i = 0; i < d->n_subscriptions; i++) {
        free(d->subscriptions[i].id);
        free(d->subscriptions[i].seller);
    }
    free(TAKE(d->subscriptions));
    d->n_subscriptions = 0;
    for (size_t i = 0; i < d->n_learnt; i++) {
        free(d->learnt[i].seller);
        free(d->learnt[i].id);
    }
    free(TAKE(d->learnt));
    d->n_learnt = 0;
}
