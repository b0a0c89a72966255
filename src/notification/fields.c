/* SPDX-License-Identifier: MIT */
#include "fields.h"

#include <string.h>

#include "base/memory.h"
#include "reader.h"

static bool is_object(struct notification_raw raw)
{
    return raw.bytes && *raw.bytes == '{';
}

/* Adds what a path asks for, unless it was found already. */
static size_t want(struct reader_want wants[], size_t n, const char *path,
                   struct notification_raw *ret)
{
    for (; path && *path && !ret->bytes; path = strchr(path, '|')) {
        path += *path == '|';
        wants[n++] = (struct reader_want){path, ret};
    }
    return n;
}

/* Looks for all fields that are still missing. */
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
    if (n > 0)
        reader_find(object.bytes, wants, n);
    if (row->items && !*row->items && !f->items.bytes)
        f->items = object;
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

void fields_find(struct fields *ret, const struct notification_type *row,
                 struct notification_raw payload)
{
    struct notification_raw object = {0};
    *ret = (struct fields){0};
    if (!is_object(payload))
        return;
    if (row->object)
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
    const struct reader_want wants[] = {
        {row->item_id, &out->id},
        {row->item_sku, &out->sku},
        {row->item_quantity, &out->quantity},
    };
    *out = (struct notification_item){0};
    return *at == '{' ? reader_find(at, wants, ELEMENTS(wants)) : reader_skip(at);
}

void fields_read_items(struct notification_item *out, size_t count,
                       const struct notification_type *row, struct notification_raw items)
{
    const char *at = is_object(items) ? items.bytes : first_item(items);
    for (size_t i = 0; i < count && at; i++)
        at = reader_next(read_item(&out[i], row, at));
}
