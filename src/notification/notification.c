/* SPDX-License-Identifier: MIT */
#include "notification/notification.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "client_secret.h"
#include "envelope.h"
#include "fields.h"
#include "keep.h"
#include "reader.h"

/* Text before the 64 hex digits that replace an id, and the room for both with a NUL. */
#define HASHED_ID      "sha256-"
#define HASHED_ID_ROOM (sizeof(HASHED_ID) + 2 * SHA256_SIZE)

/* Text before the seller's id in an account, and the characters of such an id. */
#define ACCOUNT_PREFIX  "amzn1.merchant.o."
#define ACCOUNT_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Longest time that is read, including the quotes. */
#define TIME_MAX 64

_Static_assert(NOTIFICATION_ID_MAX == NOTIFICATION_FIELD_MAX, "keep_text has one limit");

/* The memory of a notification in one block, and the decoded wrapping. */
struct owner {
    char *unwrapped;
    struct notification_item items[]; /* the texts follow them */
};

static uint64_t read_time(struct notification_raw raw)
{
    char text[TIME_MAX + 1];
    uint64_t usec;
    if (!reader_is_string(raw) || raw.size > TIME_MAX)
        return 0;
    size_t size = reader_decode(text, raw, NULL);
    if (clock_parse_rfc3339(text, size, &usec) == 0)
        return usec;
    text[size] = 'Z'; /* without a zone it is UTC, as Amazon's times are */
    return clock_parse_rfc3339(text, size + 1, &usec) == 0 ? usec : 0;
}

static void read_times(struct notification *n, struct notification_raw own,
                       struct notification_raw event)
{
    n->event_usec = read_time(own);
    if (n->event_usec == 0)
        n->event_usec = read_time(event);
    if (n->event_usec == 0)
        n->event_usec = n->published_usec;
}

static const struct notification_type *find_row(struct notification_raw type)
{
    char text[KEEP_RAW_MAX + 1], *next = text;
    return notification_type_find(keep_text(&next, &type));
}

/* Keep a hash instead of an id that is too long. NULL if the id fits. docs/webhook.md describes
 * this name for ids that do not fit into a header. */
static const char *keep_hashed(char **next, struct notification_raw raw)
{
    AUTOFREE char *id = reader_is_string(raw) ? memory_resize(NULL, raw.size, 1) : NULL;
    size_t size = id ? reader_decode(id, raw, NULL) : 0;
    unsigned char sha256[SHA256_SIZE];
    char *text = *next;
    if (size <= NOTIFICATION_ID_MAX)
        return NULL;
    digest_sha256(sha256, id, size);
    memcpy(text, HASHED_ID, strlen(HASHED_ID));
    text_hex(text + strlen(HASHED_ID), sha256, SHA256_SIZE);
    *next += HASHED_ID_ROOM;
    return text;
}

static const char *keep_id(char **next, struct notification_raw raw)
{
    const char *hashed = keep_hashed(next, raw);
    if (hashed)
        return hashed;
    const char *id = keep_text(next, &raw);
    for (const char *c = id; c && *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            return NULL;
    return id;
}

static void keep_envelope(struct notification *n, char **next, const struct envelope *e)
{
    struct notification_raw subscription = e->subscription;
    n->raw.type = e->type;
    n->id = keep_id(next, e->id);
    n->type = keep_text(next, &n->raw.type);
    n->subscription_id = keep_text(next, &subscription);
}

/* Keep the seller's id that follows ACCOUNT_PREFIX, as text and as raw value. Absent if the account
 * has another form. */
static const char *keep_account(char **next, struct notification_raw *raw)
{
    const char *account = keep_text(next, raw);
    bool fits = account && text_starts(account, ACCOUNT_PREFIX);
    const char *id = fits ? account + strlen(ACCOUNT_PREFIX) : "";
    size_t size = strspn(id, ACCOUNT_LETTERS);
    *raw = (struct notification_raw){0};
    if (!size || id[size])
        return NULL;
    char *quoted = *next;
    *raw = (struct notification_raw){quoted, size + 2};
    quoted[0] = quoted[size + 1] = '"';
    memcpy(quoted + 1, id, size);
    *next += size + 2;
    return id;
}

static bool is_there(struct notification_raw raw)
{
    return raw.bytes && *raw.bytes != 'n'; /* null */
}

/* Keep the seller. If the row of a type has a seller and no account, every notification of the type
 * names its seller. */
static void keep_seller(struct notification *n, char **next, const struct fields *f,
                        const struct notification_type *row)
{
    bool by_account = !is_there(f->seller) && is_there(f->account);
    n->names_seller = (row->type && row->seller && !row->account) || is_there(f->seller) ||
                      (by_account && !reader_is_string(f->account));
    n->raw.seller_id = by_account ? f->account : f->seller;
    n->seller_id =
        by_account ? keep_account(next, &n->raw.seller_id) : keep_text(next, &n->raw.seller_id);
}

static void keep_fields(struct notification *n, char **next, const struct fields *f)
{
    n->raw.marketplace_id = f->marketplace;
    n->raw.order_id = f->order;
    n->raw.change_type = f->change_type;
    n->raw.change_reason = f->change_reason;
    n->raw.status = f->status;
    n->raw.fulfillment = f->fulfillment;

    n->marketplace_id = keep_text(next, &n->raw.marketplace_id);
    n->order_id = keep_text(next, &n->raw.order_id);
    n->change_type = keep_text(next, &n->raw.change_type);
    n->change_reason = keep_text(next, &n->raw.change_reason);
    n->status = keep_text(next, &n->raw.status);
    n->fulfillment = keep_text(next, &n->raw.fulfillment);
}

/* Return a raw that is passed on without a text of ours. It must be a string or a
 * number of a usual size. */
static struct notification_raw scalar(struct notification_raw raw)
{
    bool fits =
        raw.bytes && raw.size <= KEEP_RAW_MAX && (reader_is_string(raw) || reader_is_number(raw));
    return fits ? raw : (struct notification_raw){0};
}

static struct notification_raw list_of_strings(struct notification_raw raw)
{
    if (!raw.bytes || *raw.bytes != '[' || raw.size > KEEP_RAW_MAX)
        return (struct notification_raw){0};
    for (const char *at = reader_first(raw.bytes); at; at = reader_next(reader_skip(at)))
        if (*at != '"')
            return (struct notification_raw){0};
    return raw;
}

static void keep_more(struct notification *n, const struct fields *f)
{
    n->raw.level = scalar(f->level);
    n->raw.ship_by = scalar(f->ship_by);
    n->raw.location = scalar(f->location);
    n->raw.channel = scalar(f->channel);
    n->raw.programs = list_of_strings(f->programs);
}

static bool is_true(struct notification_raw raw)
{
    return (raw.size == 4 && memcmp(raw.bytes, "true", 4) == 0) ||
           (raw.size == 6 && strncasecmp(raw.bytes, "\"true\"", 6) == 0);
}

static bool asks_to_cancel(const struct notification *n, const struct notification_type *row)
{
    if (row->cancel && text_equal(n->change_type, row->cancel))
        return true;
    for (size_t i = 0; i < n->n_items; i++)
        if (is_true(n->items[i].cancel))
            return true;
    return false;
}

static bool is_about_a_part(const struct notification_type *row, struct notification_raw level)
{
    char text[KEEP_RAW_MAX + 1], *next = text;
    const char *is = keep_text(&next, &level);
    return is && strcmp(is, row->whole) != 0;
}

static bool tells_state(const struct notification *n, const struct notification_type *row,
                        struct notification_raw level)
{
    if (!row->states || !n->order_id || is_about_a_part(row, level))
        return false;
    return strcmp(row->states, "*") == 0 ||
           (n->change_type && strcmp(row->states, n->change_type) == 0);
}

static size_t texts_room(const struct envelope *e, const struct fields *f)
{
    const struct notification_raw texts[] = {
        e->id,    e->type,   e->subscription, f->seller,        f->account,     f->marketplace,
        f->order, f->status, f->change_type,  f->change_reason, f->fulfillment,
    };
    size_t room = HASHED_ID_ROOM + keep_room(f->account); /* the account's id once more, quoted */
    for (size_t i = 0; i < ELEMENTS(texts); i++)
        room += keep_room(texts[i]);
    return room;
}

/* Keep the needed parts of the envelope and the payload. */
static void keep(struct notification *n, const struct envelope *e,
                 const struct notification_type *row)
{
    struct fields f;
    fields_find(&f, row, e->payload);
    n->n_items = row->items ? fields_count_items(row, f.items) : 0;

    size_t items = n->n_items * sizeof(struct notification_item);
    struct owner *owner = memory_resize(NULL, sizeof(*owner) + items + texts_room(e, &f), 1);
    char *next = (char *)owner->items + items;
    owner->unwrapped = e->unwrapped;
    n->owner = owner;
    n->items = n->n_items > 0 ? owner->items : NULL;
    fields_read_items(n->items, n->n_items, row, f.items);
    n->published_usec = read_time(e->published);
    read_times(n, f.time, e->time);
    keep_envelope(n, &next, e);
    keep_seller(n, &next, &f, row);
    keep_fields(n, &next, &f);
    keep_more(n, &f);
    n->is_state = tells_state(n, row, f.level);
    n->cancel_requested = asks_to_cancel(n, row);
}

void notification_parse(struct notification *ret, const char *bytes, size_t size)
{
    struct envelope e;
    envelope_read(&e, bytes, size);
    *ret = (struct notification){.problem = e.problem, .bytes = e.bytes, .size = e.size};
    if (e.problem) {
        memcpy(ret->why, e.why, sizeof(ret->why));
        digest_sha256(ret->payload_sha256, bytes, size);
        ret->client_secret = e.client_secret;
        envelope_clear(&e);
        return;
    }
    const struct notification_type *row = find_row(e.type);
    keep(ret, &e, row);
    ret->unwrapped = e.wrapped;
    digest_sha256(ret->payload_sha256, e.payload.bytes ? e.payload.bytes : e.bytes,
                  e.payload.bytes ? e.payload.size : e.size);
    /* The type of a client secret has no row. An unknown type may also be that type
     * under another name. */
    ret->client_secret = !row->type && client_secret_mentioned(e.bytes, e.size);
}

void notification_clear(struct notification *notification)
{
    struct owner *owner = notification->owner;
    if (owner)
        free(owner->unwrapped);
    free(owner);
    *notification = (struct notification){0};
}
