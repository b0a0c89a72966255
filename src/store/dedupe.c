/* SPDX-License-Identifier: MIT */
#include "dedupe.h"

#include <string.h>

#include "base/digest.h"
#include "inside.h"

void dedupe_key(unsigned char out[DEDUPE_KEY_SIZE], const char *id,
                const unsigned char *payload_sha256)
{
    unsigned char sum[SHA256_SIZE], both[2 * SHA256_SIZE];
    digest_sha256(sum, id, strlen(id));
    if (payload_sha256) {
        memcpy(both, sum, SHA256_SIZE);
        memcpy(both + SHA256_SIZE, payload_sha256, SHA256_SIZE);
        digest_sha256(sum, both, sizeof(both));
    }
    memcpy(out, sum, DEDUPE_KEY_SIZE);
}

static int find(struct store *store, const unsigned char *key, int64_t *ret_known)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEEN);
    query_bytes(&q, key, DEDUPE_KEY_SIZE);
    int r = query_step(&q, &row);
    if (r)
        return r;
    if (!row)
        return store_say(store, STORE_CORRUPT, "%s: the table of known ids contradicts itself",
                         store->path);
    *ret_known = query_get_number(&q);
    return 0;
}

int dedupe_add(struct store *store, const unsigned char key[DEDUPE_KEY_SIZE], int64_t notification,
               int64_t *ret_known)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEEN_ADD);
    query_bytes(&q, key, DEDUPE_KEY_SIZE);
    query_number(&q, notification);
    *ret_known = 0;
    int r = query_run(&q);
    if (r || sqlite3_changes(store->db))
        return r;
    return find(store, key, ret_known);
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
        CLEANUP(query_end) struct query q = query_start(store, SQL_SEEN_DELETE);
        query_bytes(&q, keys[i], DEDUPE_KEY_SIZE);
        r = query_run(&q);
    }
    return r;
}
