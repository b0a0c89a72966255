/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/memory.h"
#include "config/certificates.h"
#include "draft.h"

/* Return the present or future problem of a certificate; NULL: none. The caller frees it. */
static char *problem_of(const char *path, enum certificate_kind kind)
{
    enum certificate_state state;
    struct error error;
    char span[TEXT_SPAN_MAX];
    uint64_t now = clock_trusted_usec(), ends = certificate_look(path, kind, now, &state, &error);
    if (state == CERTIFICATE_UNREADABLE)
        return memory_format("%s: %s", path, error.text);
    if (state == CERTIFICATE_EXPIRED)
        return memory_format("%s has ended: nothing can be delivered with it", path);
    if (state == CERTIFICATE_GOOD)
        return NULL;
    text_span(span, ends - now);
    return memory_format("%s ends in %s: renew it; from then on nothing is delivered", path, span);
}

static void check_file(struct config_findings *findings, const struct config_webhook *webhook,
                       const char *key, const char *path, enum certificate_kind kind)
{
    AUTOFREE char *name = memory_format("[webhook %s] %s", webhook->name, key);
    AUTOFREE char *problem = path ? problem_of(path, kind) : NULL;
    if (problem)
        findings_add(findings, true, &webhook->place, name, problem);
}

void config_check_certificates(const struct config *config, struct config_findings *findings)
{
    for (size_t i = 0; i < config->n_webhooks; i++) {
        const struct config_webhook *webhook = &config->webhooks[i];
        check_file(findings, webhook, "client_certificate", webhook->client_certificate,
                   CERTIFICATE_CLIENT);
        check_file(findings, webhook, "ca_file", webhook->ca_file, CERTIFICATE_AUTHORITY);
    }
}
