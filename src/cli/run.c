/* SPDX-License-Identifier: MIT */
#include "daemon/run.h"

#include <signal.h>

#include "commands.h"

/* Let a SIGHUP wait until the daemon can reload. Without this, an early one would end
 * the process. */
static void block_reloads(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

int command_run(const struct cli *cli)
{
    struct config *config = NULL;
    block_reloads();
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE)
        status = (int)daemon_run(config);
    return status;
}
