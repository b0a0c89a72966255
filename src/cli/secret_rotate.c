/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "commands.h"
#include "config/application.h"
#include "register/secret_rotator.h"

/* One run of `dockbell secret rotate`. */
struct rotating {
    const struct cli *cli;
    const struct config *config;
    sd_event *event;
    struct http *http;
    struct application application;
    struct secret_rotator *rotator;
    int status;
};

static void print_done(const struct cli *cli)
{
    AUTOTEXT struct text out = {0};
    if (cli->output == CLI_TEXT) {
        puts("Amazon makes a new client secret and sends it to the queue that the application is\n"
             "enrolled with; the daemon puts it to use. See: dockbell secret show");
        return;
    }
    json_open(&out, NULL, '{');
    json_bool(&out, "asked", true);
    json_close(&out, '}');
    puts(out.data);
}

static void on_done(const struct error *error, bool asked, void *userdata)
{
    struct rotating *run = userdata;
    (void)asked;
    if (error->kind == ERROR_NONE) {
        print_done(run->cli);
    } else {
        cli_error("%s", error->text);
        run->status = CLI_FAILED;
    }
    sd_event_exit(run->event, 0);
}

static int start(struct rotating *run)
{
    struct error error;
    if (application_open_lwa(&run->application, run->config, run->event, run->http, &error)) {
        cli_error("%s", error.text);
        run->status = CLI_CONFIG;
        return 0;
    }
    struct secret_rotator_options options = {
        .http = run->http,
        .lwa = run->application.lwa,
        .endpoint = application_endpoint(run->config),
        .directory = run->config->state_directory,
        .now_usec = clock_trusted_usec(),
        .done = on_done,
        .userdata = run,
    };
    int r = secret_rotator_new(&run->rotator, &options);
    return r < 0 ? r : sd_event_loop(run->event);
}

static int rotate(const struct cli *cli, const struct config *config)
{
    cli_learn_time(config);
    struct rotating run = {.cli = cli, .config = config, .status = CLI_DONE};
    int r = sd_event_new(&run.event);
    if (r >= 0)
        r = http_new(&run.http, run.event);
    if (r >= 0)
        r = start(&run);
    if (r < 0) {
        cli_error("the event loop failed: %s", strerror(-r));
        run.status = CLI_FAILED;
    }
    secret_rotator_free(run.rotator);
    application_close(&run.application);
    http_free(run.http);
    sd_event_unref(run.event);
    return run.status;
}

int command_secret_rotate(const struct cli *cli)
{
    struct config *config = NULL;
    if (cli->argc)
        return cli_usage(cli, "secret rotate takes no arguments");
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE && (!config->client_id || !config->client_secret.reference)) {
        cli_error("[application] client_id and client_secret are not configured");
        status = CLI_CONFIG;
    } else if (status == CLI_DONE) {
        status = rotate(cli, config);
    }
    config_free(config);
    return status;
}
