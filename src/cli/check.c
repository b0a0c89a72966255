/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "check_aws.h"
#include "check_effective.h"
#include "check_online.h"
#include "check_schedule.h"
#include "commands.h"
#include "config/alarm.h"
#include "config/credential.h"
#include "config/seller_token.h"
#include "config/service.h"
#include "config/store_key.h"
#include "store/backup.h"
#include "webhook/extra.h"
#include "webhook/sign.h"

struct checking {
    const struct cli *cli;
    struct config *config; /* NULL: it could not be read */
    struct config_findings findings;
    size_t store_errors; /* number of the errors in the findings that concern the store */
    const char *store;   /* with --store: whole, damaged or absent */
    struct text keys;    /* the ids of the keys that its values are sealed with, with commas */
    struct check_aws aws;
    struct online *online; /* NULL: not asked for, or the config has errors */
};

/* Check that a secret can be used to sign. Return 0, or -EIO with the reason in *error. */
static int prove_signing(const struct secret *value, struct error *error)
{
    struct webhook_keys keys = {0};
    int r = webhook_keys_parse(&keys, value, error);
    webhook_keys_clear(&keys);
    return r;
}

static const struct {
    const char *key;
    int (*prove)(const struct secret *value, struct error *error);
} proofs[] = {
    {"secret", prove_signing},
    {"token_key", seller_token_check_key},
    {"headers", webhook_extra_check_value},
    {"encrypt_bodies", store_keys_check},
};

static void check_secret(const struct config_secret *secret, const char *key, void *userdata)
{
    struct checking *checking = userdata;
    CLEANUP(secret_clear) struct secret value = {0};
    struct error error = {0};
    if (text_starts(secret->reference, "credential:") && credentials_out_of_reach())
        return;
    int r = config_secret_fetch(&value, secret, &error);
    for (size_t i = 0; r == 0 && i < ELEMENTS(proofs); i++)
        if (strcmp(proofs[i].key, key) == 0)
            r = proofs[i].prove(&value, &error);
    if (r == 0 && strcmp(key, "url") == 0)
        r = config_check_alarm_url(checking->config, &value, &error);
    if (r)
        findings_add(&checking->findings, false, &secret->place, secret->label, error.text);
    else if (strcmp(key, "refresh_token") == 0 && text_starts(value.data, "Atza|"))
        findings_add(
            &checking->findings, true, &secret->place, secret->label,
            "this is an access token (Atza|), which is good for an hour: the refresh token "
            "(Atzr|) is needed");
}

/* ---- credentials of the service ---- */

struct comparing {
    struct checking *checking;
    const struct service *service;
};

static void compare_one(const struct config_secret *secret, const char *reference, void *userdata)
{
    const struct comparing *comparing = userdata;
    const char *name = reference + strlen("credential:");
    if (!text_starts(reference, "credential:"))
        return;
    struct config_findings *findings = &comparing->checking->findings;
    AUTOFREE char *source = credential_source(name), *changed = NULL, *text = NULL;
    if (source && !service_loads(comparing->service, name, source)) {
        text = memory_format("the service does not get credential:%s, because dockbell.service has "
                             "no LoadCredential= for %s: move the file to " CREDENTIAL_DIRECTORY
                             "%s/%s",
                             name, source, strstr(source, ".encrypted/") ? ".encrypted" : "", name);
        findings_add(findings, false, &secret->place, secret->label, text);
    } else if (credential_differs(name, &changed)) {
        text = memory_format("%s differs from the copy of the running service, which takes the "
                             "new one at its next start: systemctl restart dockbell",
                             changed);
        findings_add(findings, true, &secret->place, secret->label, text);
    }
}

static void compare_credential(const struct config_secret *secret, const char *key, void *userdata)
{
    (void)key;
    config_secret_each_reference(secret, compare_one, userdata);
}

static void add_broken(const char *path, const char *why, void *userdata)
{
    struct checking *checking = userdata;
    AUTOFREE char *text = memory_format("the service cannot start with this file: %s", why);
    findings_add(&checking->findings, false, &(struct config_place){path, 0}, NULL, text);
}

/* Check the config as the service uses it. Only root can do that. */
static void check_service(struct checking *checking)
{
    struct service service;
    struct comparing comparing = {checking, &service};
    if (strcmp(checking->cli->config, CONFIG_DEFAULT_PATH) != 0 || service_ask(&service) < 0)
        return;
    config_each_secret(checking->config, compare_credential, &comparing);
    credential_each_broken(add_broken, checking);
    if (service.user[0])
        config_check_reach(checking->config, service.user, &checking->findings);
    service_clear(&service);
}

/* Add SQLite's faults to the findings. Each one is a line below a heading. Some texts
 * begin with the path. */
static void add_problem(const char *text, void *userdata)
{
    struct checking *checking = userdata;
    AUTOFREE char *file = memory_format("%s/" STORE_FILE, checking->config->state_directory);
    AUTOFREE char *prefix = memory_format("%s: ", file);
    AUTOFREE char *lines = memory_format("%s", text);
    char *rest = NULL;
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (text_starts(line, "*** "))
            continue;
        if (text_starts(line, prefix))
            line += strlen(prefix);
        findings_add(&checking->findings, false, &(struct config_place){file, 0}, NULL, line);
        checking->store_errors++;
    }
}

/* Return the state of the store in one word. NULL if it cannot be opened. */
static const char *name_store(const struct checking *checking, int opened)
{
    switch (opened) {
    case 0:
        return checking->store_errors ? "damaged" : "whole";
    case STORE_MISSING:
        return "absent";
    case STORE_OLDER:
        return "older";
    case STORE_CORRUPT:
        return "damaged";
    default:
        return NULL;
    }
}

static void look_at_key(const char *id, bool at_hand, void *userdata)
{
    struct checking *checking = userdata;
    text_appendf(&checking->keys, "%s%s", checking->keys.size ? ", " : "", id);
    AUTOFREE char *file = memory_format("%s/" STORE_FILE, checking->config->state_directory);
    AUTOFREE char *text = memory_format("bodies are sealed with key %s, which is not at hand: they "
                                        "were not verified",
                                        id);
    if (!at_hand)
        findings_add(&checking->findings, true, &(struct config_place){file, 0}, NULL, text);
}

/* Whether each sealed value opens whose key the config gives. A key that cannot be read is a
 * finding already. */
static int check_seals(struct checking *checking, struct store *store)
{
    struct store_keys keys;
    struct error error;
    int r = 0;
    if (store_keys_load(&keys, checking->config, &error) == 0)
        r = store_use_keys(store, &keys);
    if (r == 0)
        r = store_each_key(store, look_at_key, checking);
    return r ? r : store_check_seals(store, add_problem, checking);
}

/* Reads the whole store. That there is none yet, or that the daemon will migrate it, is no error.
 */
static void check_store(struct checking *checking)
{
    struct store *store = NULL;
    struct error error = {0};
    int r = store_open(&store, checking->config->state_directory, STORE_READER, &error);
    if (r && r != STORE_MISSING && r != STORE_OLDER)
        add_problem(error.text, checking);
    if (r == 0 && (store_check(store, add_problem, checking) || check_seals(checking, store)))
        add_problem(store_why(store), checking);
    checking->store = name_store(checking, r);
    store_free(store);
}

static bool is_good(const struct checking *checking)
{
    return checking->config && !checking->findings.errors && online_is_good(checking->online);
}

/* Print the state of the store. Its faults are among the findings. */
static void print_store(const struct checking *checking)
{
    static const struct {
        const char *name, *sentence;
    } sentences[] = {
        {"whole", "the store is whole"},
        {"absent", "there is no store yet"},
        {"older", "the store is of an earlier version; the daemon migrates it at its next start"},
        {"damaged", "the store is damaged. Keep the file, and restore a backup"},
    };
    const struct config *config = checking->config;
    for (size_t i = 0; config && checking->store && i < ELEMENTS(sentences); i++)
        if (text_equal(checking->store, sentences[i].name))
            fprintf(checking->store_errors ? stderr : stdout, "%s/" STORE_FILE ": %s%s%s\n",
                    config->state_directory, sentences[i].sentence,
                    checking->keys.size ? "; bodies are sealed with key " : "",
                    checking->keys.size ? checking->keys.data : "");
}

static void print_text(const struct checking *checking)
{
    AUTOTEXT struct text out = {0};
    const struct config *config = checking->config;
    for (size_t i = 0; i < checking->findings.count; i++)
        config_finding_print(&out, &checking->findings.findings[i]);
    for (size_t i = 0; config && i < config->n_overrides; i++) {
        config_override_print(&out, &config->overrides[i]);
        text_append_char(&out, '\n');
    }
    if (out.size)
        fputs(out.data, stderr);
    size_t errors = checking->findings.errors - checking->store_errors;
    if (errors || !config)
        fprintf(stderr, "%s: %zu %s\n", checking->cli->config, errors,
                errors == 1 ? "error" : "errors");
    else
        printf("%s%s: ok (%zu %s, %zu %s, %zu %s)\n", cli_has(checking->cli, "print") ? "# " : "",
               checking->cli->config, config->n_queues, config->n_queues == 1 ? "queue" : "queues",
               config->n_sellers, config->n_sellers == 1 ? "seller" : "sellers", config->n_webhooks,
               config->n_webhooks == 1 ? "webhook" : "webhooks");
    if (config && cli_has(checking->cli, "print"))
        effective_print(config);
    print_store(checking);
    check_aws_print(&checking->aws);
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

static void put_overrides(struct text *out, const struct config *config)
{
    json_open(out, "overrides", '[');
    for (size_t i = 0; config && i < config->n_overrides; i++) {
        const struct config_override *override = &config->overrides[i];
        json_open(out, NULL, '{');
        json_string(out, "key", override->key);
        json_string(out, "verb", override->verb);
        json_string(out, "file", override->to.file);
        json_number(out, "line", override->to.line);
        json_string(out, "earlier_file", override->from.file);
        json_number(out, "earlier_line", override->from.line);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void print_json(const struct checking *checking)
{
    AUTOTEXT struct text out = {0};
    const struct config *config = checking->config;
    json_open(&out, NULL, '{');
    json_bool(&out, "ok", is_good(checking));
    json_string(&out, "config", checking->cli->config);
    json_open(&out, "files", '[');
    for (char **file = config ? config->files : NULL; file && *file; file++)
        json_string(&out, NULL, *file);
    json_close(&out, ']');
    json_number(&out, "queues", config ? (int64_t)config->n_queues : 0);
    json_number(&out, "sellers", config ? (int64_t)config->n_sellers : 0);
    json_number(&out, "webhooks", config ? (int64_t)config->n_webhooks : 0);
    json_number(&out, "errors", (int64_t)checking->findings.errors);
    if (checking->store)
        json_string(&out, "store", checking->store);
    if (checking->store)
        json_string(&out, "store_keys", checking->keys.data);
    check_aws_put(&out, &checking->aws);
    put_findings(&out, &checking->findings);
    put_overrides(&out, config);
    if (config && cli_has(checking->cli, "print"))
        effective_put(&out, config);
    online_put(&out, checking->online);
    json_close(&out, '}');
    puts(out.data);
}

static void print_all(const struct checking *checking, bool schedule)
{
    bool json = checking->cli->output == CLI_JSON;
    (json ? print_json : print_text)(checking);
    if (schedule)
        (json ? schedule_print_json : schedule_print)(checking->config);
}

int command_check(const struct cli *cli)
{
    struct checking checking = {.cli = cli};
    bool sound = false;
    credential_on_difference(NULL); /* check reports the difference in its own words */
    if (cli->argc)
        return cli_usage(cli, "check takes no arguments; the file is given by --config");
    (void)config_load(&checking.config, cli->config, &checking.findings);
    if (checking.config) {
        (void)config_check_complete(checking.config, &checking.findings);
        config_check_files(checking.config, &checking.findings);
        config_check_certificates(checking.config, &checking.findings);
        config_check_machine(checking.config, &checking.findings);
        sound = checking.findings.errors == 0;
        config_each_secret(checking.config, check_secret, &checking);
        check_service(&checking);
        check_aws_look(&checking.aws, checking.config, &checking.findings);
        config_findings_sort(&checking.findings);
        if (cli_has(cli, "store"))
            check_store(&checking);
    }
    /* If a secret cannot be read, the other checks must still be made. */
    if (cli_has(cli, "online") && sound)
        checking.online = online_look(checking.config);
    if (!cli_has(cli, "quiet") || !is_good(&checking))
        print_all(&checking, cli_has(cli, "schedule") && sound);
    int status = checking.findings.errors > checking.store_errors            ? CLI_CONFIG
                 : checking.store_errors || !online_is_good(checking.online) ? CLI_FAILED
                                                                             : CLI_DONE;
    online_free(checking.online);
    check_aws_clear(&checking.aws);
    text_clear(&checking.keys);
    config_findings_clear(&checking.findings);
    config_free(checking.config);
    return status;
}
