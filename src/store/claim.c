/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "claims.h"
#include "coalesce.h"
#include "columns.h"
#include "fresh.h"
#include "inside.h"
#include "lanes.h"
#include "stale.h"

/* READY deliveries of each of the two kinds that a probe looks at. If none of them may be sent, it
 * gives up until later. */
#define PROBE_LOOK_MAX 1000

/* Find the ids of due deliveries of one kind, in the order of their time. */
static int find_due(struct store *store, const struct claim_query *query, bool retry, size_t limit,
                    int64_t out[], size_t *ret_count)
{
    *ret_count = 0;
    if (!limit)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_CLAIM_DUE);
    query_number(&q, query->webhook);
    query_number(&q, retry);
    query_number(&q, (int64_t)query->now_usec);
    query_number(&q, (int64_t)limit);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        out[(*ret_count)++] = query_get_number(&q);
    }
}

/* Find due deliveries of both kinds. Each kind has its share, and gets the unused share of the
 * other. */
static int find_both(struct store *store, const struct claim_query *query, int64_t out[],
                     size_t *ret_count)
{
    size_t all = query->first + query->retries, n_first, n_retries;
    AUTOFREE int64_t *retries = memory_resize(NULL, all + 1, sizeof(*retries));
    int r = find_due(store, query, true, query->first_only ? 0 : all, retries, &n_retries);
    if (r)
        return r;
    size_t share = n_retries < query->retries ? n_retries : query->retries;
    r = find_due(store, query, false, all - share, out, &n_first);
    if (r)
        return r;
    if (n_retries > all - n_first)
        n_retries = all - n_first;
    memcpy(out + n_first, retries, n_retries * sizeof(*retries));
    *ret_count = n_first + n_retries;
    return 0;
}

struct probe {
    int64_t id;    /* 0: none */
    int64_t next;  /* when it would be due */
    int64_t spare; /* of the lane to avoid: taken if there is no other */
};

/* Find the READY delivery of one kind whose turn it is. */
static int find_probe_of(struct store *store, const struct claim_query *query,
                         enum statement statement, bool retry, struct probe *probe)
{
    CLEANUP(query_end) struct query q = query_start(store, statement);
    query_number(&q, query->webhook);
    query_number(&q, retry);
    query_number(&q, PROBE_LOOK_MAX);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        int64_t id = query_get_number(&q), lane = query_get_number(&q);
        int64_t not_before = query_get_number(&q), next = query_get_number(&q);
        if (not_before > (int64_t)query->now_usec)
            continue;
        if (lane && lane == query->avoid_lane) {
            probe->spare = probe->spare ? probe->spare : id;
            continue;
        }
        if (!probe->id || next < probe->next)
            *probe = (struct probe){.id = id, .next = next, .spare = probe->spare};
        return 0;
    }
}

/* Find the lane head that has waited longest. A failed probe gets a later next try, so it is the
 * head with the earliest next try. */
static int find_in_turn(struct store *store, const struct claim_query *query, struct probe *probe)
{
    int r = find_probe_of(store, query, SQL_PROBE, false, probe);
    return r ? r : find_probe_of(store, query, SQL_PROBE, true, probe);
}

static int find_probe(struct store *store, const struct claim_query *query, int64_t out[],
                      size_t *ret_count)
{
    struct probe probe = {0};
    int r = 0;
    if (query->newest)
        r = find_probe_of(store, query, SQL_PROBE_NEWEST, false, &probe);
    if (r == 0 && !probe.id && !query->untried)
        r = find_in_turn(store, query, &probe);
    out[0] = probe.id ? probe.id : probe.spare;
    *ret_count = out[0] != 0;
    return r;
}

/* Memory for the opened parts of a body. */
struct rooms {
    struct text prefix, bytes;
};

static void rooms_clear(struct rooms *rooms)
{
    text_clear(&rooms->prefix);
    text_clear(&rooms->bytes);
}

/* Open the parts of the body, with the seals of the row. Return false if one of them is
 * damaged. */
static bool open_body(struct query *q, struct webhook_body *body, struct rooms *rooms)
{
    int64_t id = query_get_number(query_at(q, CLAIM_n_id));
    int64_t prefix = query_get_number(query_at(q, CLAIM_p_seal));
    int64_t bytes = query_get_number(query_at(q, CLAIM_b_seal));
    return seal_read(q->store, SEAL_PREFIX, id, prefix, &body->prefix, &body->prefix_size,
                     &rooms->prefix) == 0 &&
           seal_read(q->store, SEAL_BODY, id, bytes, &body->bytes, &body->bytes_size,
                     &rooms->bytes) == 0;
}

/* Make the body empty. There is nothing to send, but the delivery can still be named. */
static void without_body(struct webhook_body *body)
{
    body->format = WEBHOOK_RAW;
    body->bytes_size = 0;
}

/* Read everything except sequence and stale. */
static int read_claim(struct store *store, int64_t delivery, struct claim *claim,
                      int64_t *ret_state_of)
{
    bool row;
    struct webhook_body body = {0};
    CLEANUP(rooms_clear) struct rooms rooms = {0};
    CLEANUP(query_end) struct query q = query_start(store, SQL_CLAIM_ONE);
    query_number(&q, delivery);
    int r = query_step(&q, &row);
    if (r)
        return r;
    *claim = (struct claim){.delivery = delivery,
                            .lane = row ? query_get_number(query_at(&q, CLAIM_d_lane)) : 0};
    *ret_state_of = query_get_number(query_at(&q, CLAIM_d_state_of));
    claim->event_usec = (uint64_t)query_get_number(query_at(&q, CLAIM_d_event));
    claim->attempt = (unsigned)query_get_number(query_at(&q, CLAIM_d_attempts)) + 1;
    claim->faults = (unsigned)query_get_number(query_at(&q, CLAIM_d_faults));
    claim->event_faults = (unsigned)query_get_number(query_at(&q, CLAIM_d_event_faults));
    claim->resend = (unsigned)query_get_number(query_at(&q, CLAIM_d_resend));
    claim->last_attempt_usec = (uint64_t)query_get_number(query_at(&q, CLAIM_d_last_attempt));
    body.id = query_get_text(query_at(&q, CLAIM_n_nid));
    const char *queue = names_get(store, query_at(&q, CLAIM_n_queue)),
               *seller = names_get(store, query_at(&q, CLAIM_n_seller));
    body.type = names_get(store, query_at(&q, CLAIM_n_type));
    body.order_id = query_get_text(query_at(&q, CLAIM_n_order_id));
    claim->received_usec = (uint64_t)query_get_number(query_at(&q, CLAIM_n_received));
    claim->published_usec = (uint64_t)query_get_number(query_at(&q, CLAIM_n_published));
    body.prefix = query_get_bytes(query_at(&q, CLAIM_p_bytes), &body.prefix_size);
    body.bytes = query_get_bytes(query_at(&q, CLAIM_b_bytes), &body.bytes_size);
    body.format = (enum webhook_format)query_get_number(query_at(&q, CLAIM_d_format));
    body.seller_id = names_get(store, query_at(&q, CLAIM_n_seller_id));
    body.event_usec = claim->event_usec;
    if (!row || !body.bytes)
        return store_say(store, STORE_CORRUPT, "%s has lost the body of delivery %lld", store->path,
                         (long long)delivery);
    claim->damaged = !open_body(&q, &body, &rooms);
    if (claim->damaged)
        without_body(&body);
    claim_keep_strings(claim, &body, queue, seller);
    return 0;
}

static int take(struct store *store, const struct claim_query *query, int64_t delivery,
                struct claim *claim)
{
    int64_t state_of;
    int r = read_claim(store, delivery, claim, &state_of);
    if (r)
        return r;
    r = lane_take(store, query->webhook, delivery);
    if (r == 0)
        r = claim_look_for_newer(store, query->webhook, claim, state_of);
    if (r) {
        claim_clear(claim);
        return r;
    }
    claim->sequence = (uint64_t)++store->head.sequence;
    return 0;
}

static int take_all(struct store *store, const struct claim_query *query, const int64_t ids[],
                    size_t count, struct claim *out, size_t *ret_count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count && (i == 0 || bytes < query->bytes); i++) {
        int r = take(store, query, ids[i], &out[i]);
        if (r)
            return r;
        bytes += out[i].body_size;
        ++*ret_count;
    }
    return 0;
}

static void drop_claims(struct claim *claims, size_t *count)
{
    while (*count)
        claim_clear(&claims[--*count]);
}

int store_claim(struct store *store, const struct claim_query *query, struct claim *out,
                size_t *ret_count)
{
    *ret_count = 0;
    const struct webhook *webhook = webhooks_find(store, query->webhook);
    if (!webhook)
        return store_say(store, STORE_NOT_FOUND, "no webhook number %lld",
                         (long long)query->webhook);
    if (webhook->paused_usec)
        return 0;
    size_t room = query->probe ? 1 : query->first + query->retries, count = 0;
    /* A probe is chosen among all waiting deliveries. */
    int r = query->probe ? fresh_write_webhook(store, query->webhook) : 0;
    if (r)
        return r;
    AUTOFREE int64_t *ids = memory_resize(NULL, room + 1, sizeof(*ids));
    r = query->probe ? find_probe(store, query, ids, &count) : find_both(store, query, ids, &count);
    if (r == 0)
        r = take_all(store, query, ids, count, out, ret_count);
    /* Deliveries that were due before are claimed first. New ones take the room that is left. */
    if (r == 0 && *ret_count == count)
        r = fresh_claim(store, query, room, out, ret_count);
    if (r)
        drop_claims(out, ret_count);
    return r;
}

int store_unclaim(struct store *store, int64_t delivery, unsigned attempt, uint64_t now_usec)
{
    struct lane_row row;
    int r = lane_load(store, delivery, &row);
    if (r == STORE_NOT_FOUND)
        return 0;
    if (r || row.state != DELIVERY_INFLIGHT || row.attempts != attempt)
        return r;
    row.attempts--;
    r = lane_move(store, &row, DELIVERY_READY, NULL);
    return r ? r : coalesce_returned(store, &row, now_usec);
}

static int next_of(struct store *store, int64_t webhook, bool retry, uint64_t *ret_usec)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NEXT_DUE);
    query_number(&q, webhook);
    query_number(&q, retry);
    int r = query_step(&q, &row);
    *ret_usec = r == 0 && row ? (uint64_t)query_get_number(&q) : 0;
    return r;
}

int store_next_due(struct store *store, int64_t webhook, uint64_t *ret_usec)
{
    uint64_t first, again;
    const struct webhook *row = webhooks_find(store, webhook);
    *ret_usec = 0;
    if (!row || row->paused_usec)
        return 0;
    int r = fresh_write_webhook(store, webhook);
    if (r == 0)
        r = next_of(store, webhook, false, &first);
    if (r == 0)
        r = next_of(store, webhook, true, &again);
    if (r)
        return r;
    *ret_usec = !first || (again && again < first) ? again : first;
    return 0;
}
