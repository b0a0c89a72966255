/* SPDX-License-Identifier: MIT */
#include "superseded.h"

#include "inside.h"

struct superseded_row {
    struct superseded told;
    char *webhook, *id, *order_id, *type, *seller;
};

int superseded_note(struct store *store, const struct lane_row *row, int64_t by)
{
    struct superseded_list *list = &store->superseded;
    const struct webhook *webhook = webhooks_find(store, row->webhook);
    bool found;
    if (store->mode != STORE_DAEMON || list->count == STORE_SUPERSEDED_MAX)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_EXPIRED);
    query_number(&q, row->notification);
    int r = query_step(&q, &found);
    if (r || !found)
        return r;
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 16;
        list->rows = memory_resize(list->rows, list->room, sizeof(*list->rows));
    }
    struct superseded_row *kept = &list->rows[list->count++];
    *kept = (struct superseded_row){.webhook = memory_string(webhook ? webhook->name : NULL)};
    kept->id = memory_string(query_get_text(&q));
    kept->order_id = memory_string(query_get_text(&q));
    kept->seller = memory_string(names_get(store, &q));
    kept->type = memory_string(names_get(store, &q));
    kept->told = (struct superseded){.delivery = row->id,
                                     .by = by,
                                     .webhook = kept->webhook,
                                     .id = kept->id,
                                     .order_id = kept->order_id,
                                     .type = kept->type,
                                     .seller = kept->seller};
    return 0;
}

void superseded_drop(struct superseded_list *list)
{
    while (list->count) {
        struct superseded_row *row = &list->rows[--list->count];
        free(row->webhook);
        free(row->id);
        free(row->order_id);
        free(row->type);
        free(row->seller);
    }
}

void superseded_clear(struct superseded_list *list)
{
    superseded_drop(list);
    free(list->rows);
    *list = (struct superseded_list){0};
}

void store_each_superseded(const struct store *store,
                           void (*each)(const struct superseded *, void *), void *userdata)
{
    for (size_t i = 0; i < store->superseded.count; i++)
        each(&store->superseded.rows[i].told, userdata);
}
