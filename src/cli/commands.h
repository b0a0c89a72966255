/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_COMMANDS_H
#define SRC_CLI_COMMANDS_H

#include <stdbool.h>

#include "cli/cli.h"
#include "config/config.h"

/* Exit statuses, promised in dockbell(1). After CLI_CONFIG systemd does not restart the service. */
enum cli_status { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_CONFIG = 78 };

enum cli_output { CLI_TEXT, CLI_JSON };

/* One call of a command. The command must not free anything in it. */
struct cli {
    const struct command *command;
    const char *group;  /* with OPTIONS_GROUP: "queue " */
    const char *config; /* path of the configuration */
    enum cli_output output;
    const char *values[CLI_OPTIONS_MAX]; /* by the rows of command->options; NULL: not given */
    int argc;                            /* arguments without options and without the name */
    char **argv;
};

/* Return the value of one of the command's own options, NULL if it was not given, "" for a flag. An
 * option that is not in the command's table is a bug, and the program aborts. */
const char *cli_value(const struct cli *cli, const char *option);

/* Whether the option was given. */
bool cli_has(const struct cli *cli, const char *option);

/* Print "dockbell: text" and a line end on stderr. Control characters are escaped. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Report wrong usage, and where the help is. Return CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Read the configuration. All its errors (not its warnings) go to stderr. Return CLI_DONE and the
 * config, which the caller frees (config_free), or CLI_CONFIG. */
int cli_load_config(const struct cli *cli, struct config **ret);

/* Take the difference to Amazon's time (clock_trusted_usec) from the daemon's store. This works if
 * the store can be read and the machine was not restarted since. It is for commands that sign and
 * open no store. */
void cli_learn_time(const struct config *config);

/* Read the configuration for commands that need only the state directory and names.
 * Other errors are reported in one line and do not stop the command, so that an
 * operator can act while the file is broken. */
int cli_load_names(const struct cli *cli, struct config **ret);

/* The commands. Each returns its exit status. */
int command_run(const struct cli *cli);
int command_check(const struct cli *cli);
int command_policy(const struct cli *cli);
int command_register(const struct cli *cli);
int command_unregister(const struct cli *cli);
int command_destinations_list(const struct cli *cli);
int command_destinations_get(const struct cli *cli);
int command_destinations_create(const struct cli *cli);
int command_destinations_delete(const struct cli *cli);
int command_subscriptions_list(const struct cli *cli);
int command_subscriptions_get(const struct cli *cli);
int command_subscriptions_create(const struct cli *cli);
int command_subscriptions_delete(const struct cli *cli);
int command_subscriptions_test(const struct cli *cli);
int command_secret_show(const struct cli *cli);
int command_secret_rotate(const struct cli *cli);
int command_status(const struct cli *cli);
int command_types(const struct cli *cli);
int command_token(const struct cli *cli);
int command_queue_list(const struct cli *cli);
int command_queue_show(const struct cli *cli);
int command_queue_retry(const struct cli *cli);
int command_queue_hold(const struct cli *cli);
int command_queue_release(const struct cli *cli);
int command_queue_drop(const struct cli *cli);
int command_queue_resend(const struct cli *cli);
int command_queue_forget(const struct cli *cli);
int command_queue_log(const struct cli *cli);
int command_queue_shape(const struct cli *cli);
int command_queue_pause(const struct cli *cli);
int command_queue_resume(const struct cli *cli);
int command_backup(const struct cli *cli);
int command_store_clean(const struct cli *cli);
int command_store_reseal(const struct cli *cli);
int command_ping(const struct cli *cli);
int command_alarm_test(const struct cli *cli);
int command_sign(const struct cli *cli);
int command_verify(const struct cli *cli);

#endif
