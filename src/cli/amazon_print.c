/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "amazon.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "table.h"

static void put_list(struct text *out, const char *key, char *const *list)
{
    if (!list) {
        json_null(out, key);
        return;
    }
    json_open(out, key, '[');
    for (; *list; list++)
        json_string(out, NULL, *list);
    json_close(out, ']');
}

static void append_list(struct text *out, const char *name, char *const *list)
{
    if (!list || !list[0])
        return;
    text_appendf(out, "%s%s ", out->size ? "; " : "", name);
    for (size_t i = 0; list[i]; i++)
        text_appendf(out, "%s%s", i ? "," : "", list[i]);
}

/* ---- destinations ---- */

static void destination_json(const struct notifications_destination *destination)
{
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "id", destination->id);
    json_string(&line, "name", destination->name);
    json_string(&line, "arn", destination->arn);
    json_close(&line, '}');
    puts(line.data);
}

void amazon_print_destinations(struct amazon *a, const struct notifications_answer *answer)
{
    static const char *const titles[] = {"ID", "NAME", "QUEUE"};
    if (!a->table)
        a->table = table_new(TABLE_LIST, titles, ELEMENTS(titles));
    for (size_t i = 0; i < answer->destination_count; i++) {
        const struct notifications_destination *destination = &answer->destinations[i];
        if (a->cli->output == CLI_JSON) {
            destination_json(destination);
            continue;
        }
        table_cell(a->table, destination->id);
        table_cell(a->table, destination->name);
        table_cell(a->table, destination->arn);
    }
    a->count += (unsigned)answer->destination_count;
}

/* ---- subscriptions ---- */

static void subscription_json(const char *type, const struct notifications_subscription *s)
{
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "type", type);
    json_string(&line, "id", s->id);
    json_string(&line, "payload_version", s->payload_version);
    json_string(&line, "destination_id", s->destination_id);
    json_string(&line, "event_filter_type", s->event_filter_type);
    put_list(&line, "order_change_types", s->filter.order_change_types);
    put_list(&line, "marketplaces", s->filter.marketplaces);
    json_string(&line, "aggregation", s->filter.aggregation);
    json_string(&line, "filter_expression", s->filter.expression);
    json_close(&line, '}');
    puts(line.data);
}

static void subscription_row(struct table *table, const char *type,
                             const struct notifications_subscription *s)
{
    AUTOTEXT struct text filter = {0};
    append_list(&filter, "changes", s->filter.order_change_types);
    append_list(&filter, "marketplaces", s->filter.marketplaces);
    if (s->filter.aggregation)
        text_appendf(&filter, "%saggregation %s", filter.size ? "; " : "", s->filter.aggregation);
    if (s->filter.expression)
        text_appendf(&filter, "%sexpression %s", filter.size ? "; " : "", s->filter.expression);
    table_cell(table, type);
    table_cell(table, s->payload_version);
    table_cell(table, s->id);
    table_cell(table, s->destination_id);
    table_cell(table, filter.data);
}

void amazon_print_subscriptions(struct amazon *a, const struct notifications_answer *answer)
{
    static const char *const titles[] = {"TYPE", "VERSION", "ID", "DESTINATION", "FILTER"};
    const struct notifications_subscription *list =
        answer->subscription ? answer->subscription : answer->subscriptions;
    size_t count = answer->subscription ? 1 : answer->subscription_count;
    if (!a->table)
        a->table = table_new(TABLE_LIST, titles, ELEMENTS(titles));
    for (size_t i = 0; i < count; i++) {
        if (a->cli->output == CLI_JSON)
            subscription_json(a->request.type, &list[i]);
        else
            subscription_row(a->table, a->request.type, &list[i]);
    }
    a->count += (unsigned)count;
}
