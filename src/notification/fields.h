/* SPDX-License-Identifier: MIT */
#ifndef SRC_NOTIFICATION_FIELDS_H
#define SRC_NOTIFICATION_FIELDS_H

#include "notification/notification.h"
#include "notification/types.h"

/* The fields of a payload, by the row of its type. The raws point into the payload. */
struct fields {
    struct notification_raw seller, account, marketplace, order, time, status;
    struct notification_raw change_type, change_reason, fulfillment, level;
    struct notification_raw related, programs, ship_by, location, channel;
    struct notification_raw items; /* the array, or the object with the only item in it */
};

/* Find the fields in the payload. If it is absent or not an object, there are none. */
void fields_find(struct fields *ret, const struct notification_type *row,
                 struct notification_raw payload);

/* Return the number of items in `items`, at most NOTIFICATION_ITEMS_MAX. */
size_t fields_count_items(const struct notification_type *row, struct notification_raw items);

/* Read the first `count` items. */
void fields_read_items(struct notification_item *out, size_t count,
                       const struct notification_type *row, struct notification_raw items);

#endif
