/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/application.h"
#include "prose.h"
#include "registering.h"
#include "registering_store.h"

/* Limit for a text from outside that is printed on one line. */
#define TEXT_MAX 600
/* Indent of its further lines on a terminal. */
#define INDENT 4

/* Minimum number of sellers for which the progress is shown on a terminal. */
#define PROGRESS_MIN 5

struct run {
    const struct cli *cli;
    const struct registering_task *task;
    sd_event *event;
    unsigned failures, differences;
    bool progress; /* a line of progress is on the terminal */
    struct registering_store subscriptions;
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

/* Print a line as soon as its result is known. The columns have the usual width of their texts. */
static void print_line(const struct registration *registration)
{
    AUTOTEXT struct text text = {0};
    text_append_escaped(&text, registration->text, strlen(registration->text), TEXT_MAX);
    prose_putf(INDENT, "%-16s %-14s %s%s%s", registration->seller,
               registration_result_name(registration->result),
               registration->type ? registration->type : "", registration->type ? ": " : "",
               text.data);
}

/* Show the progress on a line of its own, which the next line replaces. */
static void on_progress(size_t done, size_t all, void *userdata)
{
    struct run *run = userdata;
    if (!isatty(STDERR_FILENO) || all < PROGRESS_MIN)
        return;
    fprintf(stderr, "\r\033[K%zu of %zu sellers", done, all);
    run->progress = true;
}

static void clear_progress(struct run *run)
{
    if (run->progress)
        fputs("\r\033[K", stderr);
    run->progress = false;
}

static void report(const struct registration *registration, void *userdata)
{
    struct run *run = userdata;
    clear_progress(run);
    if (run->cli->output == CLI_JSON)
        print_json(registration);
    else
        print_line(registration);
    if (registration->result == REGISTRATION_FAILED)
        cli_error("seller %s%s%s: %s", registration->seller, registration->type ? ", " : "",
                  registration->type ? registration->type : "", registration->text);
    fflush(stdout);
}

static void on_subscription(const char *seller, const char *type, const char *id,
                            enum subscription_event event, void *userdata)
{
    struct run *run = userdata;
    if (!run->task->dry_run)
        registering_store_add(&run->subscriptions, seller, type, id, event);
}

static void finished(unsigned failures, unsigned differences, void *userdata)
{
    struct run *run = userdata;
    run->failures = failures;
    run->differences = differences;
    sd_event_exit(run->event, 0);
}

static int run_registrar(struct run *run, const struct config *config, struct http *http,
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
        .task = run->task->task,
        .recreate = run->task->recreate,
        .dry_run = run->task->dry_run,
        .report = report,
        .subscription = on_subscription,
        .progress = on_progress,
        .finished = finished,
        .userdata = run,
    };
    int r = registrar_new(&registrar, &options);
    if (r == 0) {
        registrar_start(registrar);
        r = sd_event_loop(run->event);
    }
    registrar_free(registrar);
    registering_store_end(&run->subscriptions, config->state_directory);
    clear_progress(run);
    return r;
}

static int register_sellers(struct run *run, const struct config *config, struct http *http)
{
    struct application application;
    struct error error;
    if (application_open(&application, config, run->task->only, run->event, http, &error)) {
        cli_error("%s", error.text);
        application_close(&application);
        return CLI_CONFIG;
    }
    for (size_t i = 0; i < application.n_sellers; i++)
        application.sellers[i].keeps_destination = run->task->keeps_destination;
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

bool registering_knows(const struct config *config, const char *seller)
{
    if (config_find_seller(config, seller))
        return true;
    cli_error("no seller is called %s; the config has no section [seller %s]", seller, seller);
    return false;
}

int registering(const struct cli *cli, const struct config *config,
                const struct registering_task *task)
{
    struct run run = {.cli = cli, .task = task};
    struct http *http = NULL;
    int status = CLI_FAILED;
    int r = sd_event_new(&run.event);
    if (r >= 0)
        r = http_new(&http, run.event);
    if (r >= 0)
        status = register_sellers(&run, config, http);
    else
        cli_error("the event loop cannot be made: %s", strerror(-r));
    http_free(http);
    sd_event_unref(run.event);
    return status;
}
