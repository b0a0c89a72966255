/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

/* Add the fields that all three events have. */
static void whom(struct record *record, const char *seller, const char *type)
{
    record_string(record, FIELD_SELLER, seller);
    record_string(record, FIELD_TYPE, type);
}

/* Return ", ORDER_CHANGE", or nothing if the event is about the whole destination. */
static struct words of_type(const char *type)
{
    struct words words = {""};
    if (type)
        snprintf(words.text, sizeof(words.text), ", %.80s", type);
    return words;
}

void event_registered(const char *seller, const char *type, const char *what, bool changed)
{
    struct record record;
    if (!record_begin_at(&record, ID_REGISTERED, changed ? EVENT_NOTICE : EVENT_INFO))
        return;
    whom(&record, seller, type);
    record_string(&record, FIELD_REASON, what);
    record_send(&record, "seller %s%s: %s", seller, of_type(type).text, what);
}

void event_registration_differs(const char *seller, const char *type, const char *difference)
{
    struct record record;
    if (!record_begin(&record, ID_REGISTRATION_DIFFERS))
        return;
    whom(&record, seller, type);
    record_string(&record, FIELD_REASON, difference);
    record_send(&record,
                "seller %s%s: what Amazon has differs from the configuration: %s. Nothing was "
                "changed. To make it equal: dockbell register %s --recreate",
                seller, of_type(type).text, difference, seller);
}

void event_registration_failed(const char *seller, const char *type, const struct error *error,
                               uint64_t next_usec)
{
    struct record record;
    char next[TEXT_SPAN_MAX];
    if (!record_begin(&record, ID_REGISTRATION_FAILED))
        return;
    text_span(next, next_usec);
    whom(&record, seller, type);
    record_error(&record, error);
    if (!seller) {
        record_send(&record,
                    "registration failed for all sellers: %s. Receiving goes on with what is "
                    "registered already. The next try is in %s, or at once with: dockbell register",
                    error->text, next);
        return;
    }
    record_send(&record,
                "seller %s%s: registration failed: %s. Receiving goes on with what is registered "
                "already. The next try is in %s, or at once with: dockbell register %s",
                seller, of_type(type).text, error->text, next, seller);
}

void event_registration_works(const char *seller)
{
    struct record record;
    if (!record_begin(&record, ID_REGISTRATION_WORKS))
        return;
    record_string(&record, FIELD_SELLER, seller);
    record_send(&record, "%s%s: what is registered with Amazon is as configured again",
                seller ? "seller " : "", words_or(seller, "registration"));
}
