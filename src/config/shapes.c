/* SPDX-License-Identifier: MIT */
/* Values that have the form of something else, because many people have mistaken one for the
 * other. */
#include <string.h>

#include "aws/sqs_arn.h"
#include "base/memory.h"
#include "draft.h"
#include "spapi/marketplaces.h"

#define ACCOUNT_DIGITS 12

static void check_queue(struct config_draft *draft, size_t index)
{
    const char *arn = draft->config->queues[index].arn;
    struct sqs_arn parts;
    if (arn && sqs_arn_split(arn, &parts, NULL) == 0 && strlen(parts.account) != ACCOUNT_DIGITS)
        WARN(draft, CONFIG_QUEUE, index, "arn",
             "the account %s has %zu digits: an AWS account has %d", parts.account,
             strlen(parts.account), ACCOUNT_DIGITS);
}

static void check_seller(struct config_draft *draft, size_t index)
{
    const char *id = draft->config->sellers[index].seller_id;
    const struct amazon_marketplace *marketplace = id ? amazon_marketplace_find(id) : NULL;
    if (marketplace)
        WARN(draft, CONFIG_SELLER, index, "seller_id",
             "%s is the id of the marketplace %s: the seller's own (merchant token) is needed", id,
             marketplace->country);
}

/* Warn about two webhooks with one URL: they get an order twice, unless their filters separate
 * them. */
static void check_webhook(struct config_draft *draft, size_t index)
{
    const struct config_webhook *webhooks = draft->config->webhooks;
    for (size_t i = 0; i < index && webhooks[index].url; i++)
        if (text_equal(webhooks[i].url, webhooks[index].url) &&
            !text_equal(webhooks[i].name, webhooks[index].name)) {
            WARN(draft, CONFIG_WEBHOOK, index, "url",
                 "is the url of [webhook %s] at %s:%u too: each order that both take is sent there "
                 "twice",
                 webhooks[i].name, webhooks[i].place.file, webhooks[i].place.line);
            return;
        }
}

void config_check_shapes(struct config_draft *draft)
{
    const struct config *config = draft->config;
    if (config->client_id && text_starts(config->client_id, "amzn1.sp.solution."))
        WARN(draft, CONFIG_APPLICATION, 0, "client_id",
             "this is the id of a solution: the LWA client id is needed, "
             "amzn1.application-oa2-client...");
    for (size_t i = 0; i < config->n_queues; i++)
        check_queue(draft, i);
    for (size_t i = 0; i < config->n_sellers; i++)
        check_seller(draft, i);
    for (size_t i = 0; i < config->n_webhooks; i++)
        check_webhook(draft, i);
}
