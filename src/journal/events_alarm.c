/* SPDX-License-Identifier: MIT */
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

/* Return ": OUTPUT", or nothing. */
static const char *before(const char *output)
{
    return output && output[0] ? ". It said: " : "";
}

void event_alarm_failed(const char *transport, const char *why, const char *output)
{
    struct record record;
    if (!record_begin(&record, ID_ALARM_FAILED))
        return;
    record_string(&record, FIELD_TARGET, transport);
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "an alarm could not be sent by %s: %s%s%s. It is tried again by itself; receiving "
                "and delivering do not wait for it",
                transport, why, before(output), words_or(output, ""));
}

void event_alarm_works_again(const char *transport, unsigned failures, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_ALARM_WORKS_AGAIN))
        return;
    record_string(&record, FIELD_TARGET, transport);
    record_number(&record, FIELD_COUNT, failures);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record, "alarms can be sent by %s again after %s and %s", transport,
                words_span(for_usec).text, words_count(failures, "failure", "failures").text);
}

void event_alarm_given_up(const char *transport, const char *event, const char *subject,
                          const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_ALARM_GIVEN_UP))
        return;
    record_string(&record, FIELD_TARGET, transport);
    record_string(&record, FIELD_REASON, why);
    record_string(&record, FIELD_REPEATED, event);
    record_send(&record,
                "the alarm about %s%s%s is over and was not sent by %s: half a day of tries failed "
                "(%s)",
                event, subject ? " of " : "", words_or(subject, ""), transport, why);
}

void event_alarm_ended(const char *event, const char *subject, const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_ALARM_ENDED))
        return;
    record_string(&record, FIELD_REPEATED, event);
    record_string(&record, FIELD_REASON, why);
    record_send(&record, "the alarm %s%s%s is over: %s", event, subject ? " of " : "",
                words_or(subject, ""), why);
}

void event_alarm_output(const char *transport, const char *output)
{
    struct record record;
    if (!record_begin(&record, ID_ALARM_OUTPUT))
        return;
    record_string(&record, FIELD_TARGET, transport);
    record_string(&record, FIELD_REASON, output);
    record_send(&record, "%s said: %s", transport, output);
}
