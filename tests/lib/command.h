/* SPDX-License-Identifier: MIT */
#ifndef COMMAND_H
#define COMMAND_H

/* What a command line came to. */
struct command_result {
    int status;
    char *out, *err;
};

/* Runs "dockbell WORDS... --config=FILE" in this process, with `input` on stdin (NULL: nothing
 * there). The words are split at blanks. The result is ended with command_clear. */
struct command_result command_run_words(const char *config, const char *words, const char *input);
void command_clear(struct command_result *result);

#endif
