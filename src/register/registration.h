/* SPDX-License-Identifier: MIT */
#ifndef SRC_REGISTER_REGISTRATION_H
#define SRC_REGISTER_REGISTRATION_H

#include "base/text.h"
#include "register/registrar.h"
#include "spapi/operation.h"

/* How often to look again after a 409: Amazon's list may lag behind (GitHub:
 * amzn/selling-partner-api-models issue 2319). */
#define REGISTRATION_LOOKS_MAX 3
/* How long to wait before looking again. */
#define LOOK_AGAIN_USEC     USEC_PER_SEC
#define LOOK_AGAIN_CAP_USEC (10 * USEC_PER_SEC)

/* ---- registrar_destination.c: the destination of one queue at one endpoint, for all its sellers
 * ---- */

struct destination;

/* The result for a task that waits. Valid during the call. */
struct destination_news {
    enum registration_result result; /* FOUND, CREATED, WOULD_CREATE, ABSENT or FAILED */
    const char *id;                  /* NULL: there is none */
    const struct error *error;       /* with FAILED */
};
typedef void (*destination_fn)(const struct destination_news *news, void *userdata);

/* A task that waits; cancelled by destination_forget. */
struct destination_wait {
    destination_fn done;
    void *userdata;
    struct destination_wait *next;
};

/* Return the destination of (region, arn) in the list; if there is none, add it. Strings are
 * borrowed. */
struct destination *destination_of(struct destination **list, const char *region, const char *arn);

/* Ask whether the destination exists. The callback comes from the loop or at once, when that is
 * known. If it does not exist, `create` creates it, but not with `dry_run`. The first task that
 * asks brings the question to Amazon; all others wait with it. */
void destination_ask(struct destination *destination, struct operations *operations, bool create,
                     bool dry_run, struct destination_wait *wait);
/* Cancel a wait: its callback does not come any more. */
void destination_forget(struct destination *destination, struct destination_wait *wait);
/* Cancel the calls of all destinations of the list, and free them. NULL is fine. */
void destination_free_all(struct destination *list);

/* ---- registration.c: one seller ---- */

struct registration_task;

/* Begin with a seller. `ended` is called once, from the loop, after the last report. Return NULL:
 * it cannot begin. */
struct registration_task *
registration_start(const struct registrar_options *options, const struct registrar_seller *seller,
                   struct operations *operations, struct destination *destination,
                   void (*report)(struct registration *r, void *userdata),
                   void (*ended)(struct registration_task *task, void *userdata), void *userdata);

/* End the task without a callback. NULL is fine. */
void registration_free(struct registration_task *task);

/* ---- registration_pages.c: Amazon's list of the subscriptions of one type, page by page ---- */

struct registration_pages {
    char *token; /* of the page to be read; NULL: the first */
    char *best;  /* of the page with the best subscription so far; NULL: the first */
    int score;   /* of that subscription, above 0; 0: there is none yet */
    unsigned count;
    bool again; /* the best page is being read again */
};

/* Start with the first page, and free the tokens. */
void registration_pages_reset(struct registration_pages *pages);

/* Look for the subscription that goes to `destination` (NULL: there is none) in our version; if
 * there is none, any. Only types with filter expressions can have several. Return false: the page
 * of pages->token must be read next. Return true: this is all, and *ret is the best one, or NULL;
 * it belongs to the answer. */
bool registration_pages_take(struct registration_pages *pages, const char *type,
                             const char *destination, const struct notifications_answer *answer,
                             const struct notifications_subscription **ret);

/* ---- registration_filter.c: the configured filters of a subscription, and the differences ---- */

/* Return the filter for a type. Its strings belong to the seller. */
struct notifications_filter registration_filter(const struct registrar_seller *seller,
                                                const char *type);

/* Append the differences between the configuration and a subscription; nothing if they are equal.
 * destination NULL: it is not there yet. */
void registration_compare(struct text *out, const struct registrar_seller *seller, const char *type,
                          const char *destination, const struct notifications_subscription *s);

#endif
