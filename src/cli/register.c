/* SPDX-License-Identifier: MIT */
#include "registering.h"

int command_register(const struct cli *cli)
{
    struct config *config = NULL;
    int status = cli_load_config(cli, &config);
    for (int i = 0; status != CLI_CONFIG && i < cli->argc; i++)
        if (!registering_knows(config, cli->argv[i]))
            status = CLI_USAGE;
    if (status == CLI_DONE)
        status = registering(cli, config,
                             &(struct registering_task){
                                 .task = REGISTRAR_REGISTER,
                                 .only = cli->argc ? (const char *const *)cli->argv : NULL,
                                 .recreate = cli_has(cli, "recreate"),
                                 .dry_run = cli_has(cli, "dry-run"),
                             });
    config_free(config);
    return status;
}
