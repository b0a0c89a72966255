/* SPDX-License-Identifier: MIT */
#ifndef RELAY_DELETER_H
#define RELAY_DELETER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "amazon/sqs.h"
#include "relay/tally.h"

/*
 * Deletes messages whose notifications are committed: in batches of ten, waiting up to a second for
 * a full one, each entry's result read and retried. What can't be deleted comes again as a copy, so
 * giving up is harmless and bounded.
 *
 * Deleting fails from the moment when a message could not be deleted twice in a row, or was refused
 * for good, to the next call that deletes all of its messages. Both are events.
 */
struct deleter;

/* Both are called from the loop. */
struct deleter_hooks {
    bool (*in_place)(void *userdata); /* receiver_hooks.in_place: asked before each call */
    void (*changed)(void *userdata);  /* deleting fails now, or works again */
    void *userdata;
};

/* The client and the tally are borrowed until deleter_free, the hooks are copied. 0 or negative
 * errno. */
int deleter_new(struct deleter **ret, sd_event *event, struct sqs *sqs, const char *queue,
                struct queue_tally *tally, const struct deleter_hooks *hooks);
void deleter_free(struct deleter *deleter);

/* Queues a receipt (copied). Beyond RECEIVER_DELETES_MAX it is let go. */
void deleter_add(struct deleter *deleter, const char *receipt);

/* From now on nothing waits for a full batch. */
void deleter_hurry(struct deleter *deleter);

/* Why messages cannot be deleted; NULL: they can. The deleter's. */
const char *deleter_trouble(const struct deleter *deleter);

/* Whether the last call deleted all of its messages; false before the first. */
bool deleter_works(const struct deleter *deleter);

/* Nothing waits and no call is under way. */
bool deleter_idle(const struct deleter *deleter);

#endif
