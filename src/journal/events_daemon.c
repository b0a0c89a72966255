/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

void event_started(const char *version, const char *config, unsigned queues, unsigned sellers,
                   unsigned webhooks)
{
    struct record record;
    if (!record_begin(&record, ID_STARTED))
        return;
    record_string(&record, FIELD_VERSION, version);
    record_string(&record, FIELD_CONFIG, config);
    record_send(&record, "Dockbell %s has started with %s: %s, %s, %s", version, config,
                words_count(queues, "queue", "queues").text,
                words_count(sellers, "seller", "sellers").text,
                words_count(webhooks, "webhook", "webhooks").text);
}

void event_ready(unsigned queues, uint64_t waiting)
{
    struct record record;
    if (!record_begin(&record, ID_READY))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)waiting);
    record_send(&record, "ready: listening to %s, %s to be sent",
                words_count(queues, "queue", "queues").text,
                waiting ? words_count(waiting, "delivery waits", "deliveries wait").text
                        : "nothing waits");
}

void event_degraded(const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_DEGRADED))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "running, but %s. Receiving is tried again by itself; what waits in the store is "
                "sent",
                why);
}

void event_stopping(const char *signal_name, unsigned in_flight)
{
    struct record record;
    if (!record_begin(&record, ID_STOPPING))
        return;
    record_string(&record, FIELD_REASON, signal_name);
    record_number(&record, FIELD_COUNT, in_flight);
    if (in_flight)
        record_send(&record, "stopping on %s: waiting for the answers to %s", signal_name,
                    words_count(in_flight, "request", "requests").text);
    else
        record_send(&record, "stopping on %s", signal_name);
}

void event_stopped(unsigned abandoned_polls, uint64_t waiting)
{
    struct record record;
    if (!record_begin(&record, ID_STOPPED))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)waiting);
    record_send(&record, "stopped: %s in the store for the next start%s",
                waiting ? words_count(waiting, "delivery waits", "deliveries wait").text
                        : "nothing waits",
                abandoned_polls ? "; what SQS handed to a poll that was given up comes again "
                                  "within 60 s"
                                : "");
}

void event_reloaded(const char *config, unsigned changes)
{
    struct record record;
    if (!record_begin(&record, ID_RELOADED))
        return;
    record_string(&record, FIELD_CONFIG, config);
    record_number(&record, FIELD_COUNT, changes);
    record_send(&record, "%s was read again: %s", config,
                changes ? words_count(changes, "section has changed", "sections have changed").text
                        : "no section has changed");
}

void event_reload_refused(const char *config, const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_RELOAD_REFUSED))
        return;
    record_string(&record, FIELD_CONFIG, config);
    record_string(&record, FIELD_REASON, why);
    record_send(&record, "%s was not taken over, the old configuration stays in force: %s", config,
                why);
}

void event_config_changed(const char *section, const char *what)
{
    struct record record;
    if (!record_begin(&record, ID_CONFIG_CHANGED))
        return;
    record_string(&record, FIELD_REASON, what);
    record_send(&record, "%s: %s", section, what);
}

void event_recovered(uint64_t deliveries)
{
    struct record record;
    if (!record_begin(&record, ID_RECOVERED))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)deliveries);
    record_send(
        &record,
        "%s when the last run ended and may or may not have arrived: sent again with the "
        "same webhook-id",
        words_count(deliveries, "delivery was in flight", "deliveries were in flight").text);
}

void event_stalled(const char *what, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_STALLED))
        return;
    record_string(&record, FIELD_REASON, what);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record,
                "Dockbell makes no progress: %s%s%s. The watchdog is not fed any more, so systemd "
                "restarts the service. Nothing that was accepted is lost",
                what, for_usec ? ", late by " : "", for_usec ? words_span(for_usec).text : "");
}

void event_loop_failed(const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_LOOP_FAILED))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "the event loop failed, so the daemon ends: %s. Everything that was accepted is in "
                "the store; systemd starts the daemon again",
                why);
}

void event_config_warning(const char *file, unsigned line, const char *text)
{
    struct record record;
    if (!record_begin(&record, ID_CONFIG_WARNING))
        return;
    record_string(&record, FIELD_CONFIG, file);
    record_string(&record, FIELD_REASON, text);
    if (file && line)
        record_send(&record, "%s:%u: %s", file, line, text);
    else
        record_send(&record, "%s: %s", words_or(file, "configuration"), text);
}

void event_config_overridden(size_t count, const char *which)
{
    struct record record;
    if (!record_begin(&record, ID_CONFIG_OVERRIDDEN))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)count);
    record_string(&record, FIELD_REASON, which);
    record_send(&record, "files of conf.d change %s: %s",
                words_count(count, "value", "values").text, which);
}

void event_config_refused(const char *config, const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_CONFIG_REFUSED))
        return;
    record_string(&record, FIELD_CONFIG, config);
    record_string(&record, FIELD_REASON, why);
    record_send(&record, "Dockbell does not start, the configuration cannot be used: %s", why);
}

void event_secrets_missing(size_t count, const char *which, bool ends)
{
    struct record record;
    if (!record_begin(&record, ID_SECRETS_MISSING))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)count);
    record_string(&record, FIELD_REASON, which);
    record_send(&record, "%s, %s cannot be read: %s",
                ends ? "Dockbell does not start" : "Dockbell runs, but not with everything",
                words_count(count, "secret", "secrets").text, which);
}

void event_admin_listens(const char *listen, unsigned port, bool registers)
{
    struct record record;
    if (!record_begin(&record, ID_ADMIN_LISTENS))
        return;
    record_string(&record, FIELD_TARGET, listen);
    const char *how = registers ? "with registration for who has a seller token"
                                : "without registration, as there is no token_key";
    const char *colon = strrchr(listen, ':');
    if (port && colon && text_equal(colon, ":0"))
        record_send(&record, "admin endpoint on %s, port %u, %s", listen, port, how);
    else
        record_send(&record, "admin endpoint on %s, %s", listen, how);
}

void event_admin_failed(const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_ADMIN_FAILED))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record, "no admin endpoint: %s. Receiving and delivering go on without it", why);
}
