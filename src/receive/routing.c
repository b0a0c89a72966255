/* SPDX-License-Identifier: MIT */
/* Decides which webhooks get a notification. */
#include "base/text.h"
#include "receiver_private.h"

static bool passes(char *const *filter, const char *value)
{
    return !filter || (value && text_list_has(filter, value));
}

static bool is_for(const struct receiver_webhook *webhook, const struct notification *n,
                   const char *seller)
{
    return passes(webhook->types, n->type) && passes(webhook->sellers, seller);
}

/* The result of the filters by content. */
struct sieve {
    bool passes;
    bool judged; /* one of them looked at a value */
};

/* Apply one filter. Many types have no such field: a filter for orders must not swallow them. */
static void sift(struct sieve *sieve, char *const *filter, const char *value)
{
    if (!filter || !value)
        return;
    sieve->judged = true;
    sieve->passes = sieve->passes && text_list_has(filter, value);
}

static struct sieve sift_all(const struct receiver_webhook *webhook, const struct notification *n)
{
    struct sieve sieve = {.passes = true};
    sift(&sieve, webhook->marketplaces, n->marketplace_id);
    sift(&sieve, webhook->fulfillments, n->fulfillment);
    sift(&sieve, webhook->statuses, n->status);
    sift(&sieve, webhook->changes, n->change_type);
    return sieve;
}

bool receiver_wants(const struct receiver_webhook *webhook, const struct notification *n,
                    const char *seller)
{
    return is_for(webhook, n, seller) && sift_all(webhook, n).passes;
}

void receiver_note_filters(const struct receiver *r, const struct notification *n,
                           const char *seller)
{
    for (size_t i = 0; i < r->options.n_webhooks; i++) {
        const struct receiver_webhook *webhook = &r->options.webhooks[i];
        struct sieve sieve;
        if (!webhook->filter || !is_for(webhook, n, seller))
            continue;
        sieve = sift_all(webhook, n);
        if (sieve.judged && sieve.passes)
            filter_passed(webhook->filter);
        else if (sieve.judged)
            filter_blocked(webhook->filter);
    }
}
