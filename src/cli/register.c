/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands.h"
#include "daemon/application.h"

/* Foreign text on one line is cut here. */
#define TEXT_MAX 600

/* One run of `dockbell register`. */
struct registering {
    const struct cli *cli;
    sd_event *event;
    unsigned failures, differences;
};

static void print_json(const struct registration *registration)
{
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "seller", registration->seller);
    json_string(&line, "type", registration->type);
    json_string(&line, "result", registration_result_name(registration->result));
    json_string(&line, "id", registration->id);
    json_string(&line, "text", registration->text);
    json_string(&line, "error_class",
                registration->error ? error_kind_name(registration->error->kind) : NULL);
    json_close(&line, '}');
    puts(line.data);
}

/* Lines come one by one, as each thing is known; the columns are as wide as what usually stands
 * there. */
static void print_line(const struct registration *registration)
{
    AUTOTEXT struct text text = {0};
    text_append_escaped(&text, registration->text, strlen(registration->text), TEXT_MAX);
    printf("%-16s %-14s %s%s%s\n", registration->seller,
           registration_result_name(registration->result),
           registration->type ? registration->type : "", registration->type ? ": " : "", text.data);
}

static void report(const struct registration *registration, void *userdata)
{
    const struct registering *run = userdata;
    if (run->cli->output == CLI_JSON)
        print_json(registration);
    else
        print_line(registration);
    if (registration->result == REGISTRATION_FAILED)
        cli_error("seller %s%s%s: %s", registration->seller, registration->type ? ", " : "",
                  registration->type ? registration->type : "", registration->text);
    fflush(stdout);
}

static void finished(unsigned failures, unsigned differences, void *userdata)
{
    struct registering *run = userdata;
    run->failures = failures;
    run->differences = differences;
    sd_event_exit(run->event, 0);
}

static int run_registrar(struct registering *run, const struct config *config, struct http *http,
                         const struct application *application)
{
    struct registrar *registrar = NULL;
    struct registrar_options options = {
        .event = run->event,
        .http = http,
        .lwa = application->lwa,
        .endpoint = config->endpoint,
        .sellers = application->sellers,
        .n_sellers = application->n_sellers,
        .recreate = cli_has(run->cli, "recreate"),
        .dry_run = cli_has(run->cli, "dry-run"),
        .report = report,
        .finished = finished,
        .userdata = run,
    };
    int r = registrar_new(&registrar, &options);
    if (r == 0) {
        registrar_start(registrar);
        r = sd_event_loop(run->event);
    }
    registrar_free(registrar);
    return r;
}

static int register_sellers(struct registering *run, const struct config *config, struct http *http)
{
    const char *const *only = run->cli->argc ? (const char *const *)run->cli->argv : NULL;
    struct application application;
    struct error error;
    if (application_open(&application, config, only, run->event, http, &error)) {
        cli_error("%s", error.text);
        application_close(&application);
        return CLI_CONFIG;
    }
    int r = 0;
    if (application.n_sellers)
        r = run_registrar(run, config, http, &application);
    else
        cli_error("nothing to register: no seller has both refresh_token and subscribe, or "
                  "[application] lacks client_id or client_secret");
    application_close(&application);
    if (r < 0)
        cli_error("the event loop failed: %s", strerror(-r));
    return r < 0 || run->failures || run->differences ? CLI_FAILED : CLI_DONE;
}

static bool knows_sellers(const struct cli *cli, const struct config *config)
{
    bool known = true;
    for (int i = 0; i < cli->argc; i++) {
        bool found = false;
        for (size_t k = 0; k < config->n_sellers; k++)
            found = found || text_equal(config->sellers[k].name, cli->argv[i]);
        if (!found)
            cli_error("no seller is called %s; the config has no section [seller %s]", cli->argv[i],
                      cli->argv[i]);
        known = known && found;
    }
    return known;
}

static int with_loop(const struct cli *cli, const struct config *config)
{
    struct registering run = {.cli = cli};
    AUTOFREE char *agent = memory_format("dockbell/%s", DOCKBELL_VERSION);
    struct http *http = NULL;
    int status = CLI_FAILED;
    int r = sd_event_new(&run.event);
    if (r >= 0)
        r = http_new(&http, run.event, agent);
    if (r >= 0)
        status = register_sellers(&run, config, http);
    else
        cli_error("the event loop cannot be made: %s", strerror(-r));
    http_free(http);
    sd_event_unref(run.event);
    return status;
}

int command_register(const struct cli *cli)
{
    struct config *config = NULL;
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE)
        status = knows_sellers(cli, config) ? with_loop(cli, config) : CLI_USAGE;
    config_free(config);
    return status;
}
