/* SPDX-License-Identifier: MIT */
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

void event_operated(const char *verb, const char *target, uint64_t deliveries, unsigned uid,
                    const char *person)
{
    struct record record;
    if (!record_begin(&record, ID_OPERATED))
        return;
    /* Operators see what their command prints; this is for those who ask later. */
    record.audit = true;
    record_string(&record, FIELD_VERB, verb);
    record_string(&record, FIELD_TARGET, target);
    record_number(&record, FIELD_COUNT, (int64_t)deliveries);
    record_number(&record, FIELD_UID, uid);
    record_string(&record, FIELD_OPERATOR, person);
    record_send(&record, "user %u%s%s%s ran: queue %s %s (%s changed)", uid, person ? " (" : "",
                words_or(person, ""), person ? ")" : "", verb, target,
                words_count(deliveries, "delivery", "deliveries").text);
}
