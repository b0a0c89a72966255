/* SPDX-License-Identifier: MIT */
#include "journal/record.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "journal/alarms.h"
#include "journal_socket.h"
#include "put.h"
#include "standard_error.h"
#include "trace.h"
#include "words.h"

static enum event_level wanted = EVENT_INFO;
static bool somebody_listens;

void events_set_level(enum event_level level)
{
    wanted = level;
    trace_sink = level >= EVENT_DEBUG ? journal_trace : NULL;
}

bool events_wanted(enum event_level level)
{
    return level <= wanted;
}

void record_heed(bool listens)
{
    somebody_listens = listens;
}

bool record_begin(struct record *record, enum journal_id id)
{
    return record_begin_at(record, id, journal_id(id)->level);
}

bool record_begin_at(struct record *record, enum journal_id id, enum event_level level)
{
    bool heard = somebody_listens && alarm_concerns(id);
    if (!events_wanted(level) && !heard)
        return false;
    *record = (struct record){.id = id, .level = level, .unwanted = !events_wanted(level)};
    record_string(record, FIELD_EVENT, journal_id(id)->name);
    return true;
}

/* Start the next field. The caller appends its value. */
static struct text *next_field(struct record *record, const char *name)
{
    if (record->n_fields == RECORD_FIELDS_MAX)
        abort();
    record->starts[record->n_fields++] = record->values.size;
    text_append_string(&record->values, name);
    text_append_char(&record->values, '=');
    return &record->values;
}

void record_string(struct record *record, enum journal_field field, const char *value)
{
    if (!value)
        return;
    struct text *out = next_field(record, journal_field_name(field));
    text_append_escaped(out, value, strlen(value), RECORD_VALUE_MAX);
    text_append_char(out, '\0');
}

void record_number(struct record *record, enum journal_field field, int64_t value)
{
    struct text *out = next_field(record, journal_field_name(field));
    text_appendf(out, "%lld", (long long)value);
    text_append_char(out, '\0');
}

const char *record_field(const struct record *record, enum journal_field field)
{
    const char *name = journal_field_name(field);
    size_t size = strlen(name);
    for (size_t i = 0; i < record->n_fields; i++) {
        const char *start = record->values.data + record->starts[i];
        if (strncmp(start, name, size) == 0 && start[size] == '=')
            return start + size + 1;
    }
    return NULL;
}

void record_subject(struct record *record, const struct event_subject *subject)
{
    record_string(record, FIELD_QUEUE, subject->queue);
    record_string(record, FIELD_SELLER, subject->seller);
    record_string(record, FIELD_WEBHOOK, subject->webhook);
    record_string(record, FIELD_NOTIFICATION_ID, subject->notification_id);
    record_string(record, FIELD_ORDER_ID, subject->order_id);
    record_string(record, FIELD_TYPE, subject->type);
    record_string(record, FIELD_REQUEST_ID, subject->request_id);
    if (subject->attempt)
        record_number(record, FIELD_ATTEMPT, subject->attempt);
    if (subject->status)
        record_number(record, FIELD_HTTP_STATUS, subject->status);
    if (subject->duration_usec)
        record_number(record, FIELD_DURATION_USEC, (int64_t)subject->duration_usec);
}

void record_error(struct record *record, const struct error *error)
{
    record_string(record, FIELD_REASON, error->text);
    record_string(record, FIELD_ERROR_KIND, error_kind_name(error->kind));
    if (error->code[0])
        record_string(record, FIELD_ERROR_CODE, error->code);
    if (error->status)
        record_number(record, FIELD_HTTP_STATUS, error->status);
}

/* Send the fields. Negative: the journal did not take them. */
static int send_to_journal(struct record *record)
{
    struct iovec parts[RECORD_FIELDS_MAX];
    for (size_t i = 0; i < record->n_fields; i++) {
        char *start = record->values.data + record->starts[i];
        parts[i] = (struct iovec){start, strlen(start)};
    }
    return journal_socket_send(parts, record->n_fields, record->level <= EVENT_WARNING);
}

/* Write the entry to standard error. Return false if it is lost. */
static bool write_line(enum event_level level, const char *sentence)
{
    static const char *const words[] = {
        [EVENT_ERROR] = "error", [EVENT_WARNING] = "warning", [EVENT_NOTICE] = "notice",
        [EVENT_INFO] = "info",   [EVENT_DEBUG] = "debug",
    };
    AUTOTEXT struct text line = {0};
    text_appendf(&line, "%s: %s\n", words[level], sentence);
    return standard_error_write(line.data, line.size, level <= EVENT_WARNING);
}

/* Count a lost entry. With the first entry that is sent again, report the number of lost ones. */
static void count_lost(bool sent)
{
    static uint64_t lost;
    if (!sent) {
        lost++;
    } else if (lost) {
        uint64_t count = lost;
        lost = 0;
        event_log_lost(count);
    }
}

void record_put_out(struct record *record, const char *sentence)
{
    bool sent = record->audit;
    if (record->audit || standard_error_is_journal()) {
        text_appendf(next_field(record, "MESSAGE"), "%s%c", sentence, '\0');
        text_appendf(next_field(record, "MESSAGE_ID"), "%s%c", journal_id(record->id)->id, '\0');
        text_appendf(next_field(record, "PRIORITY"), "%d%c", (int)record->level, '\0');
        text_appendf(next_field(record, "SYSLOG_IDENTIFIER"), "dockbell%c", '\0');
        int r = send_to_journal(record);
        sent = r == 0 || sent;
        if (r == -EAGAIN) { /* stderr is journald's too */
            count_lost(false);
            return;
        }
    }
    count_lost(sent || write_line(record->level, sentence));
}

void record_sentence(struct text *ret, const char *format, va_list arguments)
{
    AUTOTEXT struct text raw = {0};
    text_appendv(&raw, format, arguments);
    text_append_escaped(ret, raw.data, raw.size, RECORD_SENTENCE_MAX);
}

void record_put(struct record *record, const char *format, ...)
{
    AUTOTEXT struct text sentence = {0};
    va_list arguments;
    va_start(arguments, format);
    record_sentence(&sentence, format, arguments);
    va_end(arguments);
    if (!record->unwanted)
        record_put_out(record, sentence.data);
    text_clear(&record->values);
}

void event_log_lost(uint64_t messages)
{
    struct record record;
    if (!record_begin(&record, ID_LOG_LOST))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)messages);
    record_put(&record,
               "the log has lost %s, because nobody read them in time (journald, or the program "
               "that reads standard error). Receiving and delivering did not wait for that",
               words_count(messages, "message", "messages").text);
}
