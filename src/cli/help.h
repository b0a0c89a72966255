/* SPDX-License-Identifier: MIT */
#ifndef HELP_H
#define HELP_H

#include <stdio.h>

#include "commands.h"

/* The list of commands; with a prefix ("queue ") only those of its group. */
void help_all(FILE *out, const char *prefix);

/* One command: usage, what it does, its options and the common ones. */
void help_command(FILE *out, const struct command *command);

#endif
