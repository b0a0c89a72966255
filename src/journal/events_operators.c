/* SPDX-License-Identifier: MIT */
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

void event_operated(const char *verb, const char *target, uint64_t deliveries, unsigned uid)
{
    struct record record;
    if (!record_begin(&record, ID_OPERATED))
        return;
    /* The operator sees what his command prints; this is for who asks later. */
    record.audit = true;
    record_string(&record, FIELD_VERB, verb);
    record_string(&record, FIELD_TARGET, target);
    record_number(&record, FIELD_COUNT, (int64_t)deliveries);
    record_number(&record, FIELD_UID, uid);
    record_send(&record, "user %u ran: queue %s %s (%s changed)", uid, verb, target,
                words_count(deliveries, "delivery", "deliveries").text);
}
