/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands.h"
#include "daemon/credential.h"
#include "help.h"
#include "journal/events.h"
#include "options.h"

/* Bytes of one message on stderr. */
#define MESSAGE_MAX 4096

bool cli_has(const struct cli *cli, const char *option)
{
    return cli_value(cli, option) != NULL;
}

const char *cli_value(const struct cli *cli, const char *option)
{
    const struct cli_option *row = cli->command->options;
    for (size_t i = 0; row && row[i].name; i++)
        if (strcmp(row[i].name, option) == 0)
            return cli->values[i];
    abort();
}

__attribute__((format(printf, 1, 0))) static void message(const char *format, va_list arguments)
{
    AUTOTEXT struct text raw = {0}, line = {0};
    text_appendv(&raw, format, arguments);
    text_append_string(&line, "dockbell: ");
    text_append_escaped(&line, raw.data, raw.size, MESSAGE_MAX);
    fprintf(stderr, "%s\n", line.data);
}

void cli_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments);
    va_end(arguments);
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments);
    va_end(arguments);
    const struct command *command = cli ? cli->command : NULL;
    fprintf(stderr, "See: dockbell %s%s--help\n", command ? command->name : "", command ? " " : "");
    return CLI_USAGE;
}

/* Errors for people go to stderr; the daemon's warnings are events. */
static void tell(const struct config_findings *findings, bool daemon)
{
    AUTOTEXT struct text text = {0};
    for (size_t i = 0; i < findings->count; i++) {
        const struct config_finding *finding = &findings->findings[i];
        AUTOFREE char *what = finding->key ? memory_format("%s: %s", finding->key, finding->text)
                                           : memory_string(finding->text);
        if (!finding->warning)
            config_finding_print(&text, finding);
        else if (daemon)
            event_config_warning(finding->file, finding->line, what);
    }
    if (text.size)
        fprintf(stderr, "%sdockbell: the configuration is not valid, nothing was done\n",
                text.data);
}

/* What a command uses and the service does not use yet. */
static void on_difference(const char *name, const char *path)
{
    cli_error("credential:%s is read from %s; the running service still has another one, until: "
              "systemctl restart dockbell",
              name, path);
}

int cli_load_config(const struct cli *cli, struct config **ret)
{
    struct config_findings findings = {0};
    *ret = NULL;
    credential_on_difference(on_difference);
    int r = config_load(ret, cli->config, &findings);
    if (*ret && cli->command->daemon) {
        events_set_level((*ret)->log_level);
        r = config_check_complete(*ret, &findings) < 0 ? -EINVAL : r;
        config_check_files(*ret, &findings);
        r = findings.errors ? -EINVAL : r;
        config_findings_sort(&findings);
    }
    tell(&findings, cli->command->daemon && r == 0);
    config_findings_clear(&findings);
    if (r == 0)
        return CLI_DONE;
    config_free(TAKE(*ret));
    return CLI_CONFIG;
}

/* Whether the store may be elsewhere than the config says now. */
static bool hides_the_store(const struct config_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (!findings->findings[i].warning && findings->findings[i].key &&
            text_starts(findings->findings[i].key, "[daemon] state_d"))
            return true;
    return false;
}

int cli_load_names(const struct cli *cli, struct config **ret)
{
    static bool warned; /* `status --watch` reads the config again and again */
    struct config_findings findings = {0};
    *ret = NULL;
    int r = config_load(ret, cli->config, &findings);
    bool stops = r < 0 && (!*ret || hides_the_store(&findings));
    if (stops)
        tell(&findings, false);
    else if (r < 0 && !warned)
        cli_error("%s has %zu %s: dockbell check. This command goes on, as it needs only the state "
                  "directory (%s) and names",
                  cli->config, findings.errors, findings.errors == 1 ? "error" : "errors",
                  (*ret)->state_directory);
    warned = warned || r < 0;
    config_findings_clear(&findings);
    if (!stops)
        return CLI_DONE;
    config_free(TAKE(*ret));
    return CLI_CONFIG;
}

static int dispatch(const struct cli *cli, enum options_result what)
{
    switch (what) {
    case OPTIONS_RUN:
        return cli->command->run(cli);
    case OPTIONS_HELP:
        if (cli->command)
            help_command(stdout, cli->command);
        else
            help_all(stdout, NULL);
        return CLI_DONE;
    case OPTIONS_GROUP:
        help_all(stdout, cli->group);
        return CLI_DONE;
    case OPTIONS_VERSION:
        puts("dockbell " DOCKBELL_VERSION);
        return CLI_DONE;
    case OPTIONS_WRONG:
        return CLI_USAGE;
    }
    return CLI_USAGE;
}

int cli_main(int argc, char **argv)
{
    struct cli cli;
    enum options_result what = options_parse(&cli, argc, argv);
    int status = dispatch(&cli, what);
    free(cli.argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == CLI_DONE) {
        cli_error("the output could not be written: %s", strerror(errno));
        status = CLI_FAILED;
    }
    return status;
}
