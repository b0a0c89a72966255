/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "amazon.h"
#include "base/memory.h"
#include "base/text.h"
#include "spapi/notification_types.h"

/* Check that the type allows the option. Return CLI_DONE or CLI_USAGE. */
static int check_filter(const struct cli *cli, const char *type, const char *option,
                        enum amazon_filter filter)
{
    if (!cli_value(cli, option) || amazon_type_takes(type, filter))
        return CLI_DONE;
    return cli_usage(cli, "%s takes no --%s: Amazon would refuse %s", type, option,
                     amazon_filter_name(filter));
}

static int check(const struct cli *cli, const char *type)
{
    static const struct {
        const char *option;
        enum amazon_filter filter;
    } filters[] = {{"order-change-types", FILTER_ORDER_CHANGES},
                   {"marketplaces", FILTER_MARKETPLACES},
                   {"aggregation", FILTER_AGGREGATION},
                   {"filter-expression", FILTER_EXPRESSION}};
    const char *expression = cli_value(cli, "filter-expression");
    const struct amazon_type *known = amazon_type_find(type);
    if (known && known->workflow == WORKFLOW_EVENTBRIDGE)
        return cli_usage(cli, "%s comes by EventBridge only, never to an SQS queue", type);
    for (size_t i = 0; i < ELEMENTS(filters); i++) {
        int status = check_filter(cli, type, filters[i].option, filters[i].filter);
        if (status != CLI_DONE)
            return status;
        if (expression && i < ELEMENTS(filters) - 1 && cli_value(cli, filters[i].option))
            return cli_usage(cli, "--filter-expression and --%s do not go together",
                             filters[i].option);
    }
    const char *period = cli_value(cli, "aggregation");
    if (period && !amazon_aggregation(period))
        return cli_usage(cli, "--aggregation %s is neither 5m nor 10m", period);
    if (expression && strlen(expression) > FILTER_EXPRESSION_MAX)
        return cli_usage(cli, "--filter-expression is longer than Amazon's %d characters",
                         FILTER_EXPRESSION_MAX);
    return CLI_DONE;
}

static int create(struct amazon *amazon, const struct cli *cli)
{
    const char *version = cli_value(cli, "payload-version");
    const char *changes = cli_value(cli, "order-change-types");
    const char *marketplaces = cli_value(cli, "marketplaces");
    char **change_list = changes ? text_split_list(changes) : NULL;
    char **marketplace_list = marketplaces ? text_split_list(marketplaces) : NULL;
    amazon->request.name = CREATE_SUBSCRIPTION;
    amazon->request.type = cli->argv[1];
    amazon->request.destination_id = cli->argv[2];
    amazon->request.payload_version = version ? version : amazon_type_version(cli->argv[1]);
    amazon->request.filter = (struct notifications_filter){
        .order_change_types = change_list,
        .marketplaces = marketplace_list,
        .aggregation = amazon_aggregation(cli_value(cli, "aggregation")),
        .expression = cli_value(cli, "filter-expression"),
    };
    amazon->got = amazon_print_subscriptions;
    int status = amazon_ask(amazon);
    text_list_free(change_list);
    text_list_free(marketplace_list);
    return status;
}

int command_subscriptions_create(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc != 3)
        return cli_usage(cli, "subscriptions create needs a seller, a notification type and the id "
                              "of a destination");
    int status = check(cli, cli->argv[1]);
    if (status != CLI_DONE)
        return status;
    status = amazon_open(&amazon, cli, cli->argv[0]);
    if (status == CLI_DONE)
        status = create(&amazon, cli);
    amazon_close(&amazon);
    return status;
}
