/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_TYPES_H
#define NOTIFICATION_TYPES_H

#include <stddef.h>

/*
 * The table that says which field of which notification type feeds what (design 4.3). A path is a
 * list of member names separated by dots, from the payload's object down; "|" separates two paths
 * of which a type has one or the other; "*" stands for the only member of an object, whatever its
 * name (the first, should there be more). The first letter of every name may be in either case.
 */
struct notification_type {
    const char *type; /* NULL in the last row: any other type */
    /* The payload's member that holds the fields. Where it is missing, or NULL here, they are
     * looked for in the payload itself and then in the first object in it. A type with `seller` and
     * without `account` names its seller in every notification. */
    const char *object;
    const char *seller, *marketplace, *order, *time, *status, *change_type, *change_reason;
    /* The member with the seller's account, "amzn1.merchant.o." and the seller's id, where there is
     * no seller; any other form of it names none. */
    const char *account;
    const char *fulfillment;
    /* A list of related objects, the order's id among them (fields.c). */
    const char *related;
    const char *programs, *ship_by, *location, *channel;
    /* The array of items, or the only one, and paths inside one; "" for `items`: the fields of a
     * single item stand in the object itself. */
    const char *items, *item_id, *item_sku, *item_quantity;
    const char *item_status, *item_shipped, *item_cancel, *item_source;
    /* The change type with which the buyer asks to cancel. */
    const char *cancel;
    /* Which of its events tell the state of the whole order, so that the newest says all that the
     * older ones did: those with this change type; "*": all; NULL: none, as each tells something of
     * its own (a request, one of several shipments or items). Where there is a member `level`, only
     * those in which it has the value `whole`. */
    const char *states, *level, *whole;
    /* The values that Amazon documents for status, change type and fulfilment, NULL-terminated;
     * NULL: any text, or no such field. For advice only: nothing that is sent is held against them.
     */
    const char *const *statuses, *const *changes, *const *fulfillments;
};

/* The row of a type; the last row for a type without one of its own, and for NULL. Never NULL. */
const struct notification_type *notification_type_find(const char *type);

/* All rows, for the documentation and its test; *ret_count counts the last one as well. */
const struct notification_type *notification_type_table(size_t *ret_count);

#endif
