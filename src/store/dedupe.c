/* SPDX-License-Identifier: MIT */
#include "dedupe.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "inside.h"

/* Half of the keys that fit make a merge, so that there is room for new keys while it goes on. The
 * more keys a merge has, the more of them share a page of the table. */
#define MERGE_AT (RECENT_MAX / 2)
/* Keys that are written with one commit: a few milliseconds even if each has a page of its own. */
#define MERGE_STEP 256

void dedupe_init(struct dedupe *dedupe)
{
    *dedupe = (struct dedupe){.complete_to = -1, .merge_at = MERGE_AT, .step = MERGE_STEP};
}

static void end_merge(struct dedupe *dedupe)
{
    free(dedupe->order);
    dedupe->order = NULL;
    dedupe->merging = dedupe->done = 0;
}

void dedupe_clear(struct dedupe *dedupe)
{
    end_merge(dedupe);
    recent_clear(&dedupe->recent);
    dedupe->complete_to = -1;
}

void dedupe_rollback(struct dedupe *dedupe)
{
    dedupe_clear(dedupe);
}

/* Replace the first hash by the hash of both hashes. */
static void append(unsigned char sum[SHA256_SIZE], const unsigned char next[SHA256_SIZE])
{
    unsigned char both[2 * SHA256_SIZE];
    memcpy(both, sum, SHA256_SIZE);
    memcpy(both + SHA256_SIZE, next, SHA256_SIZE);
    digest_sha256(sum, both, sizeof(both));
}

void dedupe_key(unsigned char out[DEDUPE_KEY_SIZE], const char *id, const char *stranger,
                const unsigned char *payload_sha256)
{
    unsigned char sum[SHA256_SIZE], sender[SHA256_SIZE];
    digest_sha256(sum, id, strlen(id));
    if (stranger) {
        /* No payload begins like this, so no conflict of ours has this hash. */
        AUTOFREE char *text = memory_format("unknown sender %s", stranger);
        digest_sha256(sender, text, strlen(text));
        append(sum, sender);
    }
    if (payload_sha256)
        append(sum, payload_sha256);
    memcpy(out, sum, DEDUPE_KEY_SIZE);
}

/* Write a key into the table. It may be there already, from a merge that a crash interrupted. */
static int write_key(struct store *store, const unsigned char *key, int64_t notification)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEEN_ADD);
    query_bytes(&q, key, DEDUPE_KEY_SIZE);
    query_number(&q, notification);
    return query_run(&q);
}

/* Put a key into memory or, if memory is full, into the table. */
static int enter(struct store *store, const unsigned char *key, int64_t notification)
{
    struct recent *recent = &store->dedupe.recent;
    if (recent->count == RECENT_MAX)
        return write_key(store, key, notification);
    recent_add(recent, key, notification);
    return 0;
}

/* Read the keys that a merge has not reached yet. */
static int read_recent(struct store *store)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_KEYS_AFTER);
    query_number(&q, store->head.merged);
    for (;;) {
        bool row;
        size_t size;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        int64_t notification = query_get_number(&q);
        const void *key = query_get_bytes(&q, &size);
        if (size != DEDUPE_KEY_SIZE)
            return store_say(store, STORE_CORRUPT, "%s: notification %lld has no key", store->path,
                             (long long)notification);
        r = enter(store, key, notification);
        if (r)
            return r;
    }
}

/* Read the recent keys: once after opening, and again after a rollback, or if another process has
 * accepted notifications. */
static int know_all(struct store *store)
{
    struct dedupe *dedupe = &store->dedupe;
    if (dedupe->complete_to == store->head.notification)
        return 0;
    dedupe_clear(dedupe);
    int r = read_recent(store);
    if (r == 0)
        dedupe->complete_to = store->head.notification;
    return r;
}

static int find(struct store *store, const unsigned char *key, int64_t *ret_known)
{
    bool row;
    *ret_known = recent_find(&store->dedupe.recent, key);
    if (*ret_known)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEEN);
    query_bytes(&q, key, DEDUPE_KEY_SIZE);
    int r = query_step(&q, &row);
    if (r == 0 && row)
        *ret_known = query_get_number(&q);
    return r;
}

int dedupe_find(struct store *store, const unsigned char key[DEDUPE_KEY_SIZE], int64_t *ret_known)
{
    *ret_known = 0;
    int r = know_all(store);
    return r ? r : find(store, key, ret_known);
}

int dedupe_add(struct store *store, const unsigned char key[DEDUPE_KEY_SIZE], int64_t *ret_known)
{
    *ret_known = 0;
    int r = know_all(store);
    if (r == 0)
        r = find(store, key, ret_known);
    if (r || *ret_known)
        return r;
    store->dedupe.complete_to++;
    return enter(store, key, store->head.notification + 1);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, DEDUPE_KEY_SIZE);
}

int dedupe_forget(struct store *store, unsigned char (*keys)[DEDUPE_KEY_SIZE], size_t count)
{
    int r = 0;
    if (count)
        qsort(keys, count, DEDUPE_KEY_SIZE, compare);
    for (size_t i = 0; r == 0 && i < count; i++) {
        recent_forget(&store->dedupe.recent, keys[i]);
        CLEANUP(query_end) struct query q = query_start(store, SQL_SEEN_DELETE);
        query_bytes(&q, keys[i], DEDUPE_KEY_SIZE);
        r = query_run(&q);
    }
    return r;
}

static void start_merge(struct dedupe *dedupe)
{
    dedupe->merging = dedupe->recent.count;
    dedupe->done = 0;
    dedupe->order = recent_sort(&dedupe->recent, dedupe->merging);
}

/* All keys of the merge are in the table: drop them from memory. */
static void finish_merge(struct store *store)
{
    struct dedupe *dedupe = &store->dedupe;
    int64_t last = dedupe->recent.keys[dedupe->merging - 1].notification;
    store->head.merged = last > 0 ? last : -last;
    recent_drop(&dedupe->recent, dedupe->merging);
    end_merge(dedupe);
}

int dedupe_write(struct store *store)
{
    struct dedupe *dedupe = &store->dedupe;
    if (!dedupe->merging && dedupe->recent.count < dedupe->merge_at)
        return 0;
    if (!dedupe->merging)
        start_merge(dedupe);
    for (size_t i = 0; i < dedupe->step && dedupe->done < dedupe->merging; i++) {
        const struct recent_key *next = &dedupe->recent.keys[dedupe->order[dedupe->done++]];
        int r = next->notification > 0 ? write_key(store, next->key, next->notification) : 0;
        if (r)
            return r;
    }
    if (dedupe->done == dedupe->merging)
        finish_merge(store);
    return 0;
}
