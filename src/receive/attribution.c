/* SPDX-License-Identifier: MIT */
#include "attribution.h"

#include "base/text.h"

static const char *id_of(const struct receiver *r, const struct receiver_seller *seller)
{
    const struct receiver_hooks *hooks = &r->options.hooks;
    if (seller->seller_id || !seller->subscribes || !hooks->learnt_id)
        return seller->seller_id;
    return hooks->learnt_id(seller->name, hooks->userdata);
}

static const struct receiver_seller *seller_by_name(const struct receiver *r, const char *name)
{
    for (size_t i = 0; name && i < r->options.n_sellers; i++)
        if (text_equal(r->options.sellers[i].name, name))
            return &r->options.sellers[i];
    return NULL;
}

static const struct receiver_seller *seller_by_id(const struct receiver *r, const char *id)
{
    for (size_t i = 0; i < r->options.n_sellers; i++)
        if (text_equal(id_of(r, &r->options.sellers[i]), id))
            return &r->options.sellers[i];
    return NULL;
}

/* Whether the id of a seller of the queue is still to be learnt. If so, any notification may belong
 * to that seller. */
static bool is_id_unknown(const struct receiver *r)
{
    for (size_t i = 0; i < r->options.n_sellers; i++)
        if (!id_of(r, &r->options.sellers[i]))
            return true;
    return false;
}

static struct attribution ours(const struct receiver_seller *seller)
{
    return (struct attribution){.seller = seller, .sender = SENDER_OURS};
}

static struct attribution by_id(const struct receiver *r, const char *id,
                                const struct receiver_seller *subscriber)
{
    const struct receiver_seller *seller = seller_by_id(r, id);
    if (seller)
        return ours(seller);
    if (subscriber && !subscriber->seller_id)
        return (struct attribution){subscriber, SENDER_OURS, .by_subscription = true};
    return (struct attribution){
        .sender = is_id_unknown(r) ? SENDER_NAMELESS : SENDER_FOREIGN,
    };
}

/* Attribute a notification that names nobody. If registration knows no subscription to the queue,
 * it belongs to the queue's only seller. */
static struct attribution by_queue(const struct receiver *r)
{
    const struct receiver_hooks *hooks = &r->options.hooks;
    bool known =
        hooks->knows_subscriptions && hooks->knows_subscriptions(r->queue, hooks->userdata);
    if (r->options.n_sellers == 1 && !known && id_of(r, &r->options.sellers[0]))
        return ours(&r->options.sellers[0]);
    return (struct attribution){.sender = SENDER_NAMELESS};
}

/* Whether the queue has only one seller, and neither an id nor subscriptions show which
 * notifications belong to that seller. */
static bool takes_everything(const struct receiver *r)
{
    const struct receiver_seller *first = r->options.sellers;
    return r->options.n_sellers == 1 && !first->seller_id && !first->subscribes;
}

struct attribution attribution_of(const struct receiver *r, const struct notification *n,
                                  const char *subscriber)
{
    const struct receiver_seller *seller = seller_by_name(r, subscriber);
    if (n->problem)
        return (struct attribution){.sender = SENDER_NAMELESS};
    if (takes_everything(r))
        return ours(&r->options.sellers[0]);
    if (n->seller_id)
        return by_id(r, n->seller_id, seller);
    if (n->names_seller)
        return (struct attribution){.sender = SENDER_NAMELESS};
    return seller ? ours(seller) : by_queue(r);
}
