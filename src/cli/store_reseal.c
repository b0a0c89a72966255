/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "commands.h"
#include "config/store_key.h"
#include "operator.h"
#include "queue.h"
#include "store_alone.h"

/* On a terminal only: one line that is written again and again. */
static void show_progress(unsigned percent, void *userdata)
{
    (void)userdata;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\rresealing: %u %% ", percent);
}

static void end_progress(void)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
}

static void report(const struct cli *cli, const char *directory, const char *key,
                   const struct store_resealed *done)
{
    if (cli->output == CLI_TEXT) {
        printf("%s/" STORE_FILE ": %llu values changed, all are %s%s now; %llu MiB before, %llu "
               "MiB now\n",
               directory, (unsigned long long)done->values, key ? "sealed with key " : "plain",
               key ? key : "", (unsigned long long)(done->before >> 20),
               (unsigned long long)(done->after >> 20));
        return;
    }
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "key", key);
    json_number(&line, "values", (int64_t)done->values);
    json_number(&line, "damaged", (int64_t)done->damaged);
    json_number(&line, "bytes_before", (int64_t)done->before);
    json_number(&line, "bytes", (int64_t)done->after);
    json_close(&line, '}');
    queue_put_line(&line);
}

static int refuse(int result, const struct error *error)
{
    const char *remedy =
        result == STORE_KEYLESS ? ". Name it: dockbell store reseal --old-key=credential:NAME" : "";
    cli_error("the store was not resealed: %s%s", error->text, remedy);
    return result == STORE_KEYLESS ? CLI_CONFIG : CLI_FAILED;
}

static int reseal(const struct cli *cli, const char *directory, struct store_keys *keys)
{
    struct error error;
    struct store_resealed done;
    AUTOFREE char *key = keys->closes ? memory_string(seal_key_id(keys->keys[0])) : NULL;
    int r = store_reseal(directory, keys, show_progress, NULL, &done, &error);
    end_progress();
    if (r)
        return refuse(r, &error);
    operator_audit_read("store reseal", key ? key : "plain");
    report(cli, directory, key, &done);
    if (!done.damaged)
        return CLI_DONE;
    cli_error("%llu sealed values are damaged: they do not open, and stay as they are",
              (unsigned long long)done.damaged);
    return CLI_FAILED;
}

static int load_keys(const struct cli *cli, const struct config *config, struct store_keys *ret)
{
    struct error error;
    const char *old = cli_value(cli, "old-key");
    if (store_keys_load(ret, config, &error)) {
        cli_error("%s", error.text);
        return CLI_CONFIG;
    }
    if (!old || store_keys_add(ret, old, &error) == 0)
        return CLI_DONE;
    cli_error("--old-key: %s", error.text);
    return CLI_USAGE;
}

static int with_config(const struct cli *cli, const struct config *config)
{
    struct store_keys keys = {0};
    struct lock lock;
    int status = load_keys(cli, config, &keys);
    if (status == CLI_DONE)
        status = store_alone_begin(config->state_directory, &lock);
    if (status == CLI_DONE) {
        status = reseal(cli, config->state_directory, &keys);
        lock_drop(&lock);
    }
    store_keys_clear(&keys);
    return status;
}

int command_store_reseal(const struct cli *cli)
{
    struct config *config = NULL;
    if (cli->argc)
        return cli_usage(cli, "store reseal takes no arguments");
    int status = cli_load_names(cli, &config);
    if (status == CLI_DONE)
        status = with_config(cli, config);
    config_free(config);
    return status;
}
