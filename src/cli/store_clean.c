/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/json.h"
#include "commands.h"
#include "queue.h"
#include "store/backup.h"
#include "store_alone.h"

static void report(const struct cli *cli, const char *directory, uint64_t before, uint64_t after)
{
    if (cli->output == CLI_TEXT) {
        printf("%s/" STORE_FILE ": cleaned, %llu MiB before, %llu MiB now\n", directory,
               (unsigned long long)(before >> 20), (unsigned long long)(after >> 20));
        return;
    }
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_number(&line, "bytes_before", (int64_t)before);
    json_number(&line, "bytes", (int64_t)after);
    json_close(&line, '}');
    queue_put_line(&line);
}

static int clean(const struct cli *cli, const char *directory)
{
    struct error error;
    uint64_t before, after;
    if (store_clean(directory, &before, &after, &error)) {
        cli_error("the store was not cleaned: %s", error.text);
        return CLI_FAILED;
    }
    report(cli, directory, before, after);
    return CLI_DONE;
}

static int clean_alone(const struct cli *cli, const char *directory)
{
    struct lock lock;
    int status = store_alone_begin(directory, &lock);
    if (status != CLI_DONE)
        return status;
    status = clean(cli, directory);
    lock_drop(&lock);
    return status;
}

int command_store_clean(const struct cli *cli)
{
    struct config *config = NULL;
    int status = cli_load_names(cli, &config);
    if (status == CLI_DONE)
        status = clean_alone(cli, config->state_directory);
    config_free(config);
    return status;
}
