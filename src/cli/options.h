/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_OPTIONS_H
#define SRC_CLI_OPTIONS_H

#include "commands.h"

enum options_result {
    OPTIONS_RUN,     /* run cli->command */
    OPTIONS_HELP,    /* explain cli->command, or everything if it is NULL */
    OPTIONS_GROUP,   /* only "queue" was given: explain the group */
    OPTIONS_VERSION, /* name the version */
    OPTIONS_WRONG,   /* reported on stderr */
};

/* Read argv into *cli. Options may be before and after the command and among its arguments, up to
 * "--". cli->argv is allocated and owned by the caller; its strings are those of argv. */
enum options_result options_parse(struct cli *cli, int argc, char **argv);

#endif
