/* SPDX-License-Identifier: MIT */
#include "alarm/message.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"

static const char *severity_of(enum journal_id event)
{
    return journal_id(event)->level <= EVENT_ERROR ? "error" : "warning";
}

void alarm_message_of(struct alarm_message *ret, const struct alarm *alarm,
                      enum alarm_channel_kind channel, const char *host)
{
    const struct alarm_told *told = &alarm->told[channel];
    enum journal_id event = alarm->row->raised_by;
    bool once = alarm->row->kind == ALARM_ONCE;
    *ret = (struct alarm_message){
        .id = told->id,
        .event = journal_id(event)->name,
        .message_id = journal_id(event)->id,
        .severity = severity_of(event),
        .summary = alarm->summary,
        .remedy = alarm->remedy,
        .next = alarm->next,
        .host = host,
        .raised = alarm->raised || once,
        .reminder = alarm->raised && told->raised && !told->changes,
        .lasts = !once,
        .time_usec = alarm->changed_usec,
        .since_usec = alarm->since_usec,
        .count = told->changes ? told->changes : 1,
    };
    for (unsigned i = 0; i < ALARM_FIELD_COUNT; i++)
        ret->fields[i] = alarm->fields[i];
}

void alarm_message_test(struct alarm_message *ret, char id[40], const char *host)
{
    unsigned char random[16];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        abort();
    memcpy(id, "alarm-", sizeof("alarm-"));
    text_hex(id + strlen("alarm-"), random, sizeof(random));
    *ret = (struct alarm_message){
        .id = id,
        .event = "test",
        .message_id = "",
        .severity = "warning",
        .summary = "this is a test by dockbell alarm test; nothing is wrong",
        .host = host,
        .raised = true,
        .time_usec = clock_trusted_usec(),
        .since_usec = clock_trusted_usec(),
        .count = 1,
    };
}

static const char *state_of(const struct alarm_message *message)
{
    return message->raised ? "raised" : "cleared";
}

/* Return one line for people, as a chat shows it: "Dockbell on wh1: ALARM: webhook wms ..." */
static char *line_of(const struct alarm_message *message)
{
    const char *word = !message->raised ? "all clear" : message->reminder ? "STILL" : "ALARM";
    struct text line = {0};
    text_appendf(&line, "Dockbell on %s: %s: %s", message->host, word, message->summary);
    if (message->count > 1)
        text_appendf(&line, " (%u times)", message->count);
    return text_take(&line);
}

static void put_data(struct text *out, const struct alarm_message *message)
{
    json_open(out, "data", '{');
    json_string(out, "id", message->id);
    json_string(out, "event", message->event);
    json_string(out, "messageId", message->message_id);
    json_string(out, "state", state_of(message));
    json_string(out, "severity", message->severity);
    json_time(out, "time", message->time_usec);
    json_time(out, "since", message->since_usec);
    json_number(out, "count", message->count);
    json_bool(out, "reminder", message->reminder);
    json_bool(out, "lasts", message->lasts);
    json_string(out, "summary", message->summary);
    json_string(out, "remedy", message->remedy);
    json_string(out, "next", message->next);
    for (unsigned i = 0; i < ALARM_FIELD_COUNT; i++)
        json_string(out, alarm_fields[i].name, message->fields[i]);
    json_string(out, "host", message->host);
    json_string(out, "version", DOCKBELL_VERSION);
    json_close(out, '}');
}

void alarm_message_body(struct text *out, const struct alarm_message *message)
{
    AUTOFREE char *line = line_of(message);
    json_open(out, NULL, '{');
    json_string(out, "type", ALARM_TYPE);
    json_time(out, "timestamp", message->time_usec);
    json_string(out, "text", line);
    put_data(out, message);
    json_close(out, '}');
}

/* ---- the environment ---- */

struct environment {
    char **lines;
    size_t count;
};

static void put(struct environment *env, const char *name, const char *value)
{
    env->lines = memory_resize(env->lines, env->count + 2, sizeof(char *));
    env->lines[env->count++] = memory_format("%s=%s", name, value ? value : "");
    env->lines[env->count] = NULL;
}

static void put_time(struct environment *env, const char *name, uint64_t usec)
{
    char text[CLOCK_TEXT_MAX];
    clock_rfc3339(text, usec);
    put(env, name, text);
}

char **alarm_message_environment(const struct alarm_message *message)
{
    struct environment env = {0};
    char count[16];
    AUTOFREE char *line = line_of(message);
    snprintf(count, sizeof(count), "%u", message->count);
    put(&env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    put(&env, "HOME", "/");
    put(&env, "LANG", "C.UTF-8");
    put(&env, "DOCKBELL_ALARM_ID", message->id);
    put(&env, "DOCKBELL_EVENT", message->event);
    put(&env, "DOCKBELL_MESSAGE_ID", message->message_id);
    put(&env, "DOCKBELL_STATE", state_of(message));
    put(&env, "DOCKBELL_SEVERITY", message->severity);
    put_time(&env, "DOCKBELL_TIME", message->time_usec);
    put_time(&env, "DOCKBELL_SINCE", message->since_usec);
    put(&env, "DOCKBELL_COUNT", count);
    put(&env, "DOCKBELL_REMINDER", message->reminder ? "yes" : "no");
    put(&env, "DOCKBELL_TEXT", line);
    put(&env, "DOCKBELL_SUMMARY", message->summary);
    put(&env, "DOCKBELL_REMEDY", message->remedy);
    put(&env, "DOCKBELL_NEXT", message->next);
    for (unsigned i = 0; i < ALARM_FIELD_COUNT; i++)
        put(&env, journal_field_name(alarm_fields[i].field), message->fields[i]);
    put(&env, "DOCKBELL_HOST", message->host);
    put(&env, "DOCKBELL_VERSION", DOCKBELL_VERSION);
    return env.lines;
}
