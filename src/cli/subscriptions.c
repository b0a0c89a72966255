/* SPDX-License-Identifier: MIT */
/* dockbell subscriptions: the notifications that Amazon sends to the destinations. */
#include <string.h>

#include "amazon.h"
#include "base/memory.h"
#include "base/text.h"
#include "spapi/notification_types.h"

/* ---- list ---- */

/* Use the older operation, which finds only one subscription of a type. Amazon refuses the newer
 * one to applications that do not have it. */
static int ask_singly(struct amazon *amazon)
{
    amazon->request.name = GET_SUBSCRIPTION;
    return amazon_ask(amazon);
}

static int list_type(struct amazon *amazon, const char *type)
{
    AUTOFREE char *page = NULL;
    int status;
    amazon->request.name = GET_SUBSCRIPTIONS;
    amazon->request.type = type;
    do {
        amazon->request.page_token = page;
        status = amazon_try(amazon);
        free(page);
        page = TAKE(amazon->next_token);
    } while (status == CLI_DONE && page && page[0]);
    amazon->request.page_token = NULL;
    if (status == CLI_DONE)
        return CLI_DONE;
    if (amazon->error.status == 400 || amazon->error.status == 403)
        return ask_singly(amazon);
    cli_error("%s", amazon->error.text);
    return status;
}

/* Return the configured types of the seller's subscriptions. NULL if there are none. */
static char *const *configured_types(const struct amazon *amazon)
{
    const struct config_seller *seller = config_find_seller(amazon->config, amazon->request.seller);
    return seller ? seller->subscribe : NULL;
}

static int list(struct amazon *amazon, char *const *types)
{
    int status = CLI_DONE;
    if (!types || !types[0]) {
        cli_error("[seller %s] has no subscribe; name the notification types to look for",
                  amazon->request.seller);
        return CLI_USAGE;
    }
    amazon->request.payload_version = cli_value(amazon->cli, "payload-version");
    amazon->got = amazon_print_subscriptions;
    for (; *types; types++) {
        int one = list_type(amazon, *types);
        status = one == CLI_DONE ? status : one;
    }
    return status;
}

int command_subscriptions_list(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc == 0)
        return cli_usage(cli, "subscriptions list needs the name of a seller");
    int status = amazon_open(&amazon, cli, cli->argv[0]);
    if (status == CLI_DONE)
        status = list(&amazon, cli->argc > 1 ? &cli->argv[1] : configured_types(&amazon));
    amazon_close(&amazon);
    return status;
}

/* ---- get ---- */

static int get(struct amazon *amazon, const struct cli *cli)
{
    amazon->request.name = cli->argc == 3 ? GET_SUBSCRIPTION_BY_ID : GET_SUBSCRIPTION;
    amazon->request.type = cli->argv[1];
    amazon->request.subscription_id = cli->argv[2]; /* NULL ends argv */
    amazon->request.payload_version = cli_value(cli, "payload-version");
    amazon->got = amazon_print_subscriptions;
    int status = amazon_ask(amazon);
    if (status != CLI_DONE || amazon->count)
        return status;
    cli_error("seller %s has no subscription to %s", cli->argv[0], cli->argv[1]);
    return CLI_FAILED;
}

int command_subscriptions_get(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc < 2 || cli->argc > 3)
        return cli_usage(cli, "subscriptions get needs a seller and a notification type");
    int status = amazon_open(&amazon, cli, cli->argv[0]);
    if (status == CLI_DONE)
        status = get(&amazon, cli);
    amazon_close(&amazon);
    return status;
}

/* ---- create ---- */

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

/* ---- delete ---- */

int command_subscriptions_delete(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc != 3)
        return cli_usage(cli, "subscriptions delete needs a seller, a notification type and the id "
                              "of a subscription");
    int status = amazon_open(&amazon, cli, cli->argv[0]);
    amazon.request.name = DELETE_SUBSCRIPTION_BY_ID;
    amazon.request.type = cli->argv[1];
    amazon.request.subscription_id = cli->argv[2];
    if (status == CLI_DONE)
        status = amazon_ask(&amazon);
    if (status == CLI_DONE)
        amazon_print_done(&amazon, "deleted", cli->argv[2]);
    amazon_close(&amazon);
    return status;
}

/* ---- test ---- */

int command_subscriptions_test(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc != 3)
        return cli_usage(cli, "subscriptions test needs a seller, a notification type and the id "
                              "of a destination");
    const char *version = cli_value(cli, "payload-version");
    int status = amazon_open(&amazon, cli, cli->argv[0]);
    amazon.request.name = SEND_TEST_NOTIFICATION;
    amazon.request.type = cli->argv[1];
    amazon.request.destination_id = cli->argv[2];
    amazon.request.payload_version = version ? version : amazon_type_version(cli->argv[1]);
    amazon.request.scenario = cli_value(cli, "scenario");
    if (status == CLI_DONE)
        status = amazon_ask(&amazon);
    if (status == CLI_DONE)
        amazon_print_done(&amazon, "gets a test notification", cli->argv[2]);
    amazon_close(&amazon);
    return status;
}
