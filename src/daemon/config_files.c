/* SPDX-License-Identifier: MIT */
/* What only a look at the machine tells. */
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "config_draft.h"

static bool others_can_read(const char *path)
{
    struct stat is;
    return path && stat(path, &is) == 0 && (is.st_mode & S_IROTH) != 0;
}

static void check_secret(struct config_findings *findings, const struct config_secret *secret,
                         const char *key)
{
    AUTOFREE char *text = NULL;
    const char *reference = secret->reference;
    if (!reference)
        return;
    if (config_secret_is_literal(reference) && others_can_read(secret->place.file))
        text = memory_format("the secret stands here and every user can read %s: chmod o-r it, or "
                             "use credential: or file:",
                             secret->place.file);
    else if (text_starts(reference, "file:") && others_can_read(reference + strlen("file:")))
        text = memory_format("every user can read %s: chmod o-r it", reference + strlen("file:"));
    if (text)
        findings_add(findings, true, &secret->place, key, text);
}

/* A header's literal is often no secret; these are. */
static void check_headers(struct config_findings *findings, const struct config_webhook *webhook)
{
    for (size_t i = 0; i < webhook->headers.count; i++) {
        const struct config_header *header = &webhook->headers.items[i];
        bool secret = strcasecmp(header->name, "authorization") == 0 ||
                      strcasecmp(header->name, "cookie") == 0;
        AUTOFREE char *key = memory_format("[webhook %s] headers: %s", webhook->name, header->name);
        if (secret || !config_secret_is_literal(header->value.reference))
            check_secret(findings, &header->value, key);
    }
}

void config_check_files(const struct config *config, struct config_findings *findings)
{
    check_secret(findings, &config->client_secret, "[application] client_secret");
    check_secret(findings, &config->secret_access_key, "[aws] secret_access_key");
    check_secret(findings, &config->session_token, "[aws] session_token");
    check_secret(findings, &config->alarm_secret, "[alarm] secret");
    for (size_t i = 0; i < config->n_sellers; i++) {
        AUTOFREE char *key = memory_format("[seller %s] refresh_token", config->sellers[i].name);
        check_secret(findings, &config->sellers[i].refresh_token, key);
    }
    for (size_t i = 0; i < config->n_webhooks; i++) {
        AUTOFREE char *key = memory_format("[webhook %s] secret", config->webhooks[i].name);
        AUTOFREE char *oauth =
            memory_format("[webhook %s] oauth_client_secret", config->webhooks[i].name);
        check_secret(findings, &config->webhooks[i].secret, key);
        check_secret(findings, &config->webhooks[i].password, key);
        check_secret(findings, &config->webhooks[i].bearer, key);
        check_secret(findings, &config->webhooks[i].hmac_secret, key);
        check_headers(findings, &config->webhooks[i]);
        check_secret(findings, &config->webhooks[i].oauth_client_secret, oauth);
    }
}
