/* SPDX-License-Identifier: MIT */
/* Checks of a seller's subscriptions before Amazon is asked. Amazon's answer would be a 400, or
 * silence. */
#include <string.h>

#include "base/memory.h"
#include "draft.h"
#include "spapi/notification_types.h"

/* Check the keys that registering needs. */
static void check_needs(struct config_draft *draft, size_t index)
{
    const struct config *config = draft->config;
    if (!draft_has(draft, CONFIG_SELLER, index, "region"))
        COMPLAIN(draft, CONFIG_SELLER, index, "region",
                 "is missing: subscribe needs it to know where to register (na, eu or fe)");
    if (!draft_has(draft, CONFIG_SELLER, index, "refresh_token"))
        COMPLAIN(draft, CONFIG_SELLER, index, "refresh_token",
                 "is missing: subscribe needs it to register in the seller's name");
    if (!config->client_id || !config->client_secret.reference)
        COMPLAIN(draft, CONFIG_SELLER, index, "subscribe",
                 "registering needs client_id and client_secret in [application]");
}

static void note_unknown_type(struct config_draft *draft, size_t index, const char *name)
{
    const char *near = amazon_type_nearest(name);
    WARN(
        draft, CONFIG_SELLER, index, "subscribe",
        "%s is not a type known here%s%s%s: it is registered with payload version %s and passed on "
        "as it comes",
        name, near ? " (is " : "", near ? near : "", near ? " meant?)" : "",
        amazon_type_version(name));
}

static void check_type(struct config_draft *draft, size_t index, const char *name)
{
    const struct amazon_type *type = amazon_type_find(name);
    if (!type) {
        note_unknown_type(draft, index, name);
        return;
    }
    switch (type->workflow) {
    case WORKFLOW_SQS:
        break;
    case WORKFLOW_EVENTBRIDGE:
        COMPLAIN(draft, CONFIG_SELLER, index, "subscribe",
                 "Amazon delivers %s by EventBridge only, never to an SQS queue: take it out",
                 name);
        break;
    case WORKFLOW_CONSOLE:
        WARN(draft, CONFIG_SELLER, index, "subscribe",
             "%s is set up in the Developer Console (Notification Preferences), not by "
             "subscribing: name this queue there and take it out here",
             name);
        break;
    case WORKFLOW_REMOVED:
        WARN(draft, CONFIG_SELLER, index, "subscribe",
             "Amazon has removed %s: subscribe to ORDER_CHANGE in its place", name);
        break;
    }
}

/* Whether one of the seller's subscribed types takes the filter. */
static bool some_type_takes(const struct config_seller *seller, enum amazon_filter filter)
{
    for (char **type = seller->subscribe; type && *type; type++)
        if (amazon_type_takes(*type, filter))
            return true;
    return false;
}

/* Check that a type has no second filter: Amazon takes an eventFilter or an expression, never both
 * (Notifications API model). */
static void check_alone(struct config_draft *draft, size_t index, const char *type)
{
    const struct config_seller *seller = &draft->config->sellers[index];
    const struct {
        const char *key;
        enum amazon_filter filter;
        bool set;
    } members[] = {
        {"order_change_types", FILTER_ORDER_CHANGES, seller->order_change_types},
        {"marketplaces", FILTER_MARKETPLACES, seller->marketplaces},
        {"aggregation", FILTER_AGGREGATION, seller->aggregation},
    };
    for (size_t i = 0; i < ELEMENTS(members); i++)
        if (members[i].set && amazon_type_takes(type, members[i].filter))
            COMPLAIN(draft, CONFIG_SELLER, index, "filter_expression",
                     "%s has %s as well, and Amazon takes only one of them for a type: say it in "
                     "the expression",
                     type, members[i].key);
}

static void check_expression(struct config_draft *draft, size_t index, const char *filter)
{
    AUTOFREE char *type = memory_copy(filter, strcspn(filter, ":"));
    if (!text_list_has(draft->config->sellers[index].subscribe, type))
        COMPLAIN(draft, CONFIG_SELLER, index, "filter_expression", "%s is not in subscribe", type);
    else if (!amazon_type_takes(type, FILTER_EXPRESSION))
        COMPLAIN(draft, CONFIG_SELLER, index, "filter_expression",
                 "Amazon takes no expression for %s", type);
    else
        check_alone(draft, index, type);
}

static void check_filters(struct config_draft *draft, size_t index)
{
    const struct config_seller *seller = &draft->config->sellers[index];
    if (seller->marketplaces && !some_type_takes(seller, FILTER_MARKETPLACES))
        COMPLAIN(draft, CONFIG_SELLER, index, "marketplaces",
                 "no type in subscribe takes it: for ORDER_CHANGE say it in filter_expression");
    if (seller->aggregation && !some_type_takes(seller, FILTER_AGGREGATION))
        COMPLAIN(draft, CONFIG_SELLER, index, "aggregation", "no type in subscribe takes it");
    for (char **filter = seller->filters; filter && *filter; filter++)
        check_expression(draft, index, *filter);
}

void config_check_subscribe(struct config_draft *draft, size_t index)
{
    const struct config_seller *seller = &draft->config->sellers[index];
    if (seller->order_change_types && !some_type_takes(seller, FILTER_ORDER_CHANGES))
        COMPLAIN(draft, CONFIG_SELLER, index, "order_change_types",
                 "only ORDER_CHANGE takes it, and that is not in subscribe");
    check_filters(draft, index);
    if (!seller->subscribe)
        return;
    for (char **type = seller->subscribe; *type; type++)
        check_type(draft, index, *type);
    check_needs(draft, index);
}
