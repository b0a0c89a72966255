/* SPDX-License-Identifier: MIT */
#include "store/forget.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "forget.h"
#include "inside.h"
#include "lanes.h"
#include "prune.h"

/* The most notifications that one step looks at. */
#define FORGET_LOOK_MAX 20000
/* Bytes of an HMAC that are kept. */
#define HASH_SIZE 16
/* Replaces an id, in the same length. */
#define FORGOTTEN "forgotten"
/* The shortest id that is distinct: a shorter one may occur in any text. Amazon's have 19
 * characters. */
#define DISTINCT_MIN 10

/* ---- the store's key ---- */

#define KEY_SIZE 32
#define KEY_TEXT (2 * KEY_SIZE)

static int make_key(struct store *store, char key[KEY_TEXT + 1])
{
    unsigned char random[KEY_SIZE];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        abort();
    text_hex(key, random, sizeof(random));
    OPENSSL_cleanse(random, sizeof(random));
    return store_set_fact(store, "store", "", "forget_key", key);
}

/* Load the key; with `make`, make one if there is none. *ret_known false: there is none. */
static int load_key(struct store *store, bool make, char key[KEY_TEXT + 1], bool *ret_known)
{
    char *known = NULL;
    int r = store_get_fact(store, "store", "", "forget_key", &known);
    *ret_known = r == 0 && known && strlen(known) == KEY_TEXT;
    if (*ret_known)
        memcpy(key, known, KEY_TEXT + 1);
    if (known)
        OPENSSL_cleanse(known, strlen(known));
    free(known);
    if (r || *ret_known || !make)
        return r;
    *ret_known = true;
    return make_key(store, key);
}

static int hash(struct store *store, bool make, const void *bytes, size_t size,
                unsigned char out[SHA256_SIZE], bool *ret_known)
{
    char key[KEY_TEXT + 1] = "";
    int r = load_key(store, make, key, ret_known);
    if (r == 0 && *ret_known)
        digest_hmac_sha256(out, key, KEY_TEXT, bytes, size);
    OPENSSL_cleanse(key, sizeof(key));
    return r;
}

int forget_is_payload(struct store *store, const void *kept, size_t size,
                      const unsigned char *payload_sha256, bool *ret)
{
    bool known = false;
    unsigned char sum[SHA256_SIZE];
    *ret = false;
    if (size != HASH_SIZE)
        return 0;
    int r = hash(store, false, payload_sha256, size, sum, &known);
    *ret = r == 0 && known && memcmp(sum, kept, size) == 0;
    return r;
}

int store_order_reference(struct store *store, const char *order, char out[STORE_REFERENCE_MAX])
{
    bool known;
    unsigned char sum[SHA256_SIZE];
    int r = hash(store, true, order, strlen(order), sum, &known);
    if (r == 0)
        text_hex(out, sum, HASH_SIZE);
    return r;
}

/* ---- forgotten orders ---- */

int store_forgotten_usec(struct store *store, const char *order, uint64_t *ret_usec)
{
    bool known = false, row;
    unsigned char sum[SHA256_SIZE];
    *ret_usec = 0;
    int r = hash(store, false, order, strlen(order), sum, &known);
    if (r || !known)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_FORGOTTEN);
    query_bytes(&q, sum, HASH_SIZE);
    r = query_step(&q, &row);
    if (r == 0 && row)
        *ret_usec = (uint64_t)query_get_number(&q);
    return r;
}

static int note_order(struct store *store, const char *order, uint64_t now_usec)
{
    bool known;
    unsigned char sum[SHA256_SIZE];
    int r = hash(store, true, order, strlen(order), sum, &known);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_FORGOTTEN_ADD);
    query_bytes(&q, sum, HASH_SIZE);
    query_number(&q, (int64_t)now_usec);
    return query_run(&q);
}

int store_prune_forgotten(struct store *store, uint64_t before_usec)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_FORGOTTEN_PRUNE);
    query_number(&q, (int64_t)before_usec);
    return query_run(&q);
}

/* ---- deliveries ---- */

static bool waits(enum delivery_state state)
{
    return delivery_state_is_open(state) || state == DELIVERY_DEAD;
}

static int drop(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    row->next_usec = row->not_before_usec = row->age_usec = 0;
    row->done_usec = now_usec;
    return lane_move(store, row, DELIVERY_DROPPED, NULL);
}

/* Remove lane and error of a delivery: the lane is a hash of the order, and the error may have
 * words of the receiver. */
static int strip(struct store *store, int64_t delivery)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_DELIVERY_FORGET);
    query_number(&q, delivery);
    return query_run(&q);
}

static int forget_delivery(struct store *store, struct forget *forget, int64_t delivery,
                           uint64_t now_usec)
{
    struct lane_row row;
    int r = lane_load(store, delivery, &row);
    if (r)
        return r;
    if (row.state == DELIVERY_INFLIGHT) {
        forget->in_flight = delivery;
        return store_say(store, STORE_IN_FLIGHT, "delivery %lld is in flight", (long long)delivery);
    }
    forget->deliveries++;
    forget->dropped += waits(row.state);
    if (forget->dry_run)
        return 0;
    if (waits(row.state))
        r = drop(store, &row, now_usec);
    return r ? r : strip(store, delivery);
}

/* ---- notifications ---- */

/* Return the text that replaces an id. It is as long as the id, so that SQLite overwrites the id
 * where it is. */
static char *mask(const char *id)
{
    size_t size = id ? strlen(id) : 0;
    char *text = memory_new(size + 1);
    memset(text, '*', size);
    memcpy(text, FORGOTTEN, size < strlen(FORGOTTEN) ? size : strlen(FORGOTTEN));
    return text;
}

static int replace_ids(struct store *store, int64_t id, const char *nid, const char *order,
                       const char *message_id, const unsigned char payload[HASH_SIZE])
{
    AUTOFREE char *masked_nid = mask(nid), *masked_order = mask(order),
                  *masked_message = mask(message_id);
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_FORGET);
    query_number(&q, id);
    query_text(&q, masked_nid);
    query_text(&q, masked_order);
    query_text(&q, message_id ? masked_message : NULL);
    query_bytes(&q, payload, HASH_SIZE);
    return query_run(&q);
}

static int mask_ids(struct store *store, int64_t id)
{
    bool row, known;
    size_t size;
    unsigned char sum[SHA256_SIZE];
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_IDS);
    query_number(&q, id);
    int r = query_step(&q, &row);
    if (r || !row)
        return r ? r : STORE_CORRUPT;
    AUTOFREE char *nid = memory_string(query_get_text(&q));
    AUTOFREE char *order = memory_string(query_get_text(&q));
    AUTOFREE char *message = memory_string(query_get_text(&q));
    const void *payload = query_get_bytes(&q, &size);
    r = hash(store, true, payload, size, sum, &known);
    query_end(&q);
    return r ? r : replace_ids(store, id, nid, order, message, sum);
}

static int delete_attempts(struct store *store, int64_t first, int64_t last)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_ATTEMPTS_DELETE);
    query_number(&q, first);
    query_number(&q, last);
    return query_run(&q);
}

struct found {
    int64_t id, first, count;
};

static int forget_notification(struct store *store, struct forget *forget,
                               const struct found *found, uint64_t now_usec)
{
    int r = 0;
    for (int64_t i = 0; r == 0 && i < found->count; i++)
        r = forget_delivery(store, forget, found->first + i, now_usec);
    forget->notifications++;
    if (r || forget->dry_run)
        return r;
    r = prune_body(store, found->id);
    if (r == 0)
        r = delete_attempts(store, found->first, found->first + found->count - 1);
    return r ? r : mask_ids(store, found->id);
}

/* ---- the step ---- */

static int collect(struct store *store, struct forget *forget, struct found *out, size_t *ret_count)
{
    int64_t last = forget->after + FORGET_LOOK_MAX;
    CLEANUP(query_end) struct query q = query_start(store, SQL_ORDER_SCAN);
    query_number(&q, forget->after);
    query_number(&q, last);
    query_text(&q, forget->order);
    query_number(&q, STORE_OPERATE_MAX);
    for (*ret_count = 0; *ret_count < STORE_OPERATE_MAX; ++*ret_count) {
        bool row;
        int r = query_step(&q, &row);
        if (r)
            return r;
        if (!row)
            break;
        out[*ret_count] = (struct found){.id = query_get_number(&q)};
        out[*ret_count].first = query_get_number(&q);
        out[*ret_count].count = query_get_number(&q);
    }
    forget->after = *ret_count == STORE_OPERATE_MAX ? out[*ret_count - 1].id : last;
    forget->more = forget->after < store->head.notification;
    return 0;
}

bool store_order_is_distinct(const char *order)
{
    return strlen(order) >= DISTINCT_MIN && strpbrk(order, "0123456789") &&
           strspn(order, "0123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
               strlen(order);
}

/* Replace the order id in facts: alarms that are still to be sent have it in their words. */
static int strip_facts(struct store *store, const char *order)
{
    if (!store_order_is_distinct(order))
        return 0;
    AUTOFREE char *masked = mask(order);
    CLEANUP(query_end) struct query q = query_start(store, SQL_FACTS_FORGET);
    query_text(&q, order);
    query_text(&q, masked);
    return query_run(&q);
}

/* Prepare the removal. Pages that become free are overwritten, too: here that costs little. */
static int prepare(struct store *store, const struct forget *forget, uint64_t now_usec)
{
    store->removed = true;
    int r = query_failure(store,
                          sqlite3_exec(store->db, "PRAGMA secure_delete = ON", NULL, NULL, NULL));
    if (r == 0)
        r = note_order(store, forget->order, now_usec);
    return r ? r : strip_facts(store, forget->order);
}

int store_forget(struct store *store, struct forget *forget, uint64_t now_usec)
{
    struct found found[STORE_OPERATE_MAX];
    size_t count;
    int r = collect(store, forget, found, &count);
    if (r == 0 && count && !forget->dry_run)
        r = prepare(store, forget, now_usec);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = forget_notification(store, forget, &found[i], now_usec);
    return r;
}
