/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "help.h"
#include "options.h"

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
