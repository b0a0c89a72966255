/* SPDX-License-Identifier: MIT */
#include "webhook/body.h"

#include <string.h>

#include "base/json.h"

/* A prefix without items is shorter than this, so the text grows once. */
#define PREFIX_USUAL 768

static void append_raw(struct text *out, const char *key, struct notification_raw raw)
{
    if (raw.bytes)
        json_raw(out, key, raw.bytes, raw.size);
    else
        json_null(out, key);
}

/* "amazon." and the type in lower case; every other character, of however many bytes, is one "_".
 */
static void append_type(struct text *out, const char *type)
{
    json_raw(out, "type", "\"amazon.", strlen("\"amazon."));
    for (const char *c = type ? type : "unknown"; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            text_append_char(out, (char)(*c + ('a' - 'A')));
        else if ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9'))
            text_append_char(out, *c);
        else if (((unsigned char)*c & 0xc0) != 0x80)
            text_append_char(out, '_');
    }
    text_append_char(out, '"');
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
        json_close(out, '}');
    }
    json_close(out, ']');
}

void webhook_body_prefix(struct text *out, const struct notification *notification, const char *id,
                         const char *seller, uint64_t event_usec)
{
    text_reserve(out, PREFIX_USUAL);
    text_append_char(out, '{');
    append_type(out, notification->type);
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
    json_raw(out, "notification", "", 0);
}
