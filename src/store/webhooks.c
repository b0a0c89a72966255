/* SPDX-License-Identifier: MIT */
#include "webhooks.h"

#include <string.h>

#include "base/text.h"
#include "inside.h"

void sent_clear(struct sent *sent)
{
    free(sent->blocks);
    *sent = (struct sent){0};
}

static void free_rows(struct webhook *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(rows[i].name);
        free(rows[i].paused_why);
    }
    free(rows);
}

void webhooks_clear(struct webhooks *webhooks)
{
    for (size_t i = 0; i < webhooks->count; i++)
        sent_clear(&webhooks->rows[i].sent);
    free_rows(webhooks->rows, webhooks->count);
    *webhooks = (struct webhooks){0};
}

static struct webhook read_row(struct store *store, struct query *q)
{
    struct webhook row = {.id = query_get_number(q)};
    row.name = memory_string(query_get_text(q));
    row.configured = query_get_number(q);
    row.paused_usec = (uint64_t)query_get_number(q);
    row.paused_why = memory_string(query_get_text(q));
    row.paused_total_usec = (uint64_t)query_get_number(q);
    row.coalesces = query_get_number(q);
    struct webhook *old = webhooks_find(store, row.id);
    if (old) { /* fields that only this process changes are taken over */
        row.expire_cursor = old->expire_cursor;
        row.sent = old->sent;
    }
    return row;
}

int webhooks_load(struct store *store)
{
    struct webhooks fresh = {0};
    CLEANUP(query_end) struct query q = query_start(store, SQL_WEBHOOKS);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r) {
            free_rows(fresh.rows, fresh.count);
            return r;
        }
        if (!row)
            break;
        fresh.rows = memory_resize(fresh.rows, fresh.count + 1, sizeof(*fresh.rows));
        fresh.rows[fresh.count++] = read_row(store, &q);
    }
    free_rows(store->webhooks.rows, store->webhooks.count);
    store->webhooks = fresh;
    return 0;
}

struct webhook *webhooks_find(const struct store *store, int64_t id)
{
    for (size_t i = 0; i < store->webhooks.count; i++)
        if (store->webhooks.rows[i].id == id)
            return &store->webhooks.rows[i];
    return NULL;
}

uint64_t webhooks_time_usec(const struct webhook *webhook, uint64_t now_usec)
{
    if (!webhook)
        return now_usec;
    uint64_t still = webhook->paused_total_usec;
    if (webhook->paused_usec && now_usec > webhook->paused_usec)
        still += now_usec - webhook->paused_usec;
    return now_usec > still ? now_usec - still : 0;
}

static struct webhook *find_name(struct store *store, const char *name)
{
    for (size_t i = 0; i < store->webhooks.count; i++)
        if (text_equal(store->webhooks.rows[i].name, name))
            return &store->webhooks.rows[i];
    return NULL;
}

int store_find_webhook(struct store *store, const char *name, int64_t *ret_id)
{
    const struct webhook *webhook = find_name(store, name);
    if (!webhook)
        return store_say(store, STORE_NOT_FOUND, "no webhook %s in %s", name, store->path);
    *ret_id = webhook->id;
    return 0;
}

static int set_configured(struct store *store, int64_t id, bool configured)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_WEBHOOK_CONFIGURED);
    query_number(&q, configured);
    query_number(&q, id);
    return query_run(&q);
}

static bool is_among(const char *name, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(name, names[i]))
            return true;
    return false;
}

static int configure_known(struct store *store, const char *const names[], size_t count)
{
    for (size_t i = 0; i < store->webhooks.count; i++) {
        const struct webhook *webhook = &store->webhooks.rows[i];
        bool configured = is_among(webhook->name, names, count);
        int r =
            configured == webhook->configured ? 0 : set_configured(store, webhook->id, configured);
        if (r)
            return r;
    }
    return 0;
}

int store_set_webhooks(struct store *store, const char *const names[], size_t count,
                       int64_t ret_ids[])
{
    int r = configure_known(store, names, count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        if (find_name(store, names[i]))
            continue;
        CLEANUP(query_end) struct query q = query_start(store, SQL_WEBHOOK_ADD);
        query_text(&q, names[i]);
        r = query_run(&q);
    }
    if (r == 0)
        r = webhooks_load(store);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = store_find_webhook(store, names[i], &ret_ids[i]);
    return r;
}

int store_set_coalesce(struct store *store, int64_t webhook, bool coalesce)
{
    struct webhook *row = webhooks_find(store, webhook);
    if (!row)
        return store_say(store, STORE_NOT_FOUND, "no webhook number %lld", (long long)webhook);
    if (row->coalesces == coalesce)
        return 0;
    row->coalesces = coalesce;
    CLEANUP(query_end) struct query q = query_start(store, SQL_WEBHOOK_COALESCE);
    query_number(&q, coalesce);
    query_number(&q, webhook);
    return query_run(&q);
}

static int set_pause(struct store *store, int64_t id, uint64_t paused_usec, const char *why,
                     uint64_t total_usec)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_WEBHOOK_PAUSE);
    query_number(&q, (int64_t)paused_usec);
    query_text(&q, why);
    query_number(&q, (int64_t)total_usec);
    query_number(&q, id);
    int r = query_run(&q);
    return r ? r : webhooks_load(store);
}

int store_pause(struct store *store, int64_t webhook, const char *why, uint64_t now_usec)
{
    const struct webhook *row = webhooks_find(store, webhook);
    if (!row)
        return store_say(store, STORE_NOT_FOUND, "no webhook number %lld", (long long)webhook);
    if (row->paused_usec)
        return 0;
    return set_pause(store, webhook, now_usec, why, row->paused_total_usec);
}

int store_resume(struct store *store, int64_t webhook, uint64_t now_usec)
{
    const struct webhook *row = webhooks_find(store, webhook);
    if (!row)
        return store_say(store, STORE_NOT_FOUND, "no webhook number %lld", (long long)webhook);
    if (!row->paused_usec)
        return 0;
    uint64_t total = row->paused_total_usec;
    if (now_usec > row->paused_usec)
        total += now_usec - row->paused_usec;
    return set_pause(store, webhook, 0, NULL, total);
}

uint64_t store_paused_usec(const struct store *store, int64_t webhook, const char **ret_why)
{
    const struct webhook *row = webhooks_find(store, webhook);
    *ret_why = row ? row->paused_why : NULL;
    return row ? row->paused_usec : 0;
}
