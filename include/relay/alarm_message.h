/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ALARM_MESSAGE_H
#define RELAY_ALARM_MESSAGE_H

#include "relay/alarm_list.h"

/*
 * What is sent about an alarm: one JSON object, and the same as environment variables for a
 * command. Members are only ever added (docs/operating.md).
 */

/* The message's type, in its body and in the header dockbell-type. */
#define ALARM_TYPE "dockbell.alarm"

/* Strings are borrowed from the alarm, or from whoever makes the message. */
struct alarm_message {
    const char *id;                        /* constant over the tries of one message */
    const char *event, *message_id;        /* of the journal entry that raised it */
    const char *severity;                  /* "error", "warning" */
    const char *summary;                   /* a sentence */
    const char *remedy, *next;             /* NULL: none */
    const char *fields[ALARM_FIELD_COUNT]; /* NULL: none */
    const char *host;
    bool raised;   /* or cleared */
    bool reminder; /* told before */
    bool lasts;    /* an all-clear will follow */
    uint64_t time_usec, since_usec;
    unsigned count; /* times it was raised since the last message */
};

/* What a channel is to say about an alarm now; alarm->told[channel].id is set. */
void alarm_message_of(struct alarm_message *ret, const struct alarm *alarm,
                      enum alarm_channel channel, const char *host);

/* A message that is no alarm, to try the way. `id` has room for 40 bytes and lives as long. */
void alarm_message_test(struct alarm_message *ret, char id[40], const char *host);

/* Appends the body. */
void alarm_message_body(struct text *out, const struct alarm_message *message);

/* The environment of a command: these and nothing else but PATH, HOME and LANG. The caller frees it
 * with text_list_free. */
char **alarm_message_environment(const struct alarm_message *message);

#endif
