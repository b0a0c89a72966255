/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "columns.h"
#include "inside.h"
#include "webhook/body.h"

/* The ids of one page of a list. */
struct page {
    int64_t *ids;
    size_t count;
};

static void page_clear(struct page *page)
{
    free(page->ids);
}

static int page_fill(struct page *page, struct query *q)
{
    for (;;) {
        bool row;
        int r = query_step(q, &row);
        if (r || !row)
            return r;
        if ((page->count & (page->count - 1)) == 0)
            page->ids =
                memory_resize(page->ids, page->count ? page->count * 2 : 1, sizeof(*page->ids));
        page->ids[page->count++] = query_get_number(q);
    }
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

#define BIT(state) (1U << (state))
#define IN_LINE    (BIT(DELIVERY_READY) | BIT(DELIVERY_INFLIGHT) | BIT(DELIVERY_BEHIND))
#define OPEN       (IN_LINE | BIT(DELIVERY_HELD))
#define UNDONE     (OPEN | BIT(DELIVERY_DEAD))

/* Return the stored states that `states` means, for deliveries of a webhook that is in the config
 * or is not. */
static uint32_t stored_states(uint32_t states, bool configured)
{
    uint32_t orphaned = states & BIT(DELIVERY_ORPHANED) ? OPEN : 0;
    states &= ~BIT(DELIVERY_ORPHANED);
    return configured ? states : (states & ~OPEN) | orphaned;
}

/* Collect the ids of one webhook's deliveries in line. */
static int gather_line(struct store *store, const struct list_query *query, int64_t webhook,
                       uint32_t states, struct page *page)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_LIST_LINE);
    query_number(&q, webhook);
    query_number(&q, states);
    query_number(&q, query->after);
    query_number(&q, (int64_t)query->limit);
    return page_fill(page, &q);
}

static int gather_aside(struct store *store, const struct list_query *query, int64_t webhook,
                        enum delivery_state state, struct page *page)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_LIST_ASIDE);
    query_number(&q, webhook);
    query_number(&q, state);
    query_number(&q, query->after);
    query_number(&q, (int64_t)query->limit);
    return page_fill(page, &q);
}

/* Collect the first `limit` undone deliveries of one webhook. This uses indexes, because the
 * history may be long. */
static int gather_undone(struct store *store, const struct list_query *query, int64_t webhook,
                         bool configured, struct page *page)
{
    uint32_t states = stored_states(query->states, configured);
    int r = 0;
    if (states & IN_LINE)
        r = gather_line(store, query, webhook, states, page);
    if (r == 0 && states & BIT(DELIVERY_HELD))
        r = gather_aside(store, query, webhook, DELIVERY_HELD, page);
    if (r == 0 && states & BIT(DELIVERY_DEAD))
        r = gather_aside(store, query, webhook, DELIVERY_DEAD, page);
    return r;
}

/* Collect ids by indexes. `only`: the id of the one webhook that is asked for; negative: all. */
static int gather_by_index(struct store *store, const struct list_query *query, int64_t only,
                           struct page *page)
{
    int r = only < 0 ? gather_undone(store, query, 0, true, page) : 0;
    for (size_t i = 0; r == 0 && i < store->webhooks.count; i++) {
        const struct webhook *webhook = &store->webhooks.rows[i];
        if (only < 0 || only == webhook->id)
            r = gather_undone(store, query, webhook->id, webhook->configured, page);
    }
    if (page->count)
        qsort(page->ids, page->count, sizeof(*page->ids), compare_ids);
    return r;
}

static int gather_all(struct store *store, const struct list_query *query, int64_t only,
                      struct page *page)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_LIST_ALL);
    query_number(&q, only);
    query_number(&q, stored_states(query->states, true));
    query_number(&q, query->after);
    query_number(&q, (int64_t)query->limit);
    query_number(&q, stored_states(query->states, false));
    return page_fill(page, &q);
}

/* Read the columns of SQL_ROW. The strings are borrowed until its next step. *ret_notification: the
 * notification that has the body. */
static void read_details(struct store *store, struct query *q, struct delivery_details *d,
                         int64_t *ret_notification)
{
    struct list_row *row = &d->row;
    *d = (struct delivery_details){.row.id = query_get_number(query_at(q, ROW_d_id))};
    row->notification_id = query_get_text(query_at(q, ROW_n_nid));
    const struct webhook *webhook =
        webhooks_find(store, query_get_number(query_at(q, ROW_d_webhook)));
    row->webhook = webhook ? webhook->name : NULL;
    row->queue = names_get(store, query_at(q, ROW_n_queue));
    row->seller = names_get(store, query_at(q, ROW_n_seller));
    row->seller_id = names_get(store, query_at(q, ROW_n_seller_id));
    row->type = names_get(store, query_at(q, ROW_n_type));
    row->order_id = query_get_text(query_at(q, ROW_n_order_id));
    row->state = (enum delivery_state)query_get_number(query_at(q, ROW_d_state));
    if (webhook && !webhook->configured && delivery_state_is_open(row->state))
        row->state = DELIVERY_ORPHANED;
    row->attempts = (unsigned)query_get_number(query_at(q, ROW_d_attempts));
    row->faults = (unsigned)query_get_number(query_at(q, ROW_d_faults));
    row->event_faults = (unsigned)query_get_number(query_at(q, ROW_d_event_faults));
    row->resend = (unsigned)query_get_number(query_at(q, ROW_d_resend));
    row->received_usec = (uint64_t)query_get_number(query_at(q, ROW_n_received));
    row->event_usec = (uint64_t)query_get_number(query_at(q, ROW_d_event));
    row->next_usec = delays_to_time(store, (uint64_t)query_get_number(query_at(q, ROW_d_next)));
    row->done_usec = (uint64_t)query_get_number(query_at(q, ROW_d_done));
    row->status = (int)query_get_number(query_at(q, ROW_d_status));
    row->cause = (enum dead_cause)query_get_number(query_at(q, ROW_d_cause));
    row->error_class = query_get_text(query_at(q, ROW_d_error_class));
    row->last_error = query_get_text(query_at(q, ROW_d_error));
    d->marketplace_id = names_get(store, query_at(q, ROW_n_marketplace));
    d->message_id = query_get_text(query_at(q, ROW_n_message_id));
    d->published_usec = (uint64_t)query_get_number(query_at(q, ROW_n_published));
    d->sent_usec = (uint64_t)query_get_number(query_at(q, ROW_n_sent));
    d->last_attempt_usec = (uint64_t)query_get_number(query_at(q, ROW_d_last_attempt));
    d->not_before_usec =
        delays_to_time(store, (uint64_t)query_get_number(query_at(q, ROW_d_not_before)));
    row->superseded_by = query_get_number(query_at(q, ROW_d_superseded_by));
    d->format = (enum webhook_format)query_get_number(query_at(q, ROW_d_format));
    if (delivery_state_is_open(row->state))
        row->done_usec = 0; /* the time since when it is held */
    if (row->state == DELIVERY_DELIVERED)
        d->last_attempt_usec = row->done_usec; /* settle keeps only this one */
    *ret_notification = query_get_number(query_at(q, ROW_n_id));
}

static int tell_row(struct store *store, int64_t delivery,
                    void (*each)(const struct list_row *, void *), void *userdata)
{
    bool row;
    int64_t notification;
    struct delivery_details details;
    CLEANUP(query_end) struct query q = query_start(store, SQL_ROW);
    query_number(&q, delivery);
    int r = query_step(&q, &row);
    if (r || !row)
        return r;
    read_details(store, &q, &details, &notification);
    each(&details.row, userdata);
    return 0;
}

int store_list(struct store *store, const struct list_query *query,
               void (*each)(const struct list_row *, void *), void *userdata)
{
    CLEANUP(page_clear) struct page page = {0};
    int64_t only = -1;
    int r = query->webhook ? store_find_webhook(store, query->webhook, &only) : 0;
    if (r)
        return r;
    bool by_index = !(query->states & ~(UNDONE | BIT(DELIVERY_ORPHANED)));
    r = by_index ? gather_by_index(store, query, only, &page)
                 : gather_all(store, query, only, &page);
    for (size_t i = 0; r == 0 && i < page.count && i < query->limit; i++)
        r = tell_row(store, page.ids[i], each, userdata);
    return r;
}

/* Join the parts of the body as it is sent. */
static void join_body(const struct webhook_body *body, struct delivery_details *d)
{
    AUTOTEXT struct text head = {0};
    struct text joined = {0};
    struct webhook_part parts[WEBHOOK_BODY_PARTS];
    size_t n_parts = webhook_body_parts(parts, body, &head);
    for (size_t i = 0; i < n_parts; i++)
        text_append(&joined, parts[i].bytes, parts[i].size);
    d->body_size = joined.size;
    d->body = text_take(&joined);
}

static const char *why_locked(int result)
{
    return result == STORE_DAMAGED ? "it is sealed and damaged"
                                   : "it is sealed with a key that is not at hand";
}

/* Memory for opened values. */
struct rooms {
    struct text prefix, bytes, raw;
};

static void rooms_clear(struct rooms *rooms)
{
    text_clear(&rooms->prefix);
    text_clear(&rooms->bytes);
    text_clear(&rooms->raw);
}

/* The message as received. If it has no bytes of its own, it is the body. */
struct raw {
    const char *bytes;
    size_t size;
};

/* Open the sealed values, with the row's last columns. */
static int open_body(struct query *q, int64_t id, struct webhook_body *body, struct raw *raw,
                     struct rooms *rooms)
{
    struct store *store = q->store;
    int64_t prefix = query_get_number(q), number = query_get_number(q);
    int r = seal_read(store, SEAL_PREFIX, id, prefix, &body->prefix, &body->prefix_size,
                      &rooms->prefix);
    if (r == 0)
        r = seal_read(store, SEAL_BODY, id, number, &body->bytes, &body->bytes_size, &rooms->bytes);
    return r ? r : seal_read(store, SEAL_RAW, id, number, &raw->bytes, &raw->size, &rooms->raw);
}

/* Read the body as sent and the message as received, if they are still there. */
static int read_body(struct store *store, int64_t notification, struct delivery_details *d)
{
    bool row;
    struct raw raw;
    CLEANUP(rooms_clear) struct rooms rooms = {0};
    CLEANUP(query_end) struct query q = query_start(store, SQL_BODY);
    query_number(&q, notification);
    int r = query_step(&q, &row);
    if (r || !row)
        return r;
    struct webhook_body body = {
        .format = d->format,
        .id = d->row.notification_id,
        .seller_id = d->row.seller_id,
        .type = d->row.type,
        .order_id = d->row.order_id,
        .event_usec = d->row.event_usec,
    };
    body.prefix = query_get_bytes(&q, &body.prefix_size);
    body.bytes = query_get_bytes(&q, &body.bytes_size);
    raw.bytes = query_get_bytes(&q, &raw.size);
    r = open_body(&q, notification, &body, &raw, &rooms);
    if (r) {
        d->locked = why_locked(r);
        return 0;
    }
    if (!raw.bytes)
        raw = (struct raw){body.bytes, body.bytes_size};
    d->raw = memory_copy(raw.bytes, raw.size);
    d->raw_size = raw.size;
    if (body.prefix_size) /* else it was not understood, and there is nothing to send */
        join_body(&body, d);
    return 0;
}

static void open_answer(struct query *q, struct attempt_row *attempt, struct text *room)
{
    int64_t id = query_get_number(q), number = query_get_number(q);
    text_reset(room);
    int r =
        seal_read(q->store, SEAL_ANSWER, id, number, &attempt->answer, &attempt->answer_size, room);
    if (r == 0)
        return;
    attempt->locked = why_locked(r);
    attempt->answer = NULL;
    attempt->answer_size = 0;
}

static int tell_attempts(struct store *store, int64_t delivery,
                         void (*each)(const struct attempt_row *, void *), void *userdata)
{
    AUTOTEXT struct text room = {0};
    CLEANUP(query_end) struct query q = query_start(store, SQL_ATTEMPTS);
    query_number(&q, delivery);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        struct attempt_row attempt = {.attempt = (unsigned)query_get_number(&q)};
        attempt.started_usec = (uint64_t)query_get_number(&q);
        attempt.duration_usec = (uint64_t)query_get_number(&q);
        attempt.status = (int)query_get_number(&q);
        attempt.error_class = query_get_text(&q);
        attempt.reason = query_get_text(&q);
        attempt.peer = query_get_text(&q);
        attempt.answer = query_get_bytes(&q, &attempt.answer_size);
        open_answer(&q, &attempt, &room);
        each(&attempt, userdata);
    }
}

int store_show(struct store *store, int64_t delivery,
               void (*show)(const struct delivery_details *, void *),
               void (*each)(const struct attempt_row *, void *), void *userdata)
{
    bool row;
    int64_t notification;
    struct delivery_details details;
    CLEANUP(query_end) struct query q = query_start(store, SQL_ROW);
    query_number(&q, delivery);
    int r = query_step(&q, &row);
    if (r)
        return r;
    if (!row)
        return store_say(store, STORE_NOT_FOUND, "there is no delivery %lld", (long long)delivery);
    read_details(store, &q, &details, &notification);
    r = read_body(store, notification, &details);
    if (r == 0)
        show(&details, userdata);
    free(details.body);
    free(details.raw);
    return r ? r : tell_attempts(store, delivery, each, userdata);
}
