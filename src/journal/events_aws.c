/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "journal/events.h"
#include "journal/record.h"

void event_credentials_expire(const char *identity, uint64_t ends_usec, unsigned failures,
                              const struct error *error)
{
    struct record record;
    char end[CLOCK_TEXT_MAX];
    bool lasting = ends_usec > clock_trusted_usec();
    if (!record_begin(&record, ID_CREDENTIALS_EXPIRE))
        return;
    clock_rfc3339(end, ends_usec);
    record_string(&record, FIELD_TARGET, identity);
    record_string(&record, FIELD_REASON, error->text);
    record_string(&record, FIELD_ERROR_KIND, error_kind_name(error->kind));
    record_string(&record, FIELD_ERROR_CODE, error->code);
    record_number(&record, FIELD_COUNT, failures);
    record_send(&record, "AWS credentials (%s): renewing them failed, and %s%s: %s", identity,
                lasting ? "they end at " : "there are no valid ones", lasting ? end : "",
                error->text);
}

void event_credentials_renewed(const char *identity, uint64_t ends_usec)
{
    struct record record;
    char end[CLOCK_TEXT_MAX];
    if (!record_begin(&record, ID_CREDENTIALS_RENEWED))
        return;
    clock_rfc3339(end, ends_usec);
    record_string(&record, FIELD_TARGET, identity);
    record_send(&record, "AWS credentials (%s) were renewed%s%s", identity,
                ends_usec ? "; they end at " : "", ends_usec ? end : "");
}
