/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_ALARMS_H
#define JOURNAL_ALARMS_H

#include <stdbool.h>
#include <stddef.h>

#include "journal/fields.h"
#include "journal/ids.h"

/*
 * The events that are alarms, and the events that clear them. An alarm is one of (event, subject):
 * the queue, seller or webhook that the event has in the given field, or the daemon as a whole if
 * it has none.
 */
enum alarm_kind {
    /* Until the event that clears it, or until its state is found to be right again
     * (daemon/alarm_state.c). */
    ALARM_LASTS,
    /* Something happened that somebody should check; nothing clears it. */
    ALARM_ONCE,
};

// clang-format off
/* raised by, field of the subject, kind, cleared by (itself: nothing clears it) */
#define ALARMS(X) \
    X(RECEIVE_FAILED, QUEUE, ALARM_LASTS, RECEIVE_WORKS_AGAIN) \
    X(QUEUE_SILENT, QUEUE, ALARM_LASTS, RECEIVE_WORKS_AGAIN) \
    X(QUEUE_QUIET, QUEUE, ALARM_LASTS, QUEUE_HEARD) \
    X(SELLER_QUIET, SELLER, ALARM_LASTS, SELLER_HEARD) \
    X(LAG_HIGH, QUEUE, ALARM_LASTS, LAG_NORMAL) \
    X(GAP_NEAR, QUEUE, ALARM_LASTS, RECEIVE_WORKS_AGAIN) \
    X(DELETE_FAILED, QUEUE, ALARM_LASTS, DELETE_WORKS_AGAIN) \
    X(GAP, QUEUE, ALARM_ONCE, GAP) \
    X(CLIENT_SECRET_LEFT, QUEUE, ALARM_ONCE, CLIENT_SECRET_LEFT) \
    X(UNREADABLE, QUEUE, ALARM_ONCE, UNREADABLE) \
    X(ID_CONFLICT, QUEUE, ALARM_ONCE, ID_CONFLICT) \
    X(UNKNOWN_SELLER, QUEUE, ALARM_ONCE, UNKNOWN_SELLER) \
    X(UNKNOWN_LIMIT, CONFIG, ALARM_LASTS, UNKNOWN_ROOM) \
    X(QUEUE_OPEN, QUEUE, ALARM_ONCE, QUEUE_OPEN) \
    X(BREAKER_OPENED, WEBHOOK, ALARM_LASTS, BREAKER_CLOSED) \
    X(WEBHOOK_GONE, WEBHOOK, ALARM_LASTS, WEBHOOK_RESUMED) \
    X(FILTER_BLOCKS, WEBHOOK, ALARM_LASTS, FILTER_PASSES) \
    X(CERTIFICATE_EXPIRES, FILE, ALARM_LASTS, CERTIFICATE_RENEWED) \
    X(CERTIFICATE_EXPIRED, FILE, ALARM_LASTS, CERTIFICATE_RENEWED) \
    X(CERTIFICATE_UNREADABLE, FILE, ALARM_LASTS, CERTIFICATE_RENEWED) \
    X(CREDENTIALS_EXPIRE, TARGET, ALARM_LASTS, CREDENTIALS_RENEWED) \
    X(DEAD, WEBHOOK, ALARM_ONCE, DEAD) \
    X(EXPIRING, WEBHOOK, ALARM_ONCE, EXPIRING) \
    X(EXPIRED, WEBHOOK, ALARM_ONCE, EXPIRED) \
    X(REMOVAL_NEAR, WEBHOOK, ALARM_LASTS, REMOVAL_OVER) \
    X(REGISTRATION_FAILED, SELLER, ALARM_LASTS, REGISTRATION_WORKS) \
    X(REGISTRATION_DIFFERS, SELLER, ALARM_LASTS, REGISTRATION_WORKS) \
    X(LWA_REFUSED, SELLER, ALARM_LASTS, LWA_WORKS_AGAIN) \
    X(CLIENT_SECRET_EXPIRES, CONFIG, ALARM_LASTS, CLIENT_SECRET_KEPT) \
    X(ROTATION_FAILED, CONFIG, ALARM_LASTS, ROTATION_ASKED) \
    X(STORE_FAILED, CONFIG, ALARM_ONCE, STORE_FAILED) \
    X(STORE_LOST, CONFIG, ALARM_ONCE, STORE_LOST) \
    X(STORE_UNSAVED, CONFIG, ALARM_ONCE, STORE_UNSAVED) \
    X(STORE_FULL, CONFIG, ALARM_LASTS, STORE_WORKS_AGAIN) \
    X(STORE_LOCKED, CONFIG, ALARM_LASTS, STORE_UNLOCKED) \
    X(LOOP_FAILED, CONFIG, ALARM_ONCE, LOOP_FAILED) \
    X(STORE_WENT_BACK, CONFIG, ALARM_ONCE, STORE_WENT_BACK) \
    X(DISK_LOW, CONFIG, ALARM_LASTS, DISK_ENOUGH) \
    X(BACKLOG_HIGH, CONFIG, ALARM_LASTS, BACKLOG_NORMAL) \
    X(BACKLOG_FULL, CONFIG, ALARM_LASTS, BACKLOG_NORMAL) \
    X(STALLED, CONFIG, ALARM_ONCE, STALLED) \
    X(RELOAD_REFUSED, CONFIG, ALARM_LASTS, RELOADED) \
    X(ADMIN_FAILED, CONFIG, ALARM_ONCE, ADMIN_FAILED) \
    X(CLOCK_OFF, CONFIG, ALARM_LASTS, CLOCK_RIGHT) \
    X(CLOCK_JUMPED, CONFIG, ALARM_ONCE, CLOCK_JUMPED)
// clang-format on

struct alarm_row {
    enum journal_id raised_by;
    enum journal_field subject; /* FIELD_CONFIG: the daemon as a whole */
    enum alarm_kind kind;
    enum journal_id cleared_by; /* raised_by: nothing clears it */
};

/* Return the table and its length. */
const struct alarm_row *alarm_rows(size_t *ret_count);

/* Find the row that an event of that name raises; NULL: none. */
const struct alarm_row *alarm_row_find(const char *event);

/* Whether an event raises or clears alarms. */
bool alarm_concerns(enum journal_id id);

/* Return the catalog's advice about an event: the remedy, and the next command. Words between two @
 * are fields of the event. NULL: the event is not an alarm. */
const char *alarm_remedy(enum journal_id id);
const char *alarm_next(enum journal_id id);

#endif
