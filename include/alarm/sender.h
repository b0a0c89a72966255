/* SPDX-License-Identifier: MIT */
#ifndef ALARM_SENDER_H
#define ALARM_SENDER_H

#include "alarm/channel.h"

/*
 * Sends over one channel the alarms that the list gives it, one message after the other. If the
 * channel fails, that is an event, and the sender tries again with growing pauses. It has one
 * timer, which is rarely due; nobody waits for it.
 */
struct alarm_sender;

/* Pauses of a channel that fails, whichever message it fails to send. */
#define ALARM_PAUSE_USEC     (1 * 1000000ULL)
#define ALARM_PAUSE_CAP_USEC (60 * 1000000ULL)

struct alarm_sender_options {
    struct alarm_list *list;      /* borrowed until alarm_sender_free */
    enum alarm_channel_kind kind; /* as the list's filter has it */
    struct alarm_channel_options channel;
    const char *host; /* borrowed */
    /* The list has changed. Never called from inside alarm_sender_look. */
    void (*told)(void *userdata);
    void *userdata;
};

/* Make a sender. 0 or negative errno. */
int alarm_sender_new(struct alarm_sender **ret, const struct alarm_sender_options *options);

/* Free a sender and give up the message under way; the next sender sends it again. NULL is fine. */
void alarm_sender_free(struct alarm_sender *sender);

/* The list has changed: send a message, if one is due now. */
void alarm_sender_look(struct alarm_sender *sender);

/* Whether nothing is under way and no message is due at this moment. */
bool alarm_sender_idle(struct alarm_sender *sender);

#endif
