/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_NOTIFICATION_H
#define NOTIFICATION_NOTIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

/*
 * Bytes in, struct out. A notification is read once, here, and nothing in it gates: unknown types,
 * keys, enum values and versions pass through. Key names of the envelope and the metadata may start
 * in either case (facts: Pascal, camel and mixed envelopes exist); the payload's may too.
 */

/* A NotificationId longer than this is replaced by "sha256-" and 64 hex digits of it; one with
 * bytes outside 0x20-0x7E counts as absent. */
#define NOTIFICATION_ID_MAX 256
/* Other texts that become columns or header values; longer ones count as absent, and so does one
 * with U+0000 or half a surrogate pair in it. */
#define NOTIFICATION_FIELD_MAX 256
/* Layers of SNS envelope, EventBridge envelope and JSON string that are taken off at most. */
#define NOTIFICATION_WRAPS_MAX 4
/* Items of one order that the default body lists. An item of Amazon's has more than 105 bytes, so a
 * message of SQS, 1 MiB at most, holds fewer: the limit is for those who send something else. */
#define NOTIFICATION_ITEMS_MAX 10000

enum notification_problem {
    NOTIFICATION_FINE = 0,
    NOTIFICATION_NOT_JSON,     /* not one JSON value, not UTF-8, or nested too deeply */
    NOTIFICATION_NOT_AN_OBJECT /* JSON, but no object after unwrapping */
};

/* A piece of JSON exactly as Amazon wrote it: a string with its quotes, a number, true, null ... */
struct notification_raw {
    const char *bytes; /* NULL: Amazon has none */
    size_t size;
};

struct notification_item {
    struct notification_raw id, sku, quantity, status, shipped, cancel, source;
};

/* Everything below is owned by the notification or borrowed from the bytes it was parsed from,
 * which must outlive it. Strings are NUL-terminated UTF-8 without U+0000; NULL: absent. */
struct notification {
    enum notification_problem problem;
    char why[96]; /* problem in words with the offset, for the dead letter */

    const char *id;   /* NotificationId; NULL: absent or absurd */
    const char *type; /* NotificationType */
    const char *subscription_id;
    const char *seller_id; /* Amazon's */
    /* A seller's id stands in it, or in every one of its type: without a seller_id nobody knows
     * whose it is. False: its type carries none. */
    bool names_seller;
    const char *marketplace_id;
    const char *order_id; /* the lane's key; NULL: no lane */
    const char *change_type, *change_reason, *status, *fulfillment;
    /* It tells the state of the order: a newer one of the type makes it needless. False for what is
     * not known to be that, such as a request of the buyer. */
    bool is_state;
    /* The same as Amazon wrote them, for the body: each a string or a number, or absent as above
     * (an empty string is here only). */
    struct {
        struct notification_raw type, seller_id, marketplace_id, order_id;
        struct notification_raw change_type, change_reason, status, fulfillment;
        struct notification_raw level, ship_by, location, channel;
        struct notification_raw programs; /* an array of strings */
    } raw;
    bool cancel_requested;   /* by the buyer, of the order or of one of its items */
    uint64_t event_usec;     /* the type's own time, else EventTime, else PublishTime; 0: none */
    uint64_t published_usec; /* PublishTime; 0: none */

    struct notification_item *items;
    size_t n_items;

    const char *bytes; /* the innermost object from { to }; these are forwarded */
    size_t size;
    bool unwrapped; /* bytes had to be taken out of an SNS or EventBridge envelope, or a string */

    unsigned char
        payload_sha256[SHA256_SIZE]; /* of the Payload value's bytes, of all without one */
    bool client_secret; /* law 8: never stored, logged or forwarded; set also for bytes that do not
                           parse */

    void *owner; /* memory behind the pointers above */
};

/* Reads the bytes. Always fills *ret: with a problem set, id, type and the rest are absent and
 * `bytes` is the input as it came. The caller ends it with notification_clear. */
void notification_parse(struct notification *ret, const char *bytes, size_t size);

void notification_clear(struct notification *notification);

#endif
