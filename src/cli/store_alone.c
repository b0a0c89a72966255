/* SPDX-License-Identifier: MIT */
#include "store_alone.h"

#include <string.h>

#include "commands.h"

int store_alone_begin(const char *directory, struct lock *ret)
{
    pid_t other;
    int r = lock_take(directory, ret, &other);
    if (r < 0)
        cli_error("%s: %s", directory, strerror(-r));
    else if (r)
        cli_error(
            "the daemon runs and uses this store; stop it first: sudo systemctl stop dockbell");
    return r ? CLI_FAILED : CLI_DONE;
}
