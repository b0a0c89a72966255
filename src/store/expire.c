/* SPDX-License-Identifier: MIT */
#include "inside.h"
#include "lanes.h"

/* Rows of a webhook's line that one call looks at: the first ones, which are the oldest unless they
 * were revived, and then EXPIRE_LOOK_MAX from where the last call ended. */
#define EXPIRE_FIRST    200
#define EXPIRE_LOOK_MAX 2000

/* One walk along the line of a webhook, in the order of ids. */
struct walk {
    const struct webhook *webhook;
    uint64_t limit_usec; /* of webhook time: deliveries whose age began before this are too old */
    int64_t cursor;      /* the last row looked at */
    size_t look;         /* rows to look at */
    int64_t *ids;        /* deliveries that are too old; room for `room` */
    size_t room, count, looked;
};

static bool ages(int64_t state)
{
    return state == DELIVERY_READY || state == DELIVERY_BEHIND;
}

static int go(struct store *store, struct walk *walk)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_EXPIRE_SCAN);
    query_number(&q, walk->webhook->id);
    query_number(&q, walk->cursor);
    query_number(&q, (int64_t)walk->look);
    while (walk->count < walk->room) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        walk->looked++;
        walk->cursor = query_get_number(&q);
        int64_t state = query_get_number(&q);
        if (ages(state) && (uint64_t)query_get_number(&q) < walk->limit_usec)
            walk->ids[walk->count++] = walk->cursor;
    }
    return 0;
}

/* Walk behind the first rows, from where the last call ended. After the end of the line, the next
 * call begins at the start again. */
static int go_on(struct store *store, struct walk *walk, struct webhook *webhook)
{
    if (walk->cursor < webhook->expire_cursor)
        walk->cursor = webhook->expire_cursor;
    walk->look = EXPIRE_LOOK_MAX;
    walk->looked = 0;
    int r = go(store, walk);
    bool at_end = walk->count < walk->room && walk->looked < EXPIRE_LOOK_MAX;
    webhook->expire_cursor = at_end ? 0 : walk->cursor;
    return r;
}

/* Return the webhook if its deliveries may expire; NULL: none do. */
static struct webhook *find_aging(struct store *store, int64_t id)
{
    struct webhook *webhook = webhooks_find(store, id);
    return webhook && webhook->configured && !webhook->paused_usec ? webhook : NULL;
}

static uint64_t limit_of(const struct webhook *webhook, uint64_t now_usec, uint64_t max_age_usec)
{
    uint64_t time = webhooks_time_usec(webhook, now_usec);
    return time > max_age_usec ? time - max_age_usec : 0;
}

static int tell(struct store *store, const struct lane_row *row,
                void (*each)(const struct expired *, void *), void *userdata)
{
    bool found;
    CLEANUP(query_end) struct query q = query_start(store, SQL_EXPIRED);
    query_number(&q, row->notification);
    int r = query_step(&q, &found);
    if (r || !found)
        return r;
    struct expired expired = {.delivery = row->id, .id = query_get_text(&q)};
    expired.order_id = query_get_text(&q);
    expired.seller = names_get(store, &q);
    each(&expired, userdata);
    return 0;
}

/* Expire a delivery. The last error stays: it shows why the time ran out. */
static int expire(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    row->cause = DEAD_EXPIRED;
    row->next_usec = row->not_before_usec = row->age_usec = 0;
    row->done_usec = now_usec;
    return lane_move(store, row, DELIVERY_DEAD, NULL);
}

static int expire_all(struct store *store, const struct walk *walk, uint64_t now_usec,
                      void (*each)(const struct expired *, void *), void *userdata)
{
    for (size_t i = 0; i < walk->count; i++) {
        struct lane_row row;
        int r = lane_load(store, walk->ids[i], &row);
        if (r == 0)
            r = expire(store, &row, now_usec);
        if (r == 0)
            r = tell(store, &row, each, userdata);
        if (r)
            return r;
    }
    return 0;
}

int store_expire(struct store *store, int64_t webhook, uint64_t now_usec, uint64_t max_age_usec,
                 size_t limit, void (*each)(const struct expired *, void *), void *userdata,
                 size_t *ret_count)
{
    struct webhook *row = find_aging(store, webhook);
    *ret_count = 0;
    if (!row)
        return 0;
    AUTOFREE int64_t *ids = memory_resize(NULL, limit + 1, sizeof(*ids));
    struct walk walk = {
        .webhook = row,
        .limit_usec = limit_of(row, now_usec, max_age_usec),
        .look = EXPIRE_FIRST,
        .ids = ids,
        .room = limit,
    };
    int r = go(store, &walk);
    if (r == 0 && walk.count < limit && walk.looked == EXPIRE_FIRST)
        r = go_on(store, &walk, row);
    if (r == 0)
        r = expire_all(store, &walk, now_usec, each, userdata);
    *ret_count = r ? 0 : walk.count;
    return r;
}

int store_expiring(struct store *store, int64_t webhook, uint64_t now_usec, uint64_t max_age_usec,
                   uint64_t ahead_usec, uint64_t *ret_count)
{
    const struct webhook *row = find_aging(store, webhook);
    *ret_count = 0;
    if (!row)
        return 0;
    AUTOFREE int64_t *ids = memory_resize(NULL, STORE_EXPIRING_MAX, sizeof(*ids));
    struct walk walk = {
        .webhook = row,
        .limit_usec = limit_of(row, now_usec + ahead_usec, max_age_usec),
        .look = STORE_EXPIRING_MAX,
        .ids = ids,
        .room = STORE_EXPIRING_MAX,
    };
    int r = go(store, &walk);
    *ret_count = walk.count;
    return r;
}
