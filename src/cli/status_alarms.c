/* SPDX-License-Identifier: MIT */
/* The present alarms, as the daemon noted them. */
#include <stdio.h>

#include "alarm/list.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "status.h"
#include "table.h"

struct printing {
    const struct status *status;
    struct table *table;
    struct text *out;
};

static void put_json(const struct alarm *alarm, void *userdata)
{
    const struct printing *p = userdata;
    const struct journal_id_row *event = journal_id(alarm->row->raised_by);
    json_open(p->out, NULL, '{');
    json_string(p->out, "event", event->name);
    json_string(p->out, "severity", event->level <= EVENT_ERROR ? "error" : "warning");
    json_time(p->out, "since", alarm->since_usec);
    queue_json_age(p->out, "since_age", alarm->since_usec, p->status->now_usec);
    json_string(p->out, "queue", alarm->fields[ALARM_FIELD_QUEUE]);
    json_string(p->out, "seller", alarm->fields[ALARM_FIELD_SELLER]);
    json_string(p->out, "webhook", alarm->fields[ALARM_FIELD_WEBHOOK]);
    json_string(p->out, "summary", alarm->summary);
    json_string(p->out, "remedy", alarm->remedy);
    json_string(p->out, "next", alarm->next);
    json_close(p->out, '}');
}

static void put_row(const struct alarm *alarm, void *userdata)
{
    const struct printing *p = userdata;
    uint64_t now = p->status->now_usec;
    char span[TEXT_SPAN_MAX];
    text_span(span, alarm->since_usec < now ? now - alarm->since_usec : 0);
    table_cell(p->table, journal_id(alarm->row->raised_by)->name);
    table_cell(p->table, alarm->subject);
    table_cell(p->table, span);
    table_cell(p->table, alarm->summary);
}

static struct alarm_list *read_alarms(const struct status *status)
{
    struct alarm_list *list = alarm_list_new();
    AUTOFREE char *json = status_fact(status, "alarm", "", "list");
    if (json)
        alarm_list_load(list, json);
    return list;
}

void status_put_alarms(const struct status *status)
{
    static const char *const titles[] = {"ALARM", "ABOUT", "FOR", "WHAT"};
    struct printing printing = {
        .status = status,
        .table = table_new(TABLE_REPORT, titles, ELEMENTS(titles)),
    };
    struct alarm_list *list = read_alarms(status);
    alarm_list_each(list, put_row, &printing);
    if (table_rows(printing.table))
        putchar('\n');
    table_print(printing.table);
    table_free(printing.table);
    alarm_list_free(list);
}

void status_json_alarms(struct text *out, const struct status *status)
{
    struct printing printing = {.status = status, .out = out};
    struct alarm_list *list = read_alarms(status);
    json_open(out, "alarms", '[');
    alarm_list_each(list, put_json, &printing);
    json_close(out, ']');
    alarm_list_free(list);
}
