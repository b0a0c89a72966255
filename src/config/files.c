/* SPDX-License-Identifier: MIT */
/* Checks that need a look at the machine. */
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "draft.h"

static bool others_can_read(const char *path)
{
    struct stat is;
    return path && stat(path, &is) == 0 && (is.st_mode & S_IROTH) != 0;
}

/* Warn about a secret in the config file itself if others can read the file. */
static void check_literal(const struct config_secret *value, const char *label,
                          struct config_findings *findings)
{
    if (!others_can_read(value->place.file))
        return;
    AUTOFREE char *text = memory_format("this file contains the secret and every user can read it: "
                                        "chmod o-r %s, or use credential: or file:",
                                        value->place.file);
    findings_add(findings, true, &value->place, label, text);
}

static void check_file(const char *path, const struct config_place *place, const char *label,
                       struct config_findings *findings)
{
    if (!others_can_read(path))
        return;
    AUTOFREE char *text = memory_format("every user can read %s: chmod o-r %s", path, path);
    findings_add(findings, true, place, label, text);
}

static void check_reference(const struct config_secret *secret, const char *reference,
                            void *userdata)
{
    if (text_starts(reference, "file:"))
        check_file(reference + strlen("file:"), &secret->place, secret->label, userdata);
}

static void check_secret(const struct config_secret *secret, const char *key, void *userdata)
{
    if (!config_secret_is_literal(secret->reference))
        config_secret_each_reference(secret, check_reference, userdata);
    else if (strcmp(key, "url") != 0)
        check_literal(secret, secret->label, userdata);
}

/* Check headers without a label: a header of any name may hold a key of the receiver. Those with a
 * label are checked with the other secrets. */
static void check_headers(const struct config_webhook *webhook, struct config_findings *findings)
{
    for (size_t i = 0; i < webhook->headers.count; i++) {
        const struct config_header *header = &webhook->headers.items[i];
        AUTOFREE char *label =
            memory_format("[webhook %s] headers: %s", webhook->name, header->name);
        if (!header->value.label)
            check_literal(&header->value, label, findings);
    }
}

static void check_client_key(const struct config_webhook *webhook, struct config_findings *findings)
{
    AUTOFREE char *label = memory_format("[webhook %s] client_key", webhook->name);
    if (webhook->client_key)
        check_file(webhook->client_key, &webhook->place, label, findings);
}

void config_check_files(const struct config *config, struct config_findings *findings)
{
    config_check_writers(config, findings);
    config_each_secret(config, check_secret, findings);
    for (size_t i = 0; i < config->n_webhooks; i++) {
        check_headers(&config->webhooks[i], findings);
        check_client_key(&config->webhooks[i], findings);
    }
}
