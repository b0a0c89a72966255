/* SPDX-License-Identifier: MIT */
#include "amazon.h"
#include "spapi/notification_types.h"

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
