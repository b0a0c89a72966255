/* SPDX-License-Identifier: MIT */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "commands.h"

enum options_result {
    OPTIONS_RUN,     /* run cli->command */
    OPTIONS_HELP,    /* explain cli->command, or everything where that is NULL */
    OPTIONS_GROUP,   /* only "queue" was said: explain the group */
    OPTIONS_VERSION, /* name the version */
    OPTIONS_WRONG,   /* said on stderr */
};

/* Reads argv into *cli. Options may stand before and after the command and among its arguments, up
 * to
 * "--". cli->argv is allocated and the caller's; its strings are argv's. */
enum options_result options_parse(struct cli *cli, int argc, char **argv);

#endif
