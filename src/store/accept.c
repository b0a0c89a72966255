/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "coalesce.h"
#include "dedupe.h"
#include "forget.h"
#include "fresh.h"
#include "inside.h"
#include "lanes.h"
#include "prune.h"

/* Bytes that are kept of a payload's hash: enough to distinguish payloads, in half the room. */
#define PAYLOAD_KEPT 16

#define CONFLICT_REASON "its NotificationId came before with another payload"

static int insert_notification(struct store *store, const struct accept *a,
                               const unsigned char key[DEDUPE_KEY_SIZE])
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_ADD);
    query_number(&q, store->head.notification);
    query_bytes(&q, key, DEDUPE_KEY_SIZE);
    query_text(&q, a->id);
    query_bytes(&q, a->payload_sha256, PAYLOAD_KEPT);
    names_bind(store, &q, a->queue);
    names_bind(store, &q, a->seller);
    names_bind(store, &q, a->seller_id);
    names_bind(store, &q, a->type);
    query_text(&q, a->order_id);
    names_bind(store, &q, a->marketplace_id);
    query_number(&q, (int64_t)a->event_usec);
    query_number_or_null(&q, (int64_t)a->published_usec);
    query_number_or_null(&q, (int64_t)a->sent_usec);
    query_number(&q, (int64_t)a->received_usec);
    query_text(&q, a->message_id);
    query_number(&q, store->head.delivery + 1);
    query_number(&q, (int64_t)a->n_targets);
    return query_run(&q);
}

static int insert_bytes(struct store *store, const struct accept *a)
{
    int r = 0;
    if (a->prefix_size) {
        AUTOTEXT struct text room = {0};
        CLEANUP(query_end) struct query q = query_start(store, SQL_PREFIX_ADD);
        query_number(&q, store->head.notification);
        seal_bind(&q, SEAL_PREFIX, store->head.notification, a->prefix, a->prefix_size, &room);
        seal_bind_number(&q);
        r = query_run(&q);
    }
    if (r)
        return r;
    AUTOTEXT struct text room = {0};
    AUTOTEXT struct text raw_room = {0};
    int64_t id = store->head.notification;
    CLEANUP(query_end) struct query q = query_start(store, SQL_BODY_ADD);
    query_number(&q, id);
    seal_bind(&q, SEAL_BODY, id, a->bytes ? a->bytes : "", a->bytes_size, &room);
    seal_bind(&q, SEAL_RAW, id, a->raw_size ? a->raw : NULL, a->raw_size, &raw_room);
    seal_bind_number(&q);
    return query_run(&q);
}

static int insert_delivery(struct store *store, const struct accept *a,
                           const struct accept_target *target, bool conflict, uint64_t now_usec)
{
    struct lane_row row = {
        .notification = store->head.notification,
        .webhook = target->webhook,
        .lane = target->webhook ? lane_of(target->webhook, a->seller_id, a->order_id) : 0,
        .event_usec = a->event_usec,
        .state = conflict ? DELIVERY_DEAD : target->state,
        .cause = conflict ? DEAD_ID_CONFLICT : target->cause,
        .state_of = a->is_state && a->type ? lane_state_of(a->type) : 0,
        .format = target->format,
    };
    uint64_t due_usec = delays_from_time(store, now_usec);
    if (row.state == DELIVERY_READY) {
        row.next_usec = due_usec;
        row.age_usec = webhooks_time_usec(webhooks_find(store, row.webhook), now_usec);
    } else {
        row.next_usec = row.state == DELIVERY_HELD ? due_usec : 0;
        row.done_usec = now_usec;
    }
    row.id = ++store->head.delivery;
    int r = coalesce_place(store, &row, now_usec);
    if (r)
        return r;
    if (row.state == DELIVERY_READY && row.next_usec == due_usec) {
        fresh_keep(store, &row, a);
        return 0;
    }
    return lane_add(store, &row, conflict ? CONFLICT_REASON : target->reason);
}

/* Store a new notification. `key` is among the known ids already, for the number that the
 * notification gets here. */
static int insert(struct store *store, struct accept *a, const unsigned char key[DEDUPE_KEY_SIZE],
                  bool conflict, uint64_t now_usec)
{
    store->head.notification++;
    int r = insert_notification(store, a, key);
    if (r == 0)
        r = insert_bytes(store, a);
    if (r == 0 && a->limits)
        r = unknown_add(store, a);
    for (size_t i = 0; r == 0 && i < a->n_targets; i++)
        r = insert_delivery(store, a, &a->targets[i], conflict, now_usec);
    bool rejected = conflict || a->unreadable;
    a->result = rejected ? ACCEPTED_REJECTED : ACCEPTED_NEW;
    counts_add(&store->counts, rejected ? "rejected" : "accepted", 1);
    return r;
}

/* The stored facts about an id that was received again. */
struct known {
    bool same_payload;
    int64_t first_delivery, n_deliveries;
};

static int load_known(struct store *store, int64_t notification, const struct accept *a,
                      struct known *ret)
{
    bool row;
    size_t size;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_KNOWN);
    query_number(&q, notification);
    int r = query_step(&q, &row);
    if (r)
        return r;
    if (!row)
        return store_say(store, STORE_CORRUPT, "%s has lost notification %lld", store->path,
                         (long long)notification);
    const void *payload = query_get_bytes(&q, &size);
    ret->same_payload = size == PAYLOAD_KEPT && memcmp(payload, a->payload_sha256, size) == 0;
    if (!ret->same_payload)
        r = forget_is_payload(store, payload, size, a->payload_sha256, &ret->same_payload);
    ret->first_delivery = query_get_number(&q);
    ret->n_deliveries = query_get_number(&q);
    return r;
}

static int revive(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    row->next_usec = delays_from_time(store, now_usec);
    row->not_before_usec = 0;
    row->faults = row->event_faults = 0;
    row->cause = DEAD_NOT;
    row->done_usec = 0;
    row->age_usec = webhooks_time_usec(webhooks_find(store, row->webhook), now_usec);
    return coalesce_enter(store, row, now_usec);
}

/* Whether a copy revives the delivery: it died of its outcome, and nothing newer is sent in its
 * place. */
static int may_revive(struct store *store, const struct lane_row *row, bool *ret)
{
    bool needless;
    *ret = row->state == DELIVERY_DEAD && row->webhook && dead_cause_is_outcome(row->cause);
    if (!*ret)
        return 0;
    int r = coalesce_would(store, row, &needless);
    *ret = !needless;
    return r;
}

/* A copy revives deliveries that died of their outcome, and changes nothing else. */
static int recognise(struct store *store, struct accept *a, const struct known *known,
                     uint64_t now_usec)
{
    a->result = ACCEPTED_COPY;
    counts_add(&store->counts, "duplicates", 1);
    for (int64_t i = 0; i < known->n_deliveries; i++) {
        struct lane_row row;
        int r = lane_load(store, known->first_delivery + i, &row);
        if (r)
            return r;
        bool revives;
        r = may_revive(store, &row, &revives);
        if (r == 0 && revives)
            r = revive(store, &row, now_usec);
        if (r)
            return r;
        if (!revives)
            continue;
        a->revived++;
        a->result = ACCEPTED_REVIVED;
    }
    return 0;
}

/* Return the seller id for the key of a notification from an unknown sender; NULL: it is ours. Also
 * NULL for dead letters that cannot be understood: they have an id of SQS's. */
static const char *stranger_of(const struct accept *a)
{
    if (a->sender == SENDER_OURS || a->unreadable)
        return NULL;
    return a->seller_id ? a->seller_id : "";
}

/* Whether a notification from an unknown sender is admitted. A copy always is. */
static int admit(struct store *store, const struct accept *a,
                 const unsigned char key[DEDUPE_KEY_SIZE], bool *ret)
{
    int64_t known = 0;
    *ret = true;
    if (!a->limits)
        return 0;
    int r = dedupe_find(store, key, &known);
    return r || known ? r : unknown_admits(store, a, ret);
}

static void turn_away(struct store *store, struct accept *a)
{
    a->result = ACCEPTED_LEFT;
    if (a->sender == SENDER_NAMELESS && a->may_leave)
        return;
    a->result = ACCEPTED_OVER_LIMIT;
    counts_add(&store->counts, "received", 1);
    counts_add(&store->counts, "over_limit", 1);
}

/* Handle a known id with another payload: it is another notification, and its key is made of both
 * from now on. */
static int refuse(struct store *store, struct accept *a, uint64_t now_usec)
{
    unsigned char key[DEDUPE_KEY_SIZE];
    int64_t known;
    bool admitted;
    dedupe_key(key, a->id, stranger_of(a), a->payload_sha256);
    int r = admit(store, a, key, &admitted);
    if (r || !admitted) {
        turn_away(store, a);
        return r;
    }
    r = dedupe_add(store, key, &known);
    if (r)
        return r;
    counts_add(&store->counts, "received", 1);
    if (!known)
        return insert(store, a, key, true, now_usec);
    a->result = ACCEPTED_COPY;
    counts_add(&store->counts, "duplicates", 1);
    return 0;
}

static int accept_known(struct store *store, struct accept *a, int64_t number, uint64_t now_usec)
{
    struct known known = {0};
    int r = load_known(store, number, a, &known);
    if (r)
        return r;
    if (!known.same_payload)
        return refuse(store, a, now_usec);
    counts_add(&store->counts, "received", 1);
    return recognise(store, a, &known, now_usec);
}

static int accept_one(struct store *store, struct accept *a, uint64_t now_usec)
{
    unsigned char key[DEDUPE_KEY_SIZE];
    int64_t number;
    bool admitted;
    dedupe_key(key, a->id, stranger_of(a), NULL);
    int r = admit(store, a, key, &admitted);
    if (r || !admitted) {
        turn_away(store, a);
        return r;
    }
    r = dedupe_add(store, key, &number);
    if (r || number)
        return r ? r : accept_known(store, a, number, now_usec);
    counts_add(&store->counts, "received", 1);
    return insert(store, a, key, false, now_usec);
}

/* Accept a held notification as ours: it is deleted, and then stored again. */
static int replace(struct store *store, struct accept *a, uint64_t now_usec)
{
    bool held;
    int r = unknown_is_held(store, a->replaces, &held);
    a->result = ACCEPTED_COPY;
    if (r || !held)
        return r;
    r = prune_notification(store, a->replaces);
    if (r)
        return r;
    counts_add(&store->counts, "received", -1);
    counts_add(&store->counts, "accepted", -1);
    return accept_one(store, a, now_usec);
}

int store_accept(struct store *store, struct accept *accept, uint64_t now_usec)
{
    accept->revived = 0;
    int r =
        accept->sender == SENDER_NAMELESS && accept->look_again ? accept->look_again(accept) : 0;
    if (r)
        return r;
    return accept->replaces ? replace(store, accept, now_usec)
                            : accept_one(store, accept, now_usec);
}
