/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_FIELDS_H
#define NOTIFICATION_FIELDS_H

#include "notification/notification.h"
#include "notification/types.h"

/* What the payload holds for a type, by its row of the table; raws point into the payload. */
struct fields {
    struct notification_raw seller, account, marketplace, order, time, status;
    struct notification_raw change_type, change_reason, fulfillment, level;
    struct notification_raw related, programs, ship_by, location, channel;
    struct notification_raw items; /* the array, or the object with the only item in it */
};

/* Finds the fields in the payload (absent or anything but an object: none). */
void fields_find(struct fields *ret, const struct notification_type *row,
                 struct notification_raw payload);

/* Items in `items`, at most NOTIFICATION_ITEMS_MAX, and reading that many. */
size_t fields_count_items(const struct notification_type *row, struct notification_raw items);
void fields_read_items(struct notification_item *out, size_t count,
                       const struct notification_type *row, struct notification_raw items);

#endif
