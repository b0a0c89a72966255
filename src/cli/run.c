/* SPDX-License-Identifier: MIT */
#include "daemon/run.h"

#include "commands.h"

int command_run(const struct cli *cli)
{
    struct config *config = NULL;
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE)
        status = (int)daemon_run(config);
    config_free(config);
    return status;
}
