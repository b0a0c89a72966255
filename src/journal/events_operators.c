/* SPDX-License-Identifier: MIT */
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

/* Begin an entry about an operator's command. Operators see its output; the entry is
 * for later readers. */
static bool begin(struct record *record, enum journal_id id, const char *verb, const char *target,
                  unsigned uid, const char *person)
{
    if (!record_begin(record, id))
        return false;
    record->audit = true;
    record_string(record, FIELD_VERB, verb);
    record_string(record, FIELD_TARGET, target);
    record_number(record, FIELD_UID, uid);
    record_string(record, FIELD_OPERATOR, person);
    return true;
}

void event_operated(const char *verb, const char *target, uint64_t deliveries, unsigned uid,
                    const char *person)
{
    struct record record;
    if (!begin(&record, ID_OPERATED, verb, target, uid, person))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)deliveries);
    record_send(&record, "user %u%s%s%s ran: queue %s %s (%s changed)", uid, person ? " (" : "",
                words_or(person, ""), person ? ")" : "", verb, target,
                words_count(deliveries, "delivery", "deliveries").text);
}

void event_order_forgotten(const char *reference, uint64_t notifications, unsigned uid,
                           const char *person)
{
    struct record record;
    if (!begin(&record, ID_ORDER_FORGOTTEN, "forget", reference, uid, person))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)notifications);
    record_send(&record,
                "user %u%s%s%s ran: queue forget, for the order with the reference %s (%s)", uid,
                person ? " (" : "", words_or(person, ""), person ? ")" : "", reference,
                words_count(notifications, "notification", "notifications").text);
}

void event_data_read(const char *command, const char *target, unsigned uid, const char *person)
{
    struct record record;
    if (!begin(&record, ID_DATA_READ, command, target, uid, person))
        return;
    record_send(&record, "user %u%s%s%s ran: %s %s, which shows or copies the data of orders", uid,
                person ? " (" : "", words_or(person, ""), person ? ")" : "", command, target);
}
