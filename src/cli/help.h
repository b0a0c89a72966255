/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_HELP_H
#define SRC_CLI_HELP_H

#include <stdio.h>

#include "commands.h"

/* Print the list of commands. With a prefix ("queue ") print only those of its group. */
void help_all(FILE *out, const char *prefix);

/* Explain one command: usage, purpose, its options and the common ones. */
void help_command(FILE *out, const struct command *command);

#endif
