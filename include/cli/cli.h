/* SPDX-License-Identifier: MIT */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The command line: one table of commands with their options. Help and option parser are made from
 * it; tests compare the man page and the shell completion with it.
 */
struct cli;

/* An option of one command: "--name" or "--name VALUE". */
struct cli_option {
    const char *name;  /* without the dashes; NULL ends the list */
    const char *value; /* the name of the value in the help; NULL: a flag */
    const char *help;
};

/* Options that one command has at most, with the NULL row. */
#define CLI_OPTIONS_MAX 12

struct command {
    const char *name;                  /* "status", or two words: "queue list" */
    const char *arguments;             /* for the usage line, without options; "" for none */
    const char *summary;               /* one line */
    const char *text;                  /* further lines of its help; NULL: none */
    const struct cli_option *options;  /* NULL: none */
    int (*run)(const struct cli *cli); /* returns the exit status */
    bool daemon; /* starts the daemon: needs a complete config; its warnings become events */
};

/* Return all commands in the order of the help, and their number. */
const struct command *cli_commands(size_t *ret_count);

/* Return the options that every command has, before or after its name. */
const struct cli_option *cli_common_options(void);

/* Run the command that argv names. Returns the exit status: 0 done, 1 failed or only partly done, 2
 * wrong usage or unknown name, 78 bad configuration. */
int cli_main(int argc, char **argv);

#endif
