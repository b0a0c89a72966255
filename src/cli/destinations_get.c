/* SPDX-License-Identifier: MIT */
#include "amazon.h"

int command_destinations_get(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc != 1)
        return cli_usage(cli, "destinations get needs the id of a destination");
    int status = amazon_open(&amazon, cli, NULL);
    amazon.request.name = GET_DESTINATION;
    amazon.request.destination_id = cli->argv[0];
    amazon.got = amazon_print_destinations;
    if (status == CLI_DONE)
        status = amazon_ask(&amazon);
    if (status == CLI_DONE && amazon.count == 0) {
        cli_error("there is no destination %s in this region", cli->argv[0]);
        status = CLI_FAILED;
    }
    amazon_close(&amazon);
    return status;
}
