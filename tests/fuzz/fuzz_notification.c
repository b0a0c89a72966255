/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "notification/secret_notice.h"
#include "notification/strict.h"
#include "webhook/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(const char *text)
{
    must(!text ||
         (*text && strlen(text) <= NOTIFICATION_FIELD_MAX && text_is_utf8(text, strlen(text))));
}

static void check_texts(const struct notification *n)
{
    const char *const texts[] = {
        n->id,       n->type,        n->subscription_id, n->seller_id, n->marketplace_id,
        n->order_id, n->change_type, n->change_reason,   n->status,    n->fulfillment,
    };
    for (size_t i = 0; i < ELEMENTS(texts); i++)
        check_text(texts[i]);
    for (const char *c = n->id; c && *c; c++)
        must(*c >= 0x20 && *c <= 0x7e);
    must(n->n_items <= NOTIFICATION_ITEMS_MAX);
}

/* Our envelope and Amazon's bytes together are JSON, at most a little too deep for us to take in.
 */
static void check_body(const struct notification *n)
{
    const char *why;
    AUTOTEXT struct text prefix = {0};
    webhook_body_prefix(&prefix, n, n->id ? n->id : "sqs-1", NULL, n->event_usec);
    for (unsigned format = 0; format < WEBHOOK_FORMATS; format++) {
        AUTOTEXT struct text head = {0}, body = {0};
        struct webhook_part parts[WEBHOOK_BODY_PARTS];
        size_t n_parts = webhook_body_parts(parts,
                                            &(struct webhook_body){
                                                .format = (enum webhook_format)format,
                                                .prefix = prefix.data,
                                                .prefix_size = prefix.size,
                                                .bytes = n->bytes,
                                                .bytes_size = n->size,
                                                .id = n->id ? n->id : "sqs-1",
                                                .seller_id = n->seller_id,
                                                .type = n->type,
                                                .order_id = n->order_id,
                                                .event_usec = n->event_usec,
                                            },
                                            &head);
        for (size_t i = 0; i < n_parts; i++)
            text_append(&body, parts[i].bytes, parts[i].size);
        if (strict_json_check(body.data, body.size, &why))
            must(strcmp(why, "nested too deeply") == 0);
    }
}

/* What is said about the client secret: whole, or not taken. */
static void check_secret(const struct notification *n)
{
    struct new_client_secret secret;
    struct client_secret_expiry expiry;
    if (new_client_secret_read(&secret, n) == 0) {
        must(n->client_secret && secret.client_id[0] && secret.issued_usec);
        must(secret.secret.size > 0 && secret.secret.size <= SECRET_NOTICE_MAX);
        must(strlen(secret.secret.data) == secret.secret.size);
    } else {
        must(!secret.secret.data);
    }
    new_client_secret_clear(&secret);
    if (client_secret_expiry_read(&expiry, n) == 0)
        must(expiry.client_id[0] && strcmp(n->type, SECRET_NOTICE_EXPIRY) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct notification n;

    notification_parse(&n, bytes, size);
    check_texts(&n);
    check_secret(&n);
    if (n.problem) {
        must(n.bytes == bytes && n.size == size && !n.type && n.why[0]);
    } else {
        must(n.size >= 2 && n.bytes[0] == '{' && n.bytes[n.size - 1] == '}');
        must(strict_json_check(n.bytes, n.size, NULL) == 0);
        check_body(&n);
    }
    notification_clear(&n);
    return 0;
}
