/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

static unsigned days_until(uint64_t usec)
{
    uint64_t now = clock_trusted_usec();
    return usec > now ? (unsigned)((usec - now) / USEC_PER_DAY) : 0;
}

static struct words days(uint64_t usec)
{
    return words_count(days_until(usec), "day", "days");
}

void event_client_secret_kept(const char *queue, uint64_t expires_usec)
{
    struct record record;
    if (!record_begin(&record, ID_CLIENT_SECRET_KEPT))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_COUNT, days_until(expires_usec));
    record_send(&record,
                "queue %s: Amazon has sent a new client secret. It works, is on disk and in use "
                "from now on; it expires in %s",
                queue, days(expires_usec).text);
}

void event_client_secret_expires(uint64_t expires_usec, const char *reason)
{
    struct record record;
    if (!record_begin(&record, ID_CLIENT_SECRET_EXPIRES))
        return;
    record_string(&record, FIELD_REASON, reason);
    record_number(&record, FIELD_COUNT, days_until(expires_usec));
    record_send(&record,
                "the application's client secret %s%s (Amazon's reason: %s). For a new one: "
                "dockbell secret rotate",
                expires_usec > clock_trusted_usec() ? "expires in " : "has expired",
                expires_usec > clock_trusted_usec() ? days(expires_usec).text : "",
                words_or(reason, "none"));
}

void event_client_secret_fallback(const char *which)
{
    struct record record;
    if (!record_begin(&record, ID_CLIENT_SECRET_FALLBACK))
        return;
    record_string(&record, FIELD_REASON, which);
    record_send(&record,
                "Login with Amazon refuses the newest client secret but accepts another one: %s. "
                "The newest is tried again every half hour",
                which);
}

void event_lwa_refused(const char *seller, const struct error *error)
{
    struct record record;
    if (!record_begin(&record, ID_LWA_REFUSED))
        return;
    record_string(&record, FIELD_SELLER, seller);
    record_error(&record, error);
    record_send(&record,
                "%s. Receiving goes on; Amazon is not asked again for an hour, or until that is "
                "changed",
                error->text);
}

void event_lwa_works_again(const char *seller)
{
    struct record record;
    if (!record_begin(&record, ID_LWA_WORKS_AGAIN))
        return;
    record_string(&record, FIELD_SELLER, seller);
    record_send(&record, "Login with Amazon accepts %s%s again", seller ? "seller " : "",
                words_or(seller, "the application"));
}

void event_rotation_asked(uint64_t expires_usec)
{
    struct record record;
    if (!record_begin(&record, ID_ROTATION_ASKED))
        return;
    record_number(&record, FIELD_COUNT, days_until(expires_usec));
    record_send(&record,
                "the application's client secret expires in %s: Amazon was asked for a new one, "
                "which comes over the queue",
                days(expires_usec).text);
}

void event_rotation_failed(const struct error *error)
{
    struct record record;
    if (!record_begin(&record, ID_ROTATION_FAILED))
        return;
    record_error(&record, error);
    record_send(&record,
                "the application's client secret could not be replaced: %s. It is tried "
                "again, at most once a day",
                error->text);
}
