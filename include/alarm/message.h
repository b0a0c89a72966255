/* SPDX-License-Identifier: MIT */
#ifndef ALARM_MESSAGE_H
#define ALARM_MESSAGE_H

#include "alarm/list.h"

/*
 * The message about an alarm: one JSON object, and the same facts as environment variables for a
 * command. A new version may add members, but never removes one (docs/operating.md).
 */

/* The message's type, in its body and in the header dockbell-type. */
#define ALARM_TYPE "dockbell.alarm"

/* Strings are borrowed from the alarm, or from the maker of the message. */
struct alarm_message {
    const char *id;                        /* the same in all tries of one message */
    const char *event, *message_id;        /* of the journal entry that raised it */
    const char *severity;                  /* "error", "warning" */
    const char *summary;                   /* a sentence */
    const char *remedy, *next;             /* NULL: none */
    const char *fields[ALARM_FIELD_COUNT]; /* NULL: none */
    const char *host;
    bool raised;   /* else it was cleared */
    bool reminder; /* sent before */
    bool lasts;    /* an all-clear will follow */
    uint64_t time_usec, since_usec;
    unsigned count; /* times it was raised since the last message */
};

/* Fill in the message that a channel should send about an alarm now. alarm->told[channel].id must
 * be set. */
void alarm_message_of(struct alarm_message *ret, const struct alarm *alarm,
                      enum alarm_channel_kind channel, const char *host);

/* Fill in a message about no alarm, to test the channel. `id` has room for 40 bytes and must live
 * as long as the message. */
void alarm_message_test(struct alarm_message *ret, char id[40], const char *host);

/* Append the message's body. */
void alarm_message_body(struct text *out, const struct alarm_message *message);

/* Return the environment of a command: the message's variables, and PATH, HOME and LANG, nothing
 * else. The caller frees it with text_list_free. */
char **alarm_message_environment(const struct alarm_message *message);

#endif
