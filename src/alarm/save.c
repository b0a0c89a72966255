/* SPDX-License-Identifier: MIT */
/* Saves the list of alarms, and loads it in the next run. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "private.h"

/* A larger list was not written by Dockbell. */
#define LIST_BYTES_MAX ((size_t)ALARMS_MAX * 16384)

static void save_told(const struct alarm_told *told, struct text *out)
{
    json_open(out, NULL, '{');
    json_bool(out, "raised", told->raised);
    json_number(out, "changes", told->changes);
    json_close(out, '}');
}

static void save(const struct alarm *alarm, struct text *out)
{
    json_open(out, NULL, '{');
    json_string(out, "event", journal_id(alarm->row->raised_by)->name);
    json_string(out, "subject", alarm->subject);
    json_bool(out, "raised", alarm->raised);
    json_time(out, "since", alarm->since_usec);
    json_time(out, "changed", alarm->changed_usec);
    json_bool(out, "by_raise", alarm->event == alarm->row->raised_by);
    json_string(out, "summary", alarm->summary);
    json_string(out, "remedy", alarm->remedy);
    json_string(out, "next", alarm->next);
    for (unsigned i = 0; i < ALARM_FIELD_COUNT; i++)
        if (alarm->fields[i])
            json_string(out, alarm_fields[i].name, alarm->fields[i]);
    json_open(out, "told", '[');
    for (unsigned i = 0; i < ALARM_CHANNELS; i++)
        save_told(&alarm->told[i], out);
    json_close(out, ']');
    json_close(out, '}');
}

void alarm_list_save(const struct alarm_list *list, struct text *out)
{
    json_open(out, NULL, '[');
    for (size_t i = 0; i < list->count; i++)
        save(list->alarms[i], out);
    json_close(out, ']');
}

static bool get_bool(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static uint64_t get_time(const cJSON *object, const char *key)
{
    uint64_t usec = 0;
    const char *text = json_get_string(object, key);
    return text && clock_parse_rfc3339(text, strlen(text), &usec) == 0 ? usec : 0;
}

static void load_told(struct alarm_told *told, const cJSON *json)
{
    double changes = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "changes"));
    told->raised = get_bool(json, "raised");
    told->changes = changes >= 0 && changes < 1e9 ? (unsigned)changes : 0;
}

static void load(struct alarm_list *list, const cJSON *json)
{
    const char *event = json_get_string(json, "event");
    const struct alarm_row *row = event ? alarm_row_find(event) : NULL;
    const char *subject = json_get_string(json, "subject");
    const char *summary = json_get_string(json, "summary");
    if (!row || !summary || !summary[0] || alarm_find(list, row, subject))
        return;
    struct alarm *alarm = alarm_add(list, row, subject);
    if (!alarm)
        return;
    alarm->raised = get_bool(json, "raised") && row->kind != ALARM_ONCE;
    alarm->since_usec = get_time(json, "since");
    alarm->changed_usec = get_time(json, "changed");
    alarm->event = get_bool(json, "by_raise") ? row->raised_by : row->cleared_by;
    alarm->summary = memory_string(summary);
    alarm->remedy = memory_string(json_get_string(json, "remedy"));
    alarm->next = memory_string(json_get_string(json, "next"));
    for (unsigned i = 0; i < ALARM_FIELD_COUNT; i++)
        alarm->fields[i] = memory_string(json_get_string(json, alarm_fields[i].name));
    for (int i = 0; i < ALARM_CHANNELS; i++)
        load_told(&alarm->told[i], cJSON_GetArrayItem(json_get_array(json, "told"), i));
}

void alarm_list_load(struct alarm_list *list, const char *json)
{
    const cJSON *item;
    AUTOJSON cJSON *array = json_parse(json, strlen(json), LIST_BYTES_MAX);
    cJSON_ArrayForEach(item, array)
        load(list, item);
}
