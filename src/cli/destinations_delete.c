/* SPDX-License-Identifier: MIT */
#include "amazon.h"

int command_destinations_delete(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc != 1)
        return cli_usage(cli, "destinations delete needs the id of a destination");
    int status = amazon_open(&amazon, cli, NULL);
    amazon.request.name = DELETE_DESTINATION;
    amazon.request.destination_id = cli->argv[0];
    if (status == CLI_DONE)
        status = amazon_ask(&amazon);
    if (status == CLI_DONE)
        amazon_print_done(&amazon, "deleted", cli->argv[0]);
    amazon_close(&amazon);
    return status;
}
