/* SPDX-License-Identifier: MIT */
#ifndef CLI_REGISTERING_H
#define CLI_REGISTERING_H

#include "commands.h"
#include "relay/registrar.h"

/* What register and unregister share: one run of the registrar, told line by line. */
struct registering_task {
    enum registrar_task task;
    const char *const *only; /* names of sellers, NULL-terminated; NULL: all that register */
    bool recreate, dry_run;
    bool keeps_destination; /* unregister */
};

/* Whether the configuration has the seller; else says that it has not. */
bool registering_knows(const struct config *config, const char *seller);

/* Does it. The exit status of the command: CLI_FAILED when something failed or differs. */
int registering(const struct cli *cli, const struct config *config,
                const struct registering_task *task);

#endif
