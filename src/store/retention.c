/* SPDX-License-Identifier: MIT */
#include "store/retention.h"

#include "inside.h"
#include "lanes.h"
#include "prune.h"

/* One row of SQL_ASIDE. */
struct aside {
    int64_t delivery, notification;
    uint64_t since_usec;
};

static struct query start(struct store *store, int64_t webhook, enum delivery_state state,
                          uint64_t before_usec, size_t limit)
{
    struct query q = query_start(store, SQL_ASIDE);
    query_number(&q, webhook);
    query_number(&q, state);
    query_number(&q, (int64_t)before_usec);
    query_number(&q, (int64_t)limit);
    return q;
}

static int next(struct query *q, bool *ret_row, struct aside *ret)
{
    int r = query_step(q, ret_row);
    if (r || !*ret_row)
        return r;
    ret->delivery = query_get_number(q);
    ret->since_usec = (uint64_t)query_get_number(q);
    ret->notification = query_get_number(q);
    return 0;
}

static int count(struct store *store, int64_t webhook, enum delivery_state state,
                 uint64_t before_usec, struct store_aside *all)
{
    CLEANUP(query_end)
    struct query q = start(store, webhook, state, before_usec, STORE_ASIDE_MAX - all->count);
    for (;;) {
        bool row;
        struct aside aside;
        int r = next(&q, &row, &aside);
        if (r || !row)
            return r;
        if (!all->count++ || aside.since_usec < all->since_usec) {
            all->delivery = aside.delivery;
            all->since_usec = aside.since_usec;
            all->notification = aside.notification;
        }
    }
}

/* Whether the period applies. Held deliveries of a webhook that is not configured are orphans; held
 * deliveries without a webhook are an unknown sender's. */
static bool ends(const struct webhook *webhook, enum delivery_state state)
{
    return state == DELIVERY_DEAD || webhook->configured;
}

int store_find_aside(struct store *store, int64_t webhook, enum delivery_state state,
                     uint64_t before_usec, struct store_aside *ret)
{
    *ret = (struct store_aside){0};
    if (webhook)
        return count(store, webhook, state, before_usec, ret);
    int r = state == DELIVERY_DEAD ? count(store, 0, state, before_usec, ret) : 0;
    for (size_t i = 0; r == 0 && i < store->webhooks.count; i++) {
        const struct webhook *row = &store->webhooks.rows[i];
        if (!row->configured && ends(row, state))
            r = count(store, row->id, state, before_usec, ret);
    }
    return r;
}

int store_queue_of(struct store *store, int64_t notification, char **ret)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_QUEUE_OF);
    query_number(&q, notification);
    int r = query_step(&q, &row);
    *ret = r == 0 && row ? memory_string(names_get(store, &q)) : NULL;
    return r;
}

/* ---- removal ---- */

struct removal {
    enum delivery_state state;
    uint64_t before_usec;
    struct aside *list; /* room for `room` */
    size_t room, count;
};

static int collect(struct store *store, int64_t webhook, struct removal *removal)
{
    CLEANUP(query_end)
    struct query q =
        start(store, webhook, removal->state, removal->before_usec, removal->room - removal->count);
    for (;;) {
        bool row;
        int r = next(&q, &row, &removal->list[removal->count]);
        if (r || !row)
            return r;
        removal->count++;
    }
}

static int collect_all(struct store *store, struct removal *removal)
{
    int r = removal->state == DELIVERY_DEAD ? collect(store, 0, removal) : 0;
    for (size_t i = 0; r == 0 && i < store->webhooks.count; i++)
        if (ends(&store->webhooks.rows[i], removal->state))
            r = collect(store, store->webhooks.rows[i].id, removal);
    return r;
}

/* Drop a delivery. Its time stays, so that the history does not keep it longer than meant. */
static int drop(struct store *store, const struct aside *aside, struct lane_row *row)
{
    int r = lane_load(store, aside->delivery, row);
    if (r)
        return r;
    row->next_usec = row->not_before_usec = row->age_usec = 0;
    row->done_usec = aside->since_usec;
    return lane_move(store, row, DELIVERY_DROPPED, NULL);
}

static int remove_body_if_unused(struct store *store, int64_t notification)
{
    bool used;
    CLEANUP(query_end) struct query q = query_start(store, SQL_BODY_IS_USED);
    query_number(&q, notification);
    int r = query_step(&q, &used);
    return r || used ? r : prune_body(store, notification);
}

static int report(struct store *store, const struct lane_row *row,
                  void (*each)(const struct removed *, void *), void *userdata)
{
    bool found;
    const struct webhook *webhook = webhooks_find(store, row->webhook);
    CLEANUP(query_end) struct query q = query_start(store, SQL_EXPIRED);
    query_number(&q, row->notification);
    int r = query_step(&q, &found);
    if (r || !found)
        return r;
    struct removed removed = {.delivery = row->id, .webhook = webhook ? webhook->name : NULL};
    removed.id = query_get_text(&q);
    removed.order_id = query_get_text(&q);
    removed.seller = names_get(store, &q);
    each(&removed, userdata);
    return 0;
}

int store_remove_aside(struct store *store, enum delivery_state state, uint64_t before_usec,
                       size_t limit, void (*each)(const struct removed *, void *), void *userdata,
                       size_t *ret_count)
{
    AUTOFREE struct aside *list = memory_resize(NULL, limit + 1, sizeof(*list));
    struct removal removal = {state, before_usec, list, limit, 0};
    *ret_count = 0;
    int r = collect_all(store, &removal);
    for (size_t i = 0; r == 0 && i < removal.count; i++) {
        struct lane_row row;
        r = drop(store, &list[i], &row);
        if (r == 0)
            r = remove_body_if_unused(store, row.notification);
        if (r == 0)
            r = report(store, &row, each, userdata);
    }
    if (r)
        return r;
    counts_add(&store->counts, state == DELIVERY_DEAD ? "removed_dead" : "removed_held",
               (int64_t)removal.count);
    *ret_count = removal.count;
    return 0;
}
