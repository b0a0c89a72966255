/* SPDX-License-Identifier: MIT */
#ifndef ALARM_LIST_H
#define ALARM_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "journal/alarms.h"
#include "journal/record.h"

/*
 * The alarms of this process, one per (event, subject): which of them last, and which of these
 * facts each channel has sent. The list holds states, not a queue of messages: if an alarm changes
 * while a channel is down, only its last state is sent, once, with a count of the changes. So
 * nothing but the list can wait, and the list is bounded. It knows neither network nor loop.
 */
struct alarm_list;

/* Alarms at a time. Further ones are in the journal only. */
#define ALARMS_MAX 1000

/* Ways by which alarms are sent. */
enum alarm_channel_kind { ALARM_BY_URL, ALARM_BY_COMMAND, ALARM_CHANNELS };

/* Messages about one alarm that a channel sends without a pause. Then it sends one per
 * ALARM_PACE_USEC. */
#define ALARM_BURST     4U
#define ALARM_PACE_USEC (600 * 1000000ULL)
/* The same for all alarms of a channel together. */
#define ALARM_ALL_BURST     30U
#define ALARM_ALL_PACE_USEC (6 * 1000000ULL)

/* Pauses between tries of one message. While an alarm lasts, its message is tried until it is sent.
 * If the alarm is over, its message is given up after ALARM_TRIES_MAX tries, which takes half a
 * day. */
#define ALARM_RETRY_USEC     (5 * 1000000ULL)
#define ALARM_RETRY_CAP_USEC (3600 * 1000000ULL)
#define ALARM_TRIES_MAX      20U

/* Bytes of a sentence that are kept. */
#define ALARM_SUMMARY_MAX 800

/* The fields of an event that are kept beside its sentence: for messages and for the environment of
 * a command. */
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

/* A number of messages at once, then one per interval. */
struct alarm_pace {
    unsigned used;
    uint64_t since_usec; /* boot clock: when `used` was last lowered */
};

/* The state of one alarm as one channel knows it. */
struct alarm_told {
    bool raised;             /* the channel has sent the alarm, and not yet its end */
    unsigned changes;        /* times it was raised that are not sent yet */
    unsigned tries;          /* of the current message */
    uint64_t next_boot_usec; /* not before this moment */
    uint64_t told_boot_usec; /* when a message was last sent, or the start of this run */
    struct alarm_pace pace;
    char id[40]; /* of the message that was tried; "": none was */
};

struct alarm {
    const struct alarm_row *row;
    char *subject;                     /* NULL: the daemon as a whole */
    bool raised;                       /* always false if no event clears it */
    uint64_t since_usec, changed_usec; /* wall clock: raised; last change */
    enum journal_id event;             /* of the last change */
    char *summary;                     /* its sentence */
    char *remedy, *next;               /* from the catalog; NULL: none */
    char *fields[ALARM_FIELD_COUNT];   /* NULL: none */
    struct alarm_told told[ALARM_CHANNELS];
};

/* Which alarms are sent, and how often. */
struct alarm_filter {
    bool channels[ALARM_CHANNELS]; /* those that exist */
    unsigned level;                /* enum event_level: less urgent alarms are not sent */
    char *const *events;           /* only these; NULL: all. Borrowed until the next filter */
    uint64_t repeat_usec;          /* sent again after this time while it lasts; 0: never */
};

/* Return an empty list, which sends nothing before alarm_list_filter. The caller owns it. */
struct alarm_list *alarm_list_new(void);
void alarm_list_free(struct alarm_list *list); /* NULL is fine */

/* Set the filter that holds from now on. A channel that is new gets all alarms that last. */
void alarm_list_filter(struct alarm_list *list, const struct alarm_filter *filter);

/* Take an event. Return whether it changed the list. */
bool alarm_list_take(struct alarm_list *list, const struct record *record, const char *sentence);

/* End an alarm whose subject is gone. `why` becomes its sentence. */
void alarm_list_end(struct alarm_list *list, enum journal_id raised_by, const char *subject,
                    const char *why);

/* Whether this alarm lasts. subject NULL: the daemon as a whole. */
bool alarm_list_has(const struct alarm_list *list, enum journal_id raised_by, const char *subject);

/* Call `each` for every alarm that lasts, the oldest first. It may not change the list. */
void alarm_list_each(const struct alarm_list *list,
                     void (*each)(const struct alarm *alarm, void *userdata), void *userdata);

/* Return the alarm that the channel should send now. It is borrowed until the list changes. The
 * message carries told[channel].id, which is set here.
 * If there is none, return NULL; *ret_boot_usec is the time to ask again (boot clock; UINT64_MAX:
 * when the list has changed). */
struct alarm *alarm_list_next(struct alarm_list *list, enum alarm_channel_kind channel,
                              uint64_t *ret_boot_usec);

/* A message about an alarm and its result. The alarm may have changed meanwhile. */
struct alarm_outcome {
    enum journal_id raised_by;
    const char *subject;
    const char *id;   /* told[channel].id as it was */
    bool raised;      /* the state in the message, and */
    unsigned changes; /* the count of changes in it */
    bool ok;
};
/* Note the result of a message. Return whether it failed and is given up. */
bool alarm_list_told(struct alarm_list *list, enum alarm_channel_kind channel,
                     const struct alarm_outcome *outcome);

/* Save everything as one JSON array for the next run, or load it into an empty list. Loading leaves
 * out alarms that cannot be read, that have no sentence, or that are there already. */
void alarm_list_save(const struct alarm_list *list, struct text *out);
void alarm_list_load(struct alarm_list *list, const char *json);

#endif
