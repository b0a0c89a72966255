/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Width of the names in a list. */
#define NAME_WIDTH 22

static void list_options(FILE *out, const struct cli_option *options)
{
    for (; options && options->name; options++) {
        AUTOFREE char *name = memory_format("--%s%s%s", options->name, options->value ? " " : "",
                                            options->value ? options->value : "");
        fprintf(out, "  %-*s %s\n", NAME_WIDTH, name, options->help);
    }
}

void help_all(FILE *out, const char *prefix)
{
    size_t count;
    const struct command *commands = cli_commands(&count);
    fprintf(out, "Usage: dockbell [OPTION...] %sCOMMAND [ARGUMENT...]\n\n", prefix ? prefix : "");
    if (!prefix)
        fputs("Rings a warehouse system's webhook for every Amazon order notification that an\n"
              "SQS queue brings.\n\n",
              out);
    fputs("Commands:\n", out);
    for (size_t i = 0; i < count; i++)
        if (!prefix || text_starts(commands[i].name, prefix))
            fprintf(out, "  %-*s %s\n", NAME_WIDTH, commands[i].name, commands[i].summary);
    fputs("\nOptions of every command:\n", out);
    list_options(out, cli_common_options());
    fputs("\ndockbell COMMAND --help explains one command. See also dockbell(1) and\n"
          "dockbell.conf(5).\n",
          out);
}

void help_command(FILE *out, const struct command *command)
{
    fprintf(out, "Usage: dockbell %s%s%s%s\n\n%c%s.\n", command->name,
            command->options ? " [OPTION...]" : "", command->arguments[0] ? " " : "",
            command->arguments, toupper((unsigned char)command->summary[0]), command->summary + 1);
    if (command->text)
        fprintf(out, "\n%s\n", command->text);
    if (command->options) {
        fputs("\nOptions:\n", out);
        list_options(out, command->options);
    }
    fputs("\nOptions of every command:\n", out);
    list_options(out, cli_common_options());
}
