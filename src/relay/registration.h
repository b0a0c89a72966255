/* SPDX-License-Identifier: MIT */
#ifndef RELAY_REGISTRATION_H
#define RELAY_REGISTRATION_H

#include "amazon/operation.h"
#include "base/text.h"
#include "relay/registrar.h"

/* How often a 409 is answered by looking again: Amazon's list may lag behind (GitHub:
 * amzn/selling-partner-api-models issue 2319). */
#define REGISTRATION_LOOKS_MAX 3
/* ... and how long to wait for it. */
#define LOOK_AGAIN_USEC     USEC_PER_SEC
#define LOOK_AGAIN_CAP_USEC (10 * USEC_PER_SEC)

/* ---- registrar_destination.c: the destination of one queue at one endpoint, for all its sellers
 * ---- */

struct destination;

/* What there is to know about it, for one that waits for it. Valid during the call. */
struct destination_news {
    enum registration_result result; /* FOUND, CREATED, WOULD_CREATE, ABSENT or FAILED */
    const char *id;                  /* NULL: there is none */
    const struct error *error;       /* with FAILED */
};
typedef void (*destination_fn)(const struct destination_news *news, void *userdata);

/* One that waits; cancelled by destination_forget. */
struct destination_wait {
    destination_fn done;
    void *userdata;
    struct destination_wait *next;
};

/* Finds the destination of (region, arn) in the list, or adds it. Strings are borrowed. */
struct destination *destination_of(struct destination **list, const char *region, const char *arn);

/* Calls back, from the loop or at once, when it is known whether it is there; `create` makes it
 * where it is not. The first that asks brings the question to Amazon; all others wait with it. */
void destination_ask(struct destination *destination, struct operations *operations, bool create,
                     bool dry_run, struct destination_wait *wait);
void destination_forget(struct destination *destination, struct destination_wait *wait);
void destination_free_all(struct destination *list);

/* ---- registration.c: one seller ---- */

struct registration_task;

/* Begins; `ended` fires once, from the loop, after the last report. */
struct registration_task *
registration_start(const struct registrar_options *options, const struct registrar_seller *seller,
                   struct operations *operations, struct destination *destination,
                   void (*report)(struct registration *r, void *userdata),
                   void (*ended)(struct registration_task *task, void *userdata), void *userdata);

/* Ends it without a callback. NULL is fine. */
void registration_free(struct registration_task *task);

/* ---- registration_filter.c: what the config wants of a subscription, and how it differs ---- */

/* The filter for a type; strings are the seller's. */
struct notifications_filter registration_filter(const struct registrar_seller *seller,
                                                const char *type);

/* Appends what differs between what is wanted and a subscription; nothing when they are equal.
 * destination NULL: it is not there yet. */
void registration_compare(struct text *out, const struct registrar_seller *seller, const char *type,
                          const char *destination, const struct notifications_subscription *s);

#endif
