/* SPDX-License-Identifier: MIT */
#include "workshop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "scratch.h"

static void ok(struct workshop *w, int result, const char *what)
{
    if (result)
        fail_msg("%s: %d: %s", what, result, store_why(w->store));
}

void workshop_begin(struct workshop *w)
{
    ok(w, store_begin(w->store), "begin");
}

void workshop_commit(struct workshop *w)
{
    ok(w, store_commit(w->store), "commit");
}

void workshop_open(struct workshop *w, const struct turn_hooks *hooks)
{
    struct error error = {0};
    const char *name = "wms";
    *w = (struct workshop){.directory = scratch_new()};
    ear_close();
    assert_int_equal(sd_event_new(&w->event), 0);
    assert_int_equal(http_new(&w->http, w->event), 0);
    if (store_open(&w->store, w->directory, STORE_DAEMON, &error))
        fail_msg("%s", error.text);
    workshop_begin(w);
    ok(w, store_set_webhooks(w->store, &name, 1, &w->webhook), "webhooks");
    workshop_commit(w);
    assert_int_equal(turn_new(&w->turn, w->event, w->store, hooks), 0);
}

void workshop_close(struct workshop *w)
{
    ear_close();
    turn_free(w->turn);
    store_free(w->store);
    http_free(w->http);
    sd_event_unref(w->event);
    scratch_remove(w->directory);
}

static const char *keep(struct text *out, const char *string)
{
    if (!string)
        return NULL;
    text_append(out, string, strlen(string) + 1);
    return out->data + out->size - strlen(string) - 1;
}

static void keep_row(const struct list_row *row, void *userdata)
{
    static struct text strings;
    struct list_row *kept = userdata;
    text_reset(&strings);
    text_reserve(&strings, 4096);
    *kept = *row;
    kept->notification_id = keep(&strings, row->notification_id);
    kept->webhook = keep(&strings, row->webhook);
    kept->seller = keep(&strings, row->seller);
    kept->seller_id = keep(&strings, row->seller_id);
    kept->type = keep(&strings, row->type);
    kept->order_id = keep(&strings, row->order_id);
    kept->queue = keep(&strings, row->queue);
    kept->error_class = keep(&strings, row->error_class);
    kept->last_error = keep(&strings, row->last_error);
}

/* The first one behind that id; all zero: there is none. */
static struct list_row first_row(struct workshop *w, int64_t after)
{
    struct list_row row = {0};
    struct list_query query = {.states = UINT32_MAX, .after = after, .limit = 1};
    workshop_begin(w);
    ok(w, store_list(w->store, &query, keep_row, &row), "list");
    workshop_commit(w);
    return row;
}

struct list_row workshop_row(struct workshop *w, int64_t delivery)
{
    struct list_row row = first_row(w, delivery - 1);
    return row.id == delivery ? row : (struct list_row){0};
}

static int64_t accept_payload(struct workshop *w, const char *id, const char *order,
                              const char *payload, size_t size)
{
    static const char prefix[] = "{\"data\":{\"notification\":";
    struct accept_target target = {
        .webhook = w->webhook, .state = DELIVERY_READY, .format = w->format};
    uint64_t now = clock_now_usec();
    struct accept accept = {
        .id = id,
        .queue = "orders-eu",
        .message_id = "m-1",
        .seller = "acme",
        .seller_id = "A297A7DJHEYXBY",
        .type = "ORDER_CHANGE",
        .order_id = order,
        .event_usec = now,
        .received_usec = now,
        .prefix = prefix,
        .prefix_size = strlen(prefix),
        .bytes = payload,
        .bytes_size = size,
        .targets = &target,
        .n_targets = 1,
    };
    digest_sha256(accept.payload_sha256, payload, size);
    workshop_begin(w);
    ok(w, store_accept(w->store, &accept, now), "accept");
    workshop_commit(w);
    assert_int_equal(accept.result, ACCEPTED_NEW);
    struct list_row row;
    do {
        row = first_row(w, w->newest);
        w->newest = row.id ? row.id : w->newest;
    } while (row.id);
    return w->newest;
}

int64_t workshop_accept(struct workshop *w, const char *id, const char *order)
{
    AUTOFREE char *payload = memory_format("{\"of\":\"%s\"}", id);
    return accept_payload(w, id, order, payload, strlen(payload));
}

int64_t workshop_accept_sized(struct workshop *w, const char *id, const char *order, size_t size)
{
    AUTOFREE char *payload = memory_new(size + 1);
    memset(payload, ' ', size);
    payload[0] = '7';
    return accept_payload(w, id, order, payload, size);
}

struct sum {
    enum delivery_state state;
    uint64_t count;
};

static void add_up(const struct store_webhook *webhook, void *userdata)
{
    struct sum *sum = userdata;
    sum->count += webhook->counts[sum->state];
}

uint64_t workshop_count(struct workshop *w, enum delivery_state state)
{
    struct sum sum = {state, 0};
    workshop_begin(w);
    ok(w, store_each_webhook(w->store, add_up, &sum), "webhooks");
    workshop_commit(w);
    return sum.count;
}

const char *workshop_fact(struct workshop *w, const char *section, const char *name,
                          const char *key)
{
    static char kept[512];
    AUTOFREE char *value = NULL;
    workshop_begin(w);
    ok(w, store_get_fact(w->store, section, name, key, &value), "fact");
    workshop_commit(w);
    text_copy(kept, sizeof(kept), value ? value : "");
    return value ? kept : NULL;
}

uint64_t workshop_counter(struct workshop *w, const char *name)
{
    uint64_t count = 0;
    workshop_begin(w);
    ok(w, store_counter(w->store, name, &count), "counter");
    workshop_commit(w);
    return count;
}
