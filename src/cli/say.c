/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "commands.h"

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
