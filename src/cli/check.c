/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "check_online.h"
#include "check_schedule.h"
#include "commands.h"
#include "daemon/config_alarm.h"
#include "daemon/seller_token.h"
#include "store/backup.h"
#include "webhook/extra.h"
#include "webhook/sign.h"

struct checking {
    const struct cli *cli;
    struct config *config; /* NULL: it could not be read */
    struct config_findings findings;
    size_t store_errors;   /* of the findings' errors, those about the store */
    struct online *online; /* NULL: not asked for, or the config has errors */
};

/* Adds an error; line 0 and key NULL: about the file itself. */
static void add_error(struct checking *checking, struct config_place place, const char *key,
                      const char *text)
{
    struct config_findings *findings = &checking->findings;
    findings->findings =
        memory_resize(findings->findings, findings->count + 1, sizeof(*findings->findings));
    findings->findings[findings->count++] = (struct config_finding){
        .file = memory_string(place.file),
        .line = place.line,
        .key = memory_string(key),
        .text = memory_string(text),
    };
    findings->errors++;
}

/* Adds an error about a secret. Its text begins with the place, which the finding has already. */
static void complain(struct checking *checking, const struct config_secret *secret, const char *key,
                     const char *text)
{
    AUTOFREE char *place = memory_format("%s:%u: ", secret->place.file, secret->place.line);
    add_error(checking, secret->place, key, text_starts(text, place) ? text + strlen(place) : text);
}

/* What a secret must be fit for, beside being readable. 0, or -EIO with the reason in *error. */
typedef int (*prove_fn)(const struct secret *value, struct error *error);

static int prove_signing(const struct secret *value, struct error *error)
{
    struct webhook_keys keys = {0};
    int r = webhook_keys_parse(&keys, value, error);
    webhook_keys_clear(&keys);
    return r;
}

/* prove may be NULL. */
static void check_secret(struct checking *checking, const struct config_secret *secret,
                         const char *key, prove_fn prove)
{
    struct secret value = {0};
    struct error error = {0};
    if (!secret->reference)
        return;
    int r = config_secret_resolve(&value, secret, &error);
    if (r == 0 && prove)
        r = prove(&value, &error);
    if (r)
        complain(checking, secret, key, error.text);
    secret_clear(&value);
}

static void check_headers(struct checking *checking, const struct config_webhook *webhook)
{
    for (size_t i = 0; i < webhook->headers.count; i++) {
        const struct config_header *header = &webhook->headers.items[i];
        AUTOFREE char *key = memory_format("[webhook %s] headers: %s", webhook->name, header->name);
        check_secret(checking, &header->value, key, webhook_extra_check_value);
    }
}

static void check_secrets(struct checking *checking)
{
    const struct config *config = checking->config;
    check_secret(checking, &config->client_secret, "[application] client_secret", NULL);
    check_secret(checking, &config->admin_token_key, "[admin] token_key", seller_token_check_key);
    check_secret(checking, &config->secret_access_key, "[aws] secret_access_key", NULL);
    check_secret(checking, &config->session_token, "[aws] session_token", NULL);
    check_secret(checking, &config->alarm_secret, "[alarm] secret", prove_signing);
    check_secret(checking, &config->alarm_url, "[alarm] url", config_check_alarm_url);
    for (size_t i = 0; i < config->n_sellers; i++) {
        AUTOFREE char *key = memory_format("[seller %s] refresh_token", config->sellers[i].name);
        check_secret(checking, &config->sellers[i].refresh_token, key, NULL);
    }
    for (size_t i = 0; i < config->n_webhooks; i++) {
        AUTOFREE char *key = memory_format("[webhook %s] secret", config->webhooks[i].name);
        AUTOFREE char *oauth =
            memory_format("[webhook %s] oauth_client_secret", config->webhooks[i].name);
        check_secret(checking, &config->webhooks[i].secret, key, prove_signing);
        check_secret(checking, &config->webhooks[i].password, key, NULL);
        check_secret(checking, &config->webhooks[i].bearer, key, NULL);
        check_secret(checking, &config->webhooks[i].hmac_secret, key, NULL);
        check_headers(checking, &config->webhooks[i]);
        check_secret(checking, &config->webhooks[i].oauth_client_secret, oauth, NULL);
    }
}

static void add_problem(const char *text, void *userdata)
{
    struct checking *checking = userdata;
    AUTOFREE char *file = memory_format("%s/" STORE_FILE, checking->config->state_directory);
    add_error(checking, (struct config_place){file, 0}, NULL, text);
    checking->store_errors++;
}

/* Reads the whole store. That there is none yet is no error. */
static void check_store(struct checking *checking)
{
    struct store *store = NULL;
    struct error error = {0};
    int r = store_open(&store, checking->config->state_directory, STORE_READER, &error);
    if (r && r != STORE_MISSING)
        add_problem(error.text, checking);
    if (r == 0 && store_check(store, add_problem, checking))
        add_problem(store_why(store), checking);
    store_free(store);
}

static void print_text(const struct checking *checking)
{
    AUTOTEXT struct text out = {0};
    const struct config *config = checking->config;
    for (size_t i = 0; i < checking->findings.count; i++)
        config_finding_print(&out, &checking->findings.findings[i]);
    if (out.size)
        fputs(out.data, stderr);
    if (checking->findings.errors || !config)
        fprintf(stderr, "%s: %zu %s\n", checking->cli->config, checking->findings.errors,
                checking->findings.errors == 1 ? "error" : "errors");
    else
        printf("%s: ok (%zu %s, %zu %s, %zu %s)\n", checking->cli->config, config->n_queues,
               config->n_queues == 1 ? "queue" : "queues", config->n_sellers,
               config->n_sellers == 1 ? "seller" : "sellers", config->n_webhooks,
               config->n_webhooks == 1 ? "webhook" : "webhooks");
    online_print(checking->online);
}

static void put_findings(struct text *out, const struct config_findings *findings)
{
    json_open(out, "findings", '[');
    for (size_t i = 0; i < findings->count; i++) {
        const struct config_finding *finding = &findings->findings[i];
        json_open(out, NULL, '{');
        json_string(out, "level", finding->warning ? "warning" : "error");
        json_string(out, "file", finding->file);
        if (finding->line)
            json_number(out, "line", finding->line);
        else
            json_null(out, "line");
        json_string(out, "key", finding->key);
        json_string(out, "text", finding->text);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void print_json(const struct checking *checking)
{
    AUTOTEXT struct text out = {0};
    const struct config *config = checking->config;
    json_open(&out, NULL, '{');
    json_bool(&out, "ok", checking->findings.errors == 0 && online_is_good(checking->online));
    json_string(&out, "config", checking->cli->config);
    json_open(&out, "files", '[');
    for (char **file = config ? config->files : NULL; file && *file; file++)
        json_string(&out, NULL, *file);
    json_close(&out, ']');
    json_number(&out, "queues", config ? (int64_t)config->n_queues : 0);
    json_number(&out, "sellers", config ? (int64_t)config->n_sellers : 0);
    json_number(&out, "webhooks", config ? (int64_t)config->n_webhooks : 0);
    json_number(&out, "errors", (int64_t)checking->findings.errors);
    put_findings(&out, &checking->findings);
    online_put(&out, checking->online);
    json_close(&out, '}');
    puts(out.data);
}

int command_check(const struct cli *cli)
{
    struct checking checking = {.cli = cli};
    bool sound = false;
    if (cli->argc)
        return cli_usage(cli, "check takes no arguments; the file is given by --config");
    (void)config_load(&checking.config, cli->config, &checking.findings);
    if (checking.config) {
        (void)config_check_complete(checking.config, &checking.findings);
        config_check_files(checking.config, &checking.findings);
        config_check_certificates(checking.config, &checking.findings);
        sound = checking.findings.errors == 0;
        check_secrets(&checking);
        config_findings_sort(&checking.findings);
        if (cli_has(cli, "store"))
            check_store(&checking);
    }
    /* A secret that cannot be read must not hide what is wrong elsewhere. */
    if (cli_has(cli, "online") && sound)
        checking.online = online_look(checking.config);
    if (cli->output == CLI_JSON)
        print_json(&checking);
    else
        print_text(&checking);
    if (cli_has(cli, "schedule") && sound)
        (cli->output == CLI_JSON ? schedule_print_json : schedule_print)(checking.config);
    int status = checking.findings.errors > checking.store_errors            ? CLI_CONFIG
                 : checking.store_errors || !online_is_good(checking.online) ? CLI_FAILED
                                                                             : CLI_DONE;
    online_free(checking.online);
    config_findings_clear(&checking.findings);
    config_free(checking.config);
    return status;
}
