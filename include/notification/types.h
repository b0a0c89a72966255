/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_TYPES_H
#define NOTIFICATION_TYPES_H

#include <stddef.h>

/*
 * The table that says which field of which notification type feeds what (design 4.3). A path is a
 * list of member names separated by dots, from the payload's object down; "*" stands for the only
 * member of an object: its value is taken and its name goes before it ("aftn:AFTN987").
 */
struct notification_type {
    const char *type;   /* NULL in the last row: any other type */
    const char *object; /* the payload's member that holds the fields; NULL: the first object in it, or itself */
    const char *seller, *marketplace, *order, *time, *status, *change_type, *change_reason;
    const char *fulfillment;
    const char *items, *item_id, *item_sku, *item_quantity;
};

/* The row of a type; the last row for a type without one of its own. Never NULL. */
const struct notification_type *notification_type_find(const char *type);

/* All rows, for the documentation and its test; *ret_count counts the last one as well. */
const struct notification_type *notification_type_table(size_t *ret_count);

#endif
