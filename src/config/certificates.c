/* SPDX-License-Identifier: MIT */
#include "config/certificates.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"
#include "wire/certificate.h"

/* Longest time until a renewed file is noticed. */
#define LOOK_USEC USEC_PER_DAY

/* The states, and how long before a certificate's end each begins. Before the first, it is good. */
static const struct {
    enum certificate_state state;
    uint64_t before_usec;
} steps[] = {
    {CERTIFICATE_MONTH, CERTIFICATE_WARN_USEC},
    {CERTIFICATE_WEEK, 7 * USEC_PER_DAY},
    {CERTIFICATE_DAY, USEC_PER_DAY},
    {CERTIFICATE_EXPIRED, 0},
};

const char *certificate_kind_name(enum certificate_kind kind)
{
    return kind == CERTIFICATE_CLIENT ? "client certificate" : "authority in ca_file";
}

uint64_t certificate_look(const char *path, enum certificate_kind kind, uint64_t now_usec,
                          enum certificate_state *ret_state, struct error *error)
{
    struct certificate_ends ends;
    *ret_state = CERTIFICATE_UNREADABLE;
    if (certificate_file_read(path, &ends, error))
        return 0;
    uint64_t usec = kind == CERTIFICATE_CLIENT ? ends.first_usec : ends.last_usec;
    *ret_state = CERTIFICATE_GOOD;
    for (size_t i = 0; i < ELEMENTS(steps); i++)
        if (usec <= now_usec + steps[i].before_usec)
            *ret_state = steps[i].state;
    return usec;
}

static void tell(const struct certificate *certificate, enum certificate_state before,
                 const struct error *error)
{
    const char *kind = certificate_kind_name(certificate->kind);
    if (certificate->state == before)
        return;
    if (certificate->state == CERTIFICATE_UNREADABLE)
        event_certificate_unreadable(certificate->webhook, kind, certificate->path, error->text);
    else if (certificate->state == CERTIFICATE_EXPIRED)
        event_certificate_expired(certificate->webhook, kind, certificate->path,
                                  certificate->ends_usec);
    else if (certificate->state != CERTIFICATE_GOOD)
        event_certificate_expires(certificate->webhook, kind, certificate->path,
                                  certificate->ends_usec);
    else if (before != CERTIFICATE_UNKNOWN)
        event_certificate_renewed(certificate->webhook, kind, certificate->path,
                                  certificate->ends_usec);
}

/* Return how long to wait until time changes a state; LOOK_USEC at most. */
static uint64_t next_usec(const struct certificates *certificates, uint64_t now)
{
    uint64_t wait = LOOK_USEC;
    for (size_t i = 0; i < certificates->count; i++)
        for (size_t k = 0; k < ELEMENTS(steps); k++) {
            uint64_t end = certificates->list[i].ends_usec;
            if (end > now + steps[k].before_usec && end - steps[k].before_usec - now < wait)
                wait = end - steps[k].before_usec - now;
        }
    return wait;
}

static void look(struct certificates *certificates)
{
    uint64_t now = clock_trusted_usec();
    for (size_t i = 0; i < certificates->count; i++) {
        struct certificate *certificate = &certificates->list[i];
        enum certificate_state before = certificate->state;
        struct error error = {0};
        certificate->ends_usec = certificate_look(certificate->path, certificate->kind, now,
                                                  &certificate->state, &error);
        tell(certificate, before, &error);
        certificates->looked(certificate, certificates->userdata);
    }
}

static void schedule(struct certificates *certificates)
{
    bool any = certificates->count > 0;
    if (any)
        sd_event_source_set_time_relative(certificates->timer,
                                          next_usec(certificates, clock_trusted_usec()));
    sd_event_source_set_enabled(certificates->timer, any ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    look(userdata);
    schedule(userdata);
    return 0;
}

const struct certificate *certificates_find(const struct certificates *certificates,
                                            const char *webhook, enum certificate_kind kind)
{
    for (size_t i = 0; i < certificates->count; i++)
        if (certificates->list[i].kind == kind &&
            text_equal(certificates->list[i].webhook, webhook))
            return &certificates->list[i];
    return NULL;
}

static void add(struct certificates *certificates, const struct certificates *before,
                const char *webhook, enum certificate_kind kind, const char *path)
{
    const struct certificate *known = certificates_find(before, webhook, kind);
    if (!path)
        return;
    certificates->list =
        memory_resize(certificates->list, certificates->count + 1, sizeof(*certificates->list));
    certificates->list[certificates->count++] = (struct certificate){
        .webhook = memory_string(webhook),
        .path = memory_string(path),
        .kind = kind,
        .state = known ? known->state : CERTIFICATE_UNKNOWN,
    };
}

static void clear_list(struct certificates *certificates)
{
    for (size_t i = 0; i < certificates->count; i++) {
        free(certificates->list[i].webhook);
        free(certificates->list[i].path);
    }
    free(certificates->list);
}

int certificates_set(struct certificates *certificates, sd_event *event,
                     const struct config *config)
{
    struct certificates before = *certificates;
    int r = 0;
    certificates->list = NULL;
    certificates->count = 0;
    for (size_t i = 0; i < config->n_webhooks; i++) {
        const struct config_webhook *webhook = &config->webhooks[i];
        add(certificates, &before, webhook->name, CERTIFICATE_CLIENT, webhook->client_certificate);
        add(certificates, &before, webhook->name, CERTIFICATE_AUTHORITY, webhook->ca_file);
    }
    clear_list(&before);
    if (!certificates->timer)
        r = sd_event_add_time_relative(event, &certificates->timer, CLOCK_BOOTTIME, LOOK_USEC,
                                       USEC_PER_SEC, on_timer, certificates);
    if (r < 0)
        return r;
    look(certificates);
    schedule(certificates);
    return 0;
}

void certificates_clear(struct certificates *certificates)
{
    clear_list(certificates);
    sd_event_source_disable_unref(certificates->timer);
    *certificates = (struct certificates){0};
}
