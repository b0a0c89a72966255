/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/memory.h"
#include "daemon.h"

/* Longest age of the facts for status: while there is work, and while there is none. */
#define BUSY_USEC FORWARDER_FACTS_USEC
#define IDLE_USEC (60 * USEC_PER_SEC)

static void free_note(struct note *note)
{
    free(note->section);
    free(note->name);
    free(note->key);
    free(note->value);
    free(note);
}

void daemon_note(struct daemon *d, const char *section, const char *name, const char *key,
                 const char *value)
{
    struct note **last = &d->notes;
    while (*last)
        last = &(*last)->next;
    *last = NEW(struct note);
    **last = (struct note){
        .section = memory_string(section),
        .name = memory_string(name),
        .key = memory_string(key),
        .value = memory_string(value),
    };
    turn_request(d->turn);
}

/* Notes stay until the commit is certain: see daemon_drop_notes. */
int daemon_write_notes(struct daemon *d, struct store *store)
{
    int r = 0;
    for (struct note *n = d->notes; n && !r; n = n->next) {
        r = store_set_fact(store, n->section, n->name, n->key, n->value);
        n->written = true;
    }
    return r;
}

void daemon_drop_notes(struct daemon *d, bool all)
{
    /* Facts that came later, while results of the commit were handed out, wait for the next
     * commit. */
    while (d->notes && (all || d->notes->written)) {
        struct note *note = d->notes;
        d->notes = note->next;
        free_note(note);
    }
}

/* ---- when to write facts of receivers and forwarders ---- */

static void arm(struct daemon *d, uint64_t delay_usec)
{
    d->notes_boot_usec = clock_boot_usec() + delay_usec;
    sd_event_source_set_time_relative(d->notes_timer, delay_usec);
    sd_event_source_set_enabled(d->notes_timer, SD_EVENT_ONESHOT);
}

/* Note the time at which the facts were true. */
static void note_moment(struct daemon *d)
{
    char now[CLOCK_TEXT_MAX];
    clock_rfc3339(now, clock_trusted_usec());
    daemon_note(d, "daemon", "", "noted", now);
}

void daemon_note_now(struct daemon *d)
{
    note_moment(d);
    parts_hurry_facts(d->parts);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)source;
    (void)usec;
    arm(d, IDLE_USEC);
    note_moment(d);
    return 0;
}

void daemon_schedule_notes(struct daemon *d)
{
    if (d->notes_boot_usec > clock_boot_usec() + BUSY_USEC && parts_have_facts(d->parts))
        arm(d, BUSY_USEC);
}

int daemon_watch_notes(struct daemon *d)
{
    int r = sd_event_add_time_relative(d->event, &d->notes_timer, CLOCK_BOOTTIME, 0,
                                       USEC_PER_SEC / 10, on_timer, d);
    if (r >= 0)
        arm(d, IDLE_USEC);
    return r;
}

/* ---- certificates ---- */

/* Return the name of the fact about a certificate's end. */
static const char *certificate_fact(enum certificate_kind kind)
{
    return kind == CERTIFICATE_CLIENT ? "client_certificate_ends" : "ca_ends";
}

static void note_certificate(const struct certificate *certificate, void *userdata)
{
    char end[CLOCK_TEXT_MAX];
    uint64_t usec = certificate->ends_usec;
    clock_rfc3339(end, usec);
    daemon_note(userdata, "webhook", certificate->webhook, certificate_fact(certificate->kind),
                usec ? end : NULL);
}

/* Delete old facts: a section may have lost a key that it had when the fact was written. */
static void forget_certificates(struct daemon *d)
{
    for (size_t i = 0; i < d->config->n_webhooks; i++)
        for (unsigned kind = CERTIFICATE_CLIENT; kind <= CERTIFICATE_AUTHORITY; kind++)
            if (!certificates_find(&d->certificates, d->config->webhooks[i].name, kind))
                daemon_note(d, "webhook", d->config->webhooks[i].name, certificate_fact(kind),
                            NULL);
}

void daemon_watch_certificates(struct daemon *d)
{
    d->certificates.looked = note_certificate;
    d->certificates.userdata = d;
    /* Without a timer, they are only checked with the next config. */
    (void)certificates_set(&d->certificates, d->event, d->config);
    forget_certificates(d);
}
