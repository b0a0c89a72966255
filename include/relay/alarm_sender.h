/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ALARM_SENDER_H
#define RELAY_ALARM_SENDER_H

#include "relay/alarm_way.h"

/*
 * Tells over one way what the list says is to be told, one message after the other. A way that
 * fails is an event, and is tried again with growing pauses. One far timer; nobody waits for it.
 */
struct alarm_sender;

/* Pauses of a way that fails, whatever it is that cannot be told. */
#define ALARM_PAUSE_USEC     (1 * 1000000ULL)
#define ALARM_PAUSE_CAP_USEC (60 * 1000000ULL)

struct alarm_sender_options {
    struct alarm_list *list;    /* borrowed until alarm_sender_free */
    enum alarm_channel channel; /* as the list's filter has it */
    struct alarm_way_options way;
    const char *host;             /* borrowed */
    void (*told)(void *userdata); /* the list has changed; never from inside alarm_sender_look */
    void *userdata;
};

/* 0 or negative errno. */
int alarm_sender_new(struct alarm_sender **ret, const struct alarm_sender_options *options);

/* Gives up what is under way: it is told again by whoever comes next. NULL is fine. */
void alarm_sender_free(struct alarm_sender *sender);

/* The list has changed: sends, if there is something to be told now. */
void alarm_sender_look(struct alarm_sender *sender);

/* Whether nothing is under way, and nothing could be sent at this moment. */
bool alarm_sender_idle(struct alarm_sender *sender);

#endif
