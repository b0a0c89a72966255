/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVE_DELETER_H
#define SRC_RECEIVE_DELETER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "aws/sqs.h"
#include "relay/tally.h"

/*
 * Deletes messages whose notifications are committed, in batches of ten. A batch waits up to a
 * second until it is full. The result of each entry is read, and failed entries are tried again. If
 * a message cannot be deleted it is received again as a copy, so giving up is harmless, and tries
 * are bounded.
 *
 * Deleting fails from the moment when a message could not be deleted twice in a row, or was refused
 * for good. It works again after the next call that deletes all of its messages. Both are events.
 */
struct deleter;

/* Both functions are called from the loop. */
struct deleter_hooks {
    bool (*in_place)(void *userdata); /* receiver_hooks.in_place: asked before each call */
    void (*changed)(void *userdata);  /* deleting has begun to fail, or works again */
    void *userdata;
};

/* Create a deleter. The client and the tally are borrowed until deleter_free, the hooks are copied.
 * Return 0 or negative errno. */
int deleter_new(struct deleter **ret, sd_event *event, struct sqs *sqs, const char *queue,
                struct queue_tally *tally, const struct deleter_hooks *hooks);
/* Cancel the calls under way and free the deleter. Messages that are not deleted yet are received
 * again. NULL is fine. */
void deleter_free(struct deleter *deleter);

/* Queue a receipt (copied). If RECEIVER_DELETES_MAX of them wait, it is dropped. */
void deleter_add(struct deleter *deleter, const char *receipt);

/* From now on, send receipts without waiting for a full batch. */
void deleter_hurry(struct deleter *deleter);

/* Return why messages cannot be deleted; NULL: they can. The text belongs to the deleter. */
const char *deleter_trouble(const struct deleter *deleter);

/* Whether the last call deleted all of its messages; false before the first. */
bool deleter_works(const struct deleter *deleter);

/* Whether no receipt waits and no call is under way. */
bool deleter_idle(const struct deleter *deleter);

#endif
