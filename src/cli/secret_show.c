/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands.h"
#include "config/application.h"
#include "queue.h"
#include "register/secret_rotator.h"

/* The known facts about the client secret. None of them is secret. */
struct showing {
    const struct config *config;
    const struct application_secrets *secrets;
    char *used;            /* as the daemon noted it; NULL: not known */
    uint64_t expires_usec; /* of the newest one; 0: not known */
    uint64_t asked_usec;   /* time of the last request to Amazon for a new one */
    uint64_t now_usec;
};

static void print_json(const struct showing *s)
{
    const struct secret_file *file = &s->secrets->file;
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "client_id", s->config->client_id);
    json_string(&out, "first", application_source_name(s->secrets->sources[0]));
    json_string(&out, "in_use", s->used);
    json_string(&out, "locked", s->secrets->locked);
    json_time(&out, "expires", s->expires_usec);
    json_time(&out, "received", file->received_usec);
    json_time(&out, "issued", file->issued_usec);
    json_time(&out, "old_expires", file->old_expires_usec);
    json_time(&out, "rotation_asked", s->asked_usec);
    json_close(&out, '}');
    puts(out.data);
}

static void print_time(const char *what, uint64_t usec, uint64_t now_usec)
{
    char text[CLOCK_TEXT_MAX], span[TEXT_SPAN_MAX];
    if (!usec)
        return;
    clock_rfc3339(text, usec);
    text_span(span, usec > now_usec ? usec - now_usec : now_usec - usec);
    printf("%-16s %s (%s%s%s)\n", what, text, usec > now_usec ? "in " : "", span,
           usec > now_usec ? "" : " ago");
}

static void print_text(const struct showing *s)
{
    const struct secret_file *file = &s->secrets->file;
    bool sent = s->secrets->sources[0] == APPLICATION_SECRET_FILE;
    printf("%-16s %s\n", "Application:", s->config->client_id);
    if (sent)
        printf("%-16s the one that Amazon sent, in %s/" SECRET_FILE_NAME "\n",
               "Client secret:", s->config->state_directory);
    else
        printf("%-16s the configured one, %s:%u\n",
               "Client secret:", s->config->client_secret.place.file,
               s->config->client_secret.place.line);
    if (s->used && !text_equal(s->used, application_source_name(s->secrets->sources[0])))
        printf("%-16s Amazon refused that one; it took %s\n", "In use:",
               text_equal(s->used, "old") ? "the one that was replaced" : "the configured one");
    if (s->secrets->locked)
        printf("%-16s %s\n", "Not used:", s->secrets->locked);
    print_time("Issued:", file->issued_usec, s->now_usec);
    print_time("Received:", file->received_usec, s->now_usec);
    print_time("Expires:", s->expires_usec, s->now_usec);
    print_time("Old one until:", file->old_expires_usec, s->now_usec);
    print_time("Asked for a new:", s->asked_usec, s->now_usec);
}

static uint64_t read_time(const char *text)
{
    uint64_t usec = 0;
    return text && clock_parse_rfc3339(text, strlen(text), &usec) == 0 ? usec : 0;
}

/* Read the daemon's facts: the end that Amazon has announced, and the last secret that
 * LWA accepted. */
static void recall_facts(struct showing *s, struct store *store)
{
    char *expires = NULL;
    store_get_fact(store, "application", "", "secret", &s->used);
    store_get_fact(store, "application", "", "secret_expires", &expires);
    if (!s->expires_usec)
        s->expires_usec = read_time(expires);
    free(expires);
}

static void recall(struct showing *s, struct store *store)
{
    if (!store || store_begin(store))
        return;
    recall_facts(s, store);
    store_rollback(store);
}

static int show(const struct cli *cli, const struct queue *at)
{
    struct application_secrets secrets;
    struct error error;
    struct showing s = {
        .config = at->config, .secrets = &secrets, .now_usec = clock_trusted_usec()};
    int r = application_secrets_load(&secrets, at->config, &error);
    if (r) {
        cli_error("%s", error.text);
    } else {
        s.expires_usec = secrets.file.expires_usec;
        s.asked_usec = secret_rotator_last(at->config->state_directory);
        recall(&s, at->store);
        if (cli->output == CLI_JSON)
            print_json(&s);
        else
            print_text(&s);
    }
    free(s.used);
    application_secrets_clear(&secrets);
    return r ? CLI_FAILED : CLI_DONE;
}

int command_secret_show(const struct cli *cli)
{
    struct queue at;
    if (cli->argc)
        return cli_usage(cli, "secret show takes no arguments");
    int status = queue_open(cli, STORE_READER, &at);
    if (status == CLI_DONE && (!at.config->client_id || !at.config->client_secret.reference)) {
        cli_error("[application] client_id and client_secret are not configured");
        status = CLI_CONFIG;
    } else if (status == CLI_DONE) {
        status = show(cli, &at);
    }
    queue_close(&at);
    return status;
}
