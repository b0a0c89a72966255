/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_FIELDS_H
#define JOURNAL_FIELDS_H

/*
 * The fields of journal entries, in one place so that none is ever misspelt. Users match on them
 * (journalctl DOCKBELL_QUEUE=orders-eu): names are only added.
 */
#define JOURNAL_FIELDS(X)                                                                          \
    X(EVENT, "DOCKBELL_EVENT")                     /* the event's name: "breaker-opened" */        \
    X(QUEUE, "DOCKBELL_QUEUE")                     /* of the config */                             \
    X(SELLER, "DOCKBELL_SELLER")                   /* of the config */                             \
    X(WEBHOOK, "DOCKBELL_WEBHOOK")                 /* of the config */                             \
    X(NOTIFICATION_ID, "DOCKBELL_NOTIFICATION_ID") /* the dedupe key */                            \
    X(ORDER_ID, "DOCKBELL_ORDER_ID")                                                               \
    X(TYPE, "DOCKBELL_TYPE")                                                                       \
    X(ATTEMPT, "DOCKBELL_ATTEMPT")                                                                 \
    X(HTTP_STATUS, "DOCKBELL_HTTP_STATUS")                                                         \
    X(REQUEST_ID, "DOCKBELL_REQUEST_ID")                                                           \
    X(DURATION_USEC, "DOCKBELL_DURATION_USEC")                                                     \
    X(SELLER_ID, "DOCKBELL_SELLER_ID")   /* Amazon's */                                            \
    X(REASON, "DOCKBELL_REASON")         /* why, in words */                                       \
    X(ERROR_KIND, "DOCKBELL_ERROR_KIND") /* one word: "timeout" */                                 \
    X(ERROR_CODE, "DOCKBELL_ERROR_CODE") /* the other side's word: "AccessDenied" */               \
    X(COUNT, "DOCKBELL_COUNT")                                                                     \
    X(LIMIT, "DOCKBELL_LIMIT")                                                                     \
    X(FREE_BYTES, "DOCKBELL_FREE_BYTES")                                                           \
    X(OFFSET_USEC, "DOCKBELL_OFFSET_USEC")                                                         \
    X(VERSION, "DOCKBELL_VERSION")                                                                 \
    X(CONFIG, "DOCKBELL_CONFIG")                                                                   \
    X(FILE, "DOCKBELL_FILE") /* that a section of the config names */                              \
    X(VERB, "DOCKBELL_VERB")                                                                       \
    X(TARGET, "DOCKBELL_TARGET")                                                                   \
    X(UID, "DOCKBELL_UID")                                                                         \
    X(OPERATOR, "DOCKBELL_OPERATOR")                                                               \
    X(REPEATED, "DOCKBELL_REPEATED") /* the event that came many times */

enum journal_field {
#define X(name, text) FIELD_##name,
    JOURNAL_FIELDS(X)
#undef X
        JOURNAL_FIELD_COUNT
};

/* The name of a field, such as "DOCKBELL_QUEUE". */
const char *journal_field_name(enum journal_field field);

#endif
