/* SPDX-License-Identifier: MIT */
#include "webhook/body.h"

#include <string.h>

#include "base/json.h"
#include "cloudevents.h"
#include "event_type.h"

/* A prefix without items is usually shorter than this, so the text grows once. */
#define PREFIX_USUAL 1024

/* The end of a body behind Amazon's bytes. It closes `data` and the whole. */
#define TAIL "}}"

/* The start of `data` in a prefix. The type and the time before it do not contain this text. */
#define DATA "\"data\":"

static void append_raw(struct text *out, const char *key, struct notification_raw raw)
{
    if (raw.bytes)
        json_raw(out, key, raw.bytes, raw.size);
    else
        json_null(out, key);
}

/* Append true or false, or null if Amazon has neither. */
static void append_flag(struct text *out, const char *key, struct notification_raw raw)
{
    bool is_flag = raw.bytes && (*raw.bytes == 't' || *raw.bytes == 'f');
    append_raw(out, key, is_flag ? raw : (struct notification_raw){0});
}

static void append_items(struct text *out, const struct notification *notification)
{
    json_open(out, "items", '[');
    for (size_t i = 0; i < notification->n_items; i++) {
        const struct notification_item *item = &notification->items[i];
        json_open(out, NULL, '{');
        append_raw(out, "id", item->id);
        append_raw(out, "sku", item->sku);
        append_raw(out, "quantity", item->quantity);
        append_raw(out, "status", item->status);
        append_raw(out, "quantityShipped", item->shipped);
        append_flag(out, "cancelRequested", item->cancel);
        append_raw(out, "supplySourceId", item->source);
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* Append the members of later versions. The origin of an event is Amazon, because nothing else
 * makes events yet. */
static void append_more(struct text *out, const struct notification *notification)
{
    struct notification_raw programs = notification->raw.programs;
    json_string(out, "origin", "amazon");
    append_raw(out, "level", notification->raw.level);
    if (programs.bytes)
        json_raw(out, "programs", programs.bytes, programs.size);
    else
        json_raw(out, "programs", "[]", 2);
    append_raw(out, "shipBy", notification->raw.ship_by);
    append_raw(out, "locationId", notification->raw.location);
    append_raw(out, "channel", notification->raw.channel);
    json_bool(out, "cancelRequested", notification->cancel_requested);
}

void webhook_body_prefix(struct text *out, const struct notification *notification, const char *id,
                         const char *seller, uint64_t event_usec)
{
    text_reserve(out, PREFIX_USUAL);
    text_append_char(out, '{');
    event_type_append(out, notification->type);
    json_time(out, "timestamp", event_usec);
    json_open(out, "data", '{');
    json_string(out, "id", id);
    append_raw(out, "notificationType", notification->raw.type);
    json_string(out, "seller", seller);
    append_raw(out, "sellerId", notification->raw.seller_id);
    append_raw(out, "marketplaceId", notification->raw.marketplace_id);
    append_raw(out, "orderId", notification->raw.order_id);
    append_raw(out, "changeType", notification->raw.change_type);
    append_raw(out, "changeReason", notification->raw.change_reason);
    append_raw(out, "status", notification->raw.status);
    append_raw(out, "fulfillment", notification->raw.fulfillment);
    append_items(out, notification);
    append_more(out, notification);
    json_raw(out, "notification", "", 0);
}

struct pieces {
    struct webhook_part *parts;
    size_t count;
};

static void add_piece(struct pieces *pieces, const void *bytes, size_t size)
{
    if (size)
        pieces->parts[pieces->count++] = (struct webhook_part){bytes, size};
}

/* Add other attributes in front of the same `data`. */
static void add_cloudevent(struct pieces *pieces, const struct webhook_body *body,
                           struct text *head)
{
    const char *data = memmem(body->prefix, body->prefix_size, DATA, strlen(DATA));
    size_t skipped = data ? (size_t)(data - body->prefix) : 0;
    cloudevents_head(head, body);
    add_piece(pieces, head->data, head->size);
    add_piece(pieces, body->prefix + skipped, body->prefix_size - skipped);
}

size_t webhook_body_parts(struct webhook_part parts[WEBHOOK_BODY_PARTS],
                          const struct webhook_body *body, struct text *head)
{
    struct pieces pieces = {.parts = parts};
    bool bare = body->format == WEBHOOK_RAW || !body->prefix_size;
    if (!bare && body->format == WEBHOOK_CLOUDEVENTS)
        add_cloudevent(&pieces, body, head);
    else if (!bare)
        add_piece(&pieces, body->prefix, body->prefix_size);
    add_piece(&pieces, body->bytes, body->bytes_size);
    if (!bare)
        add_piece(&pieces, TAIL, strlen(TAIL));
    return pieces.count;
}
