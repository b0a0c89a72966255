/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_NOTIFICATION_H
#define NOTIFICATION_NOTIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

/*
 * Bytes in, struct out. A notification is read once, here. Nothing in it is refused: unknown types,
 * keys, enum values and versions pass through. Key names of the envelope and the metadata may begin
 * in either case (facts: Pascal, camel and mixed envelopes exist); those of the payload may, too.
 */

/* A NotificationId longer than this is replaced by "sha256-" and 64 hex digits of its hash. If it
 * has bytes outside 0x20-0x7E, it counts as absent. */
#define NOTIFICATION_ID_MAX 256
/* Other texts that become columns or header values. If one is longer, or has U+0000 or half a
 * surrogate pair in it, it counts as absent. */
#define NOTIFICATION_FIELD_MAX 256
/* Layers of SNS envelope, EventBridge envelope and JSON string that are removed at most. */
#define NOTIFICATION_WRAPS_MAX 4
/* Items of one order that the default body lists. An item of Amazon's has more than 105 bytes, so a
 * message of SQS, 1 MiB at most, holds fewer. The limit is for other senders. */
#define NOTIFICATION_ITEMS_MAX 10000

enum notification_problem {
    NOTIFICATION_FINE = 0,
    NOTIFICATION_NOT_JSON,     /* not one JSON value, not UTF-8, or nested too deeply */
    NOTIFICATION_NOT_AN_OBJECT /* JSON, but no object after unwrapping */
};

/* A piece of JSON exactly as Amazon wrote it: a string with its quotes, a number, true, null ... */
struct notification_raw {
    const char *bytes; /* NULL: Amazon sent none */
    size_t size;
};

struct notification_item {
    struct notification_raw id, sku, quantity, status, shipped, cancel, source;
};

/* Everything below is owned by the notification or borrowed from the bytes it was parsed from,
 * which must outlive it. Strings are NUL-terminated UTF-8 without U+0000; NULL: absent. */
struct notification {
    enum notification_problem problem;
    char why[96]; /* the problem in words with the offset, for the dead letter */

    const char *id;   /* NotificationId; NULL: absent or not usable */
    const char *type; /* NotificationType */
    const char *subscription_id;
    const char *seller_id; /* Amazon's */
    /* It contains a seller's id, or every one of its type does: without seller_id its seller is
     * unknown. False: its type contains none. */
    bool names_seller;
    const char *marketplace_id;
    const char *order_id; /* the lane's key; NULL: no lane */
    const char *change_type, *change_reason, *status, *fulfillment;
    /* It is a state of the order: a newer one of the type replaces it. False if that is not
     * certain, as for a request of the buyer. */
    bool is_state;
    /* The same as Amazon wrote them, for the body: each a string or a number, or absent as above
     * (an empty string is only here). */
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
    bool unwrapped; /* bytes were inside an SNS or EventBridge envelope, or a string */

    /* Of the Payload value's bytes; of all bytes if there is none. */
    unsigned char payload_sha256[SHA256_SIZE];
    /* Never stored, logged or forwarded; set also for bytes that do not parse. */
    bool client_secret;

    void *owner; /* memory behind the pointers above */
};

/* Parse the bytes. *ret is always filled: with a problem set, id, type and the rest are absent and
 * `bytes` is the unchanged input. The caller ends it with notification_clear. */
void notification_parse(struct notification *ret, const char *bytes, size_t size);

/* Free the memory of the notification. */
void notification_clear(struct notification *notification);

#endif
