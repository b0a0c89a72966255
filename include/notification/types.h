/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_TYPES_H
#define NOTIFICATION_TYPES_H

#include <stddef.h>

/*
 * The table of notification types: for each type, the paths of the fields that we use.
 * A path is a list of member names separated by dots, from the payload's object down. "|" separates
 * two paths of which a type has one or the other. "*" stands for the only member of an object,
 * whatever its name (the first, if there are more). The first letter of every name may be in either
 * case.
 */
struct notification_type {
    const char *type; /* NULL in the last row: any other type */
    /* The payload's member that holds the fields; "": they are in the payload itself. If the member
     * is missing, or NULL here, they are searched in the payload and then in the first object in
     * it. A type with `seller` and without `account`
     * names its seller in every notification. */
    const char *object;
    const char *seller, *marketplace, *order, *time, *status, *change_type, *change_reason;
    /* The member with the seller's account, "amzn1.merchant.o." and the seller's id, for types
     * without `seller`. Any other form names no seller. */
    const char *account;
    const char *fulfillment;
    /* A list of related objects, the order's id among them (fields.c). */
    const char *related;
    const char *programs, *ship_by, *location, *channel;
    /* The array of items, or the only one, and paths inside one. "" for `items`: the object itself
     * has the fields of a single item. */
    const char *items, *item_id, *item_sku, *item_quantity;
    const char *item_status, *item_shipped, *item_cancel, *item_source;
    /* The change type with which the buyer asks to cancel. */
    const char *cancel;
    /* Its events that are the state of the whole order, so that the newest contains everything of
     * the older ones: those with this change type; "*": all; NULL: none, because each has something
     * of its own (a request, one of several shipments or items). If there is a member `level`, only
     * those in which it has the value `whole`. */
    const char *states, *level, *whole;
    /* The values that Amazon documents for status, change type and fulfilment, NULL-terminated;
     * NULL: any text, or no such field. For advice only: received values are not checked against
     * them. */
    const char *const *statuses, *const *changes, *const *fulfillments;
};

/* Find the row of a type; the last row for a type without one of its own, and for NULL. Never
 * NULL. */
const struct notification_type *notification_type_find(const char *type);

/* Return all rows, for the documentation and its test; *ret_count includes the last one. */
const struct notification_type *notification_type_table(size_t *ret_count);

#endif
