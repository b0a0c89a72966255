/* SPDX-License-Identifier: MIT */
#include "fields.h"

#include <string.h>

#include "base/memory.h"
#include "reader.h"

/* TRANSACTION_UPDATE: RelatedIdentifiers. */
#define RELATED_NAME  "RelatedIdentifierName"
#define RELATED_VALUE "RelatedIdentifierValue"
#define RELATED_ORDER "ORDER_ID"

static bool is_object(struct notification_raw raw)
{
    return raw.bytes && *raw.bytes == '{';
}

/* Add the members that a path names, unless the field was found already. Return the new number. */
static size_t want(struct reader_want wants[], size_t n, const char *path,
                   struct notification_raw *ret)
{
    for (; path && *path && !ret->bytes; path = strchr(path, '|')) {
        path += *path == '|';
        wants[n++] = (struct reader_want){path, ret};
    }
    return n;
}

/* Search for all fields that are still missing. */
static void find_in(struct fields *f, const struct notification_type *row,
                    struct notification_raw object)
{
    struct reader_want wants[READER_WANTS_MAX];
    size_t n = 0;
    n = want(wants, n, row->seller, &f->seller);
    n = want(wants, n, row->account, &f->account);
    n = want(wants, n, row->marketplace, &f->marketplace);
    n = want(wants, n, row->order, &f->order);
    n = want(wants, n, row->time, &f->time);
    n = want(wants, n, row->status, &f->status);
    n = want(wants, n, row->change_type, &f->change_type);
    n = want(wants, n, row->change_reason, &f->change_reason);
    n = want(wants, n, row->fulfillment, &f->fulfillment);
    n = want(wants, n, row->items, &f->items);
    n = want(wants, n, row->level, &f->level);
    n = want(wants, n, row->related, &f->related);
    n = want(wants, n, row->programs, &f->programs);
    n = want(wants, n, row->ship_by, &f->ship_by);
    n = want(wants, n, row->location, &f->location);
    n = want(wants, n, row->channel, &f->channel);
    if (n > 0)
        reader_find(object.bytes, wants, n);
    if (row->items && !*row->items && !f->items.bytes)
        f->items = object;
}

static bool is_text(struct notification_raw raw, const char *text)
{
    return reader_is_string(raw) && raw.size == strlen(text) + 2 &&
           memcmp(raw.bytes + 1, text, strlen(text)) == 0;
}

/* Find the order among the related objects of a transaction. */
static void find_related_order(struct fields *f)
{
    if (!f->related.bytes || *f->related.bytes != '[')
        return;
    for (const char *at = reader_first(f->related.bytes); at;) {
        struct notification_raw name = {0}, value = {0};
        const struct reader_want wants[] = {
            {RELATED_NAME, &name},
            {RELATED_VALUE, &value},
        };
        const char *end = *at == '{' ? reader_find(at, wants, ELEMENTS(wants)) : reader_skip(at);
        if (is_text(name, RELATED_ORDER) && !f->order.bytes)
            f->order = value;
        at = reader_next(end);
    }
}

static struct notification_raw first_object(struct notification_raw payload)
{
    const char *name = reader_first(payload.bytes);
    while (name) {
        const char *value = reader_value(name), *end = reader_skip(value);
        if (*value == '{')
            return (struct notification_raw){value, (size_t)(end - value)};
        name = reader_next(end);
    }
    return (struct notification_raw){0};
}

static void find_all(struct fields *ret, const struct notification_type *row,
                     struct notification_raw payload)
{
    struct notification_raw object = {0};
    *ret = (struct fields){0};
    if (!is_object(payload))
        return;
    if (row->object && !*row->object)
        object = payload;
    else if (row->object)
        reader_find(payload.bytes, &(struct reader_want){row->object, &object}, 1);
    if (is_object(object)) {
        find_in(ret, row, object);
        return;
    }
    find_in(ret, row, payload);
    object = first_object(payload);
    if (is_object(object))
        find_in(ret, row, object);
}

void fields_find(struct fields *ret, const struct notification_type *row,
                 struct notification_raw payload)
{
    find_all(ret, row, payload);
    find_related_order(ret);
}

static const char *first_item(struct notification_raw items)
{
    if (!items.bytes || *items.bytes != '[')
        return NULL;
    return reader_first(items.bytes);
}

size_t fields_count_items(const struct notification_type *row, struct notification_raw items)
{
    size_t count = 0;
    if (is_object(items)) {
        struct notification_item item = {0};
        fields_read_items(&item, 1, row, items);
        return item.id.bytes || item.sku.bytes;
    }
    for (const char *at = first_item(items); at && count < NOTIFICATION_ITEMS_MAX;
         at = reader_next(reader_skip(at)))
        count++;
    return count;
}

static const char *read_item(struct notification_item *out, const struct notification_type *row,
                             const char *at)
{
    struct reader_want wants[READER_WANTS_MAX];
    size_t n = 0;
    *out = (struct notification_item){0};
    n = want(wants, n, row->item_id, &out->id);
    n = want(wants, n, row->item_sku, &out->sku);
    n = want(wants, n, row->item_quantity, &out->quantity);
    n = want(wants, n, row->item_status, &out->status);
    n = want(wants, n, row->item_shipped, &out->shipped);
    n = want(wants, n, row->item_cancel, &out->cancel);
    n = want(wants, n, row->item_source, &out->source);
    return *at == '{' ? reader_find(at, wants, n) : reader_skip(at);
}

void fields_read_items(struct notification_item *out, size_t count,
                       const struct notification_type *row, struct notification_raw items)
{
    const char *at = is_object(items) ? items.bytes : first_item(items);
    for (size_t i = 0; i < count && at; i++)
        at = reader_next(read_item(&out[i], row, at));
}
