/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_REGISTERING_H
#define SRC_CLI_REGISTERING_H

#include "commands.h"
#include "register/registrar.h"

/* Shared by register and unregister: one run of the registrar, with a line for each result. */
struct registering_task {
    enum registrar_task task;
    const char *const *only; /* names of sellers, NULL-terminated; NULL: all that register */
    bool recreate, dry_run;
    bool keeps_destination; /* unregister */
};

/* Whether the configuration has the seller. If not, report that. */
bool registering_knows(const struct config *config, const char *seller);

/* Do the task. Return the exit status of the command, which is CLI_FAILED if a result is a failure
 * or a difference. */
int registering(const struct cli *cli, const struct config *config,
                const struct registering_task *task);

#endif
