/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_NOTIFICATIONS_CALL_H
#define AMAZON_NOTIFICATIONS_CALL_H

#include <sys/queue.h>

#include "amazon/notifications.h"
#include "base/text.h"
#include "notifications_answer.h"

/* One call on its way; owned by the client until its callback has run. */
struct notifications_call {
    struct notifications *client;
    LIST_ENTRY(notifications_call) link;
    struct http_slot *slot; /* NULL once it is answered */
    char *what;             /* "createSubscription ORDER_CHANGE", for texts */
    struct text body;
    /* Reads the payload of a good answer; NULL: there is nothing to read. */
    int (*read)(struct notifications_reading *ret, const char *bytes, size_t size);
    bool may_be_absent; /* 404 is an answer: there is none */
    notifications_done_fn done;
    void *userdata;
};

/* `what` is taken over. */
struct notifications_call *notifications_call_new(struct notifications *notifications, char *what,
                                                  notifications_done_fn done, void *userdata);

/* Sends it; `path` follows /notifications/v1/. 0, or a negative errno: then the call is freed. */
int notifications_call_start(struct notifications_call *call, const char *method, const char *path,
                             const char *token, struct notifications_call **ret_call);

#endif
