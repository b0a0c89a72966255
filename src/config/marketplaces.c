/* SPDX-License-Identifier: MIT */
/* Marketplace ids from which nothing can come. Amazon adds ids without notice, so all findings are
 * advice. */
#include "spapi/marketplaces.h"
#include "base/memory.h"
#include "draft.h"

static void check_known(struct config_draft *draft, enum config_kind kind, size_t index,
                        const char *id)
{
    const struct amazon_marketplace *near = amazon_marketplace_nearest(id);
    if (near)
        WARN(draft, kind, index, "marketplaces",
             "%s is not a marketplace id known here (is %s of %s meant?): nothing matches it", id,
             near->id, near->country);
    else
        WARN(draft, kind, index, "marketplaces",
             "%s is not a marketplace id known here, such as A1PA6795UKMFR9", id);
}

/* Whether a seller of the webhook is in the region, or may be in any region. */
static bool has_seller_in(const struct config *config, const struct config_webhook *webhook,
                          const char *region)
{
    for (size_t i = 0; i < config->n_sellers; i++) {
        const struct config_seller *seller = &config->sellers[i];
        bool taken = !webhook->sellers || text_list_has(webhook->sellers, seller->name);
        if (taken && (!seller->region || text_equal(seller->region, region)))
            return true;
    }
    return config->n_sellers == 0;
}

void config_check_webhook_marketplaces(struct config_draft *draft, size_t index)
{
    const struct config_webhook *webhook = &draft->config->webhooks[index];
    for (char *const *id = webhook->marketplaces; id && *id; id++) {
        const struct amazon_marketplace *known = amazon_marketplace_find(*id);
        if (!known)
            check_known(draft, CONFIG_WEBHOOK, index, *id);
        else if (!has_seller_in(draft->config, webhook, known->region))
            WARN(draft, CONFIG_WEBHOOK, index, "marketplaces",
                 "nothing of %s (%s) will come: it is of the region %s, and none of the webhook's "
                 "sellers is",
                 *id, known->country, known->region);
    }
}

void config_check_seller_marketplaces(struct config_draft *draft, size_t index)
{
    const struct config_seller *seller = &draft->config->sellers[index];
    for (char *const *id = seller->marketplaces; id && *id; id++) {
        const struct amazon_marketplace *known = amazon_marketplace_find(*id);
        if (!known)
            check_known(draft, CONFIG_SELLER, index, *id);
        else if (seller->region && !text_equal(seller->region, known->region))
            WARN(draft, CONFIG_SELLER, index, "marketplaces",
                 "nothing of %s (%s) will come: it is of the region %s, and the seller is of %s",
                 *id, known->country, known->region, seller->region);
    }
}
