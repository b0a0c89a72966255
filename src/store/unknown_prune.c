/* SPDX-License-Identifier: MIT */
#include "inside.h"
#include "prune.h"
#include "store/unknown.h"

struct candidate {
    int64_t id;
    bool dropped; /* by an operator */
};

static int collect(struct store *store, uint64_t before_usec, struct candidate *out, size_t room,
                   size_t *ret_count)
{
    *ret_count = 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_UNKNOWN_SCAN);
    while (*ret_count < room) {
        bool row;
        uint32_t states;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        struct candidate candidate = {.id = query_get_number(&q)};
        bool old = (uint64_t)query_get_number(&q) < before_usec;
        int64_t first = query_get_number(&q), count = query_get_number(&q);
        r = unknown_states(store, first, count, &states);
        if (r)
            return r;
        candidate.dropped =
            unknown_are_only(states, 1U << DELIVERY_DROPPED | 1U << DELIVERY_FILTERED);
        if (candidate.dropped || (old && unknown_are_only(states, 1U << DELIVERY_HELD)))
            out[(*ret_count)++] = candidate;
    }
    return 0;
}

int store_prune_unknown(struct store *store, uint64_t before_usec, size_t limit,
                        size_t *ret_deleted)
{
    size_t count = 0;
    AUTOFREE struct candidate *candidates = memory_resize(NULL, limit + 1, sizeof(*candidates));
    *ret_deleted = 0;
    int r = collect(store, before_usec, candidates, limit, &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (candidates[i].dropped) {
            r = prune_body(store, candidates[i].id);
        } else {
            r = prune_notification(store, candidates[i].id);
            ++*ret_deleted;
        }
    }
    return r;
}
