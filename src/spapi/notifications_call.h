/* SPDX-License-Identifier: MIT */
#ifndef SRC_SPAPI_NOTIFICATIONS_CALL_H
#define SRC_SPAPI_NOTIFICATIONS_CALL_H

#include <sys/queue.h>

#include "base/text.h"
#include "notifications_answer.h"
#include "spapi/notifications.h"

/* One call in flight. The client owns it until its callback has run. */
struct notifications_call {
    struct notifications *client;
    LIST_ENTRY(notifications_call) link;
    struct http_slot *slot; /* NULL after the answer */
    char *what;             /* "createSubscription ORDER_CHANGE", for texts */
    struct text body;
    /* Read the payload of a good answer. NULL: nothing is read. */
    int (*read)(struct notifications_reading *ret, const char *bytes, size_t size);
    bool may_be_absent; /* a 404 is a good answer and means that there is none */
    notifications_done_fn done;
    void *userdata;
};

/* Make a call. It takes over `what`. */
struct notifications_call *notifications_call_new(struct notifications *notifications, char *what,
                                                  notifications_done_fn done, void *userdata);

/* Send the call. `path` follows /notifications/v1/. Return 0, or a negative errno; then
 * the call is freed. */
int notifications_call_start(struct notifications_call *call, const char *method, const char *path,
                             const char *token, struct notifications_call **ret_call);

#endif
