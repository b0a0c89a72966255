/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ALARM_LIST_H
#define RELAY_ALARM_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "journal/alarms.h"
#include "journal/record.h"

/*
 * The alarms of this process, one per (event, subject): which of them last, and what of that each
 * channel has told. It is the state that is told, not a queue of messages: what changes while a
 * channel is down is told once, as it is then, with a count. So the list is all that can wait, and
 * it is bounded. Knows neither network nor loop.
 */
struct alarm_list;

/* Alarms at a time; what is beyond stands in the journal only. */
#define ALARMS_MAX 1000

/* Ways by which alarms are sent. */
enum alarm_channel { ALARM_BY_URL, ALARM_BY_COMMAND, ALARM_CHANNELS };

/* Messages about one alarm that a channel sends without a pause; then one per ALARM_PACE_USEC. */
#define ALARM_BURST     4U
#define ALARM_PACE_USEC (600 * 1000000ULL)
/* The same for all alarms of a channel together. */
#define ALARM_ALL_BURST     30U
#define ALARM_ALL_PACE_USEC (6 * 1000000ULL)

/* Pauses between tries of one message. About what lasts it is tried until it is told; what is over
 * is given up after so many tries, which is half a day. */
#define ALARM_RETRY_USEC     (5 * 1000000ULL)
#define ALARM_RETRY_CAP_USEC (3600 * 1000000ULL)
#define ALARM_TRIES_MAX      20U

/* Bytes of a sentence that are kept. */
#define ALARM_SUMMARY_MAX 800

/* What of an event is kept beside its sentence: in messages and in the environment of a command. */
#define ALARM_FIELDS(X)                                                                            \
    X("queue", QUEUE)                                                                              \
    X("seller", SELLER)                                                                            \
    X("webhook", WEBHOOK)                                                                          \
    X("order", ORDER_ID)                                                                           \
    X("notification", NOTIFICATION_ID)                                                             \
    X("type", TYPE)                                                                                \
    X("reason", REASON)
enum {
#define X(name, field) ALARM_FIELD_##field,
    ALARM_FIELDS(X)
#undef X
        ALARM_FIELD_COUNT
};

/* Name in JSON, and the journal's field. */
struct alarm_field {
    const char *name;
    enum journal_field field;
};
extern const struct alarm_field alarm_fields[ALARM_FIELD_COUNT];

/* So many at once, then one per interval. */
struct alarm_pace {
    unsigned used;
    uint64_t since_usec; /* boot clock: when `used` was last lowered */
};

/* What one channel knows of one alarm. */
struct alarm_told {
    bool raised;             /* it was told that it was raised, and not that it is over */
    unsigned changes;        /* times it was raised that are not told yet */
    unsigned tries;          /* of this message */
    uint64_t next_boot_usec; /* not before this moment */
    uint64_t told_boot_usec; /* when something was told last, or the start of this run */
    struct alarm_pace pace;
    char id[40]; /* of the message that was tried; "": none was */
};

struct alarm {
    const struct alarm_row *row;
    char *subject;                     /* NULL: the daemon as a whole */
    bool raised;                       /* never where nothing clears it */
    uint64_t since_usec, changed_usec; /* wall clock: raised; last change */
    enum journal_id event;             /* of the last change */
    char *summary;                     /* its sentence */
    char *remedy, *next;               /* from the catalog; NULL: none */
    char *fields[ALARM_FIELD_COUNT];   /* NULL: none */
    struct alarm_told told[ALARM_CHANNELS];
};

/* What is told, and how often. */
struct alarm_filter {
    bool channels[ALARM_CHANNELS]; /* those that there are */
    unsigned level;                /* enum event_level: not what is less urgent */
    char *const *events;           /* only these; NULL: all. Borrowed until the next filter */
    uint64_t repeat_usec;          /* told again so long as it lasts; 0: never */
};

struct alarm_list *alarm_list_new(void);
void alarm_list_free(struct alarm_list *list); /* NULL is fine */

/* From now on. A channel that was not there is told what lasts. */
void alarm_list_filter(struct alarm_list *list, const struct alarm_filter *filter);

/* Takes an event. True: the list has changed. */
bool alarm_list_take(struct alarm_list *list, const struct record *record, const char *sentence);

/* Ends an alarm whose subject is gone. */
void alarm_list_end(struct alarm_list *list, enum journal_id raised_by, const char *subject,
                    const char *why);

/* Whether such an alarm lasts; subject NULL: the daemon as a whole. */
bool alarm_list_has(const struct alarm_list *list, enum journal_id raised_by, const char *subject);

/* Calls `each` for those that last, the oldest first; it may not change the list. */
void alarm_list_each(const struct alarm_list *list,
                     void (*each)(const struct alarm *alarm, void *userdata), void *userdata);

/* What a channel should tell now; NULL: nothing, and *ret_boot_usec is when to look again (boot
 * clock; UINT64_MAX: when the list has changed). Borrowed until the list changes. The message is to
 * carry told[channel].id, which is set here. */
struct alarm *alarm_list_next(struct alarm_list *list, enum alarm_channel channel,
                              uint64_t *ret_boot_usec);

/* What was said about an alarm, and what came of it; the alarm may have changed meanwhile. */
struct alarm_outcome {
    enum journal_id raised_by;
    const char *subject;
    const char *id;   /* told[channel].id as it was */
    bool raised;      /* what the message said, */
    unsigned changes; /* and how many times were counted in it */
    bool ok;
};
/* True: it failed and is given up. */
bool alarm_list_told(struct alarm_list *list, enum alarm_channel channel,
                     const struct alarm_outcome *outcome);

/* Everything as one JSON array, for the next run; and back into an empty list, which leaves out
 * what it cannot read, what has no sentence, and what is there already. */
void alarm_list_save(const struct alarm_list *list, struct text *out);
void alarm_list_load(struct alarm_list *list, const char *json);

#endif
