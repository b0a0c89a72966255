/* SPDX-License-Identifier: MIT */
#ifndef STORE_FORGET_H
#define STORE_FORGET_H

#include "store/store.h"

/*
 * Removal of the data of one order: bodies, answers, attempts, and the ids of the order and of its
 * notifications. The data that recognises copies stays: the dedupe keys, and the payload's hash as
 * an HMAC under a random key of this store. Verbs in a transaction, as in store/store.h.
 */

/* Whether the id cannot occur in other data by chance. Only such ids are searched in texts. */
bool store_order_is_distinct(const char *order);

/* The removal of one order. Repeat the step until `more` is false. */
struct forget {
    const char *order;
    bool dry_run;  /* counts only */
    int64_t after; /* notifications up to this one are done */
    bool more;
    uint64_t notifications, deliveries;
    uint64_t dropped;  /* of the deliveries: waiting, held or dead until now */
    int64_t in_flight; /* with STORE_IN_FLIGHT: this delivery is being sent */
};

/* Make one step: at most STORE_OPERATE_MAX notifications change. A waiting delivery becomes
 * dropped. If one is in flight, the result is STORE_IN_FLIGHT, and the step is to be rolled back.
 * The bytes are overwritten in the database; store_wipe_log is for those in the log. */
int store_forget(struct store *store, struct forget *forget, uint64_t now_usec);

/* Return the reference of an order: 32 hex digits of an HMAC of its id, known to this store
 * alone. */
#define STORE_REFERENCE_MAX 33
int store_order_reference(struct store *store, const char *order, char out[STORE_REFERENCE_MAX]);

/* Return when the order was forgotten; 0: it was not, or longer ago than keep_delivered. */
int store_forgotten_usec(struct store *store, const char *order, uint64_t *ret_usec);

/* Delete the records that orders were forgotten, if that was before before_usec. */
int store_prune_forgotten(struct store *store, uint64_t before_usec);

/* Count how often a text stands in the files of a store that this process has not open: the
 * database, its log, and free pages in both. 0 or a negative errno. */
int store_count_text(const char *directory, const char *text, uint64_t *ret_count);

#endif
