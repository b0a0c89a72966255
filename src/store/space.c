/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/stat.h>

#include "inside.h"

static int read_ends(struct store *store, int64_t *ret_first, int64_t *ret_last)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_ENDS);
    int r = query_step(&q, &row);
    *ret_first = r == 0 ? query_get_number(&q) : 0;
    *ret_last = r == 0 ? query_get_number(&q) : 0;
    return r;
}

/* Find when the first notification from this id on was received; UINT64_MAX behind the last one. */
static int received_at(struct store *store, int64_t id, uint64_t *ret_usec)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_RECEIVED);
    query_number(&q, id);
    *ret_usec = UINT64_MAX;
    int r = query_step(&q, &row);
    if (r || !row)
        return r;
    query_get_number(&q);
    *ret_usec = (uint64_t)query_get_number(&q);
    return 0;
}

/* Halve the range of ids until the first notification is found that was not received before the
 * time. */
int store_prune_share(struct store *store, uint64_t before_usec, uint64_t *ret_all,
                      uint64_t *ret_due)
{
    int64_t first, last;
    *ret_all = *ret_due = 0;
    int r = read_ends(store, &first, &last);
    if (r || !last)
        return r;
    int64_t low = first, high = last + 1;
    while (low < high) {
        uint64_t received;
        int64_t middle = low + (high - low) / 2;
        r = received_at(store, middle, &received);
        if (r)
            return r;
        if (received < before_usec)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_all = (uint64_t)(last - first + 1);
    *ret_due = (uint64_t)(low - first);
    return 0;
}

int store_vacuum(struct store *store, unsigned pages)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%u)", pages);
    return query_failure(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

static uint64_t size_of_log(const struct store *store)
{
    AUTOFREE char *path = memory_format("%s-wal", store->path);
    struct stat info;
    return stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
}

int store_size(struct store *store, uint64_t *ret_bytes, uint64_t *ret_free_bytes)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SIZE);
    int r = query_step(&q, &row);
    if (r)
        return r;
    uint64_t pages = (uint64_t)query_get_number(&q), size = (uint64_t)query_get_number(&q);
    *ret_bytes = pages * size + size_of_log(store);
    *ret_free_bytes = (uint64_t)query_get_number(&q) * size;
    return 0;
}
