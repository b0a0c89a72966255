/* SPDX-License-Identifier: MIT */
#include "amazon.h"

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
