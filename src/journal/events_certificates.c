/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

/* Begin an entry about the certificate. Return false if it is not wanted. */
static bool begin(struct record *record, enum journal_id id, const char *webhook, const char *file)
{
    if (!record_begin(record, id))
        return false;
    record_string(record, FIELD_WEBHOOK, webhook);
    record_string(record, FIELD_FILE, file);
    return true;
}

void event_certificate_expires(const char *webhook, const char *what, const char *file,
                               uint64_t ends_usec)
{
    struct record record;
    char end[CLOCK_TEXT_MAX];
    uint64_t now = clock_trusted_usec(), left = ends_usec > now ? ends_usec - now : 0;
    if (!begin(&record, ID_CERTIFICATE_EXPIRES, webhook, file))
        return;
    clock_rfc3339(end, ends_usec);
    record_number(&record, FIELD_COUNT, (int64_t)(left / USEC_PER_DAY));
    record_send(&record,
                "webhook %s: the %s ends in %s, at %s. Put a new one into %s; each new connection "
                "reads it",
                webhook, what, words_span(left).text, end, file);
}

void event_certificate_expired(const char *webhook, const char *what, const char *file,
                               uint64_t ends_usec)
{
    struct record record;
    char end[CLOCK_TEXT_MAX];
    if (!begin(&record, ID_CERTIFICATE_EXPIRED, webhook, file))
        return;
    clock_rfc3339(end, ends_usec);
    record_send(&record,
                "webhook %s: the %s has ended, at %s. Nothing can be delivered with it; put a new "
                "one into %s, and each new connection reads it",
                webhook, what, end, file);
}

void event_certificate_renewed(const char *webhook, const char *what, const char *file,
                               uint64_t ends_usec)
{
    struct record record;
    char end[CLOCK_TEXT_MAX];
    if (!begin(&record, ID_CERTIFICATE_RENEWED, webhook, file))
        return;
    clock_rfc3339(end, ends_usec);
    record_send(&record, "webhook %s: the %s is good again, until %s", webhook, what, end);
}

void event_certificate_unreadable(const char *webhook, const char *what, const char *file,
                                  const char *why)
{
    struct record record;
    if (!begin(&record, ID_CERTIFICATE_UNREADABLE, webhook, file))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record, "webhook %s: the %s in %s cannot be used: %s", webhook, what, file, why);
}
