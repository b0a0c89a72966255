/* SPDX-License-Identifier: MIT */
#include "amazon.h"

int command_destinations_list(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc)
        return cli_usage(cli, "destinations list takes no arguments");
    int status = amazon_open(&amazon, cli, NULL);
    amazon.request.name = GET_DESTINATIONS;
    amazon.got = amazon_print_destinations;
    if (status == CLI_DONE)
        status = amazon_ask(&amazon);
    amazon_close(&amazon);
    return status;
}
