/* SPDX-License-Identifier: MIT */
#include "amazon.h"

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
