/* SPDX-License-Identifier: MIT */
#include "alarm/list.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "private.h"

const struct alarm_field alarm_fields[ALARM_FIELD_COUNT] = {
#define X(name, field) {name, FIELD_##field},
    ALARM_FIELDS(X)
#undef X
};

/* ---- finding, adding, removing ---- */

struct alarm *alarm_find(const struct alarm_list *list, const struct alarm_row *row,
                         const char *subject)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->alarms[i]->row == row && text_equal(list->alarms[i]->subject, subject))
            return list->alarms[i];
    return NULL;
}

static const struct alarm_row *row_of(enum journal_id raised_by)
{
    return alarm_row_find(journal_id(raised_by)->name);
}

struct alarm *alarm_add(struct alarm_list *list, const struct alarm_row *row, const char *subject)
{
    if (list->count == ALARMS_MAX)
        return NULL;
    struct alarm *alarm = NEW(struct alarm);
    alarm->row = row;
    alarm->subject = memory_string(subject);
    for (unsigned i = 0; i < ALARM_CHANNELS; i++)
        alarm->told[i].told_boot_usec = clock_boot_usec();
    list->alarms = memory_resize(list->alarms, list->count + 1, sizeof(struct alarm *));
    return list->alarms[list->count++] = alarm;
}

static void clear_text(struct alarm *alarm)
{
    free(TAKE(alarm->summary));
    free(TAKE(alarm->remedy));
    free(TAKE(alarm->next));
}

static void free_alarm(struct alarm *alarm)
{
    clear_text(alarm);
    for (unsigned i = 0; i < ALARM_FIELD_COUNT; i++)
        free(alarm->fields[i]);
    free(alarm->subject);
    free(alarm);
}

static bool wanted(const struct alarm_list *list, const struct alarm *alarm,
                   enum alarm_channel_kind channel)
{
    const struct journal_id_row *event = journal_id(alarm->row->raised_by);
    const struct alarm_filter *filter = &list->filter;
    return filter->channels[channel] && event->level <= filter->level &&
           (!filter->events || text_list_has(filter->events, event->name));
}

/* Whether the channel has not yet sent the present state of the alarm. */
static bool has_news(const struct alarm *alarm, const struct alarm_told *told)
{
    return alarm->raised != told->raised || told->changes;
}

static bool is_pending(const struct alarm_list *list, const struct alarm *alarm)
{
    for (unsigned i = 0; i < ALARM_CHANNELS; i++)
        if (wanted(list, alarm, i) && has_news(alarm, &alarm->told[i]))
            return true;
    return false;
}

/* Return the time at which the pace allows the next message; `now` at the earliest. */
static uint64_t pace_next(struct alarm_pace *pace, unsigned burst, uint64_t each_usec, uint64_t now)
{
    uint64_t gone = (now - pace->since_usec) / each_usec;
    pace->used -= gone < pace->used ? (unsigned)gone : pace->used;
    pace->since_usec = pace->used ? pace->since_usec + gone * each_usec : now;
    return pace->used < burst ? now : pace->since_usec + each_usec;
}

/* Whether a recent message of the alarm still counts against the alarm's pace. */
static bool is_recent(struct alarm *alarm)
{
    bool recent = false;
    for (unsigned i = 0; i < ALARM_CHANNELS; i++) {
        struct alarm_pace *p = &alarm->told[i].pace;
        pace_next(p, ALARM_BURST, ALARM_PACE_USEC, clock_boot_usec());
        recent = recent || p->used;
    }
    return recent;
}

/* Forget the alarms that are over and sent. If there is room, keep those that were sent
 * recently. */
static void sweep(struct alarm_list *list)
{
    size_t kept = 0;
    bool full = list->count == ALARMS_MAX;
    for (size_t i = 0; i < list->count; i++) {
        struct alarm *alarm = list->alarms[i];
        if (alarm->raised || is_pending(list, alarm) || (!full && is_recent(alarm)))
            list->alarms[kept++] = alarm;
        else
            free_alarm(alarm);
    }
    list->count = kept;
}

/* ---- events ---- */

/* Return the pattern with each word between two @ replaced by the event's field of that name. A
 * field that the event lacks is left out. */
static char *fill_in(const char *pattern, const struct record *record)
{
    struct text out = {0};
    for (const char *at = pattern; at && *at;) {
        size_t size = strcspn(at, "@");
        text_append(&out, at, size);
        at += size;
        const char *end = *at ? strchr(at + 1, '@') : NULL;
        if (!end)
            break;
        for (unsigned f = 0; f < JOURNAL_FIELD_COUNT; f++) {
            const char *name = journal_field_name(f);
            const char *value = record_field(record, f);
            bool meant =
                strlen(name) == (size_t)(end - at - 1) && strncmp(name, at + 1, strlen(name)) == 0;
            if (meant && value)
                text_append_string(&out, value);
        }
        at = end + 1;
    }
    return text_take(&out);
}

static void describe(struct alarm *alarm, enum journal_id event, const char *sentence)
{
    char summary[ALARM_SUMMARY_MAX];
    clear_text(alarm);
    text_copy(summary, sizeof(summary), sentence);
    alarm->summary = memory_string(summary);
    alarm->event = event;
    alarm->changed_usec = clock_trusted_usec();
}

static void describe_event(struct alarm *alarm, const struct record *record, const char *sentence)
{
    describe(alarm, record->id, sentence);
    alarm->remedy = fill_in(alarm_remedy(record->id), record);
    alarm->next = fill_in(alarm_next(record->id), record);
    for (unsigned i = 0; i < ALARM_FIELD_COUNT; i++) {
        free(alarm->fields[i]);
        alarm->fields[i] = memory_string(record_field(record, alarm_fields[i].field));
    }
}

/* Prepare another message than the last one: it gets an id and tries of its own. */
static void renew(struct alarm *alarm)
{
    for (unsigned i = 0; i < ALARM_CHANNELS; i++) {
        alarm->told[i].id[0] = '\0';
        alarm->told[i].tries = 0;
        alarm->told[i].next_boot_usec = 0;
    }
}

static bool take_raise(struct alarm_list *list, const struct alarm_row *row,
                       const struct record *record, const char *subject, const char *sentence)
{
    struct alarm *alarm = alarm_find(list, row, subject);
    if (!alarm)
        alarm = alarm_add(list, row, subject);
    if (!alarm)
        return false;
    if (alarm->raised)
        return false;
    describe_event(alarm, record, sentence);
    renew(alarm);
    alarm->raised = row->kind != ALARM_ONCE;
    alarm->since_usec = alarm->changed_usec;
    for (unsigned i = 0; i < ALARM_CHANNELS; i++)
        alarm->told[i].changes++;
    sweep(list);
    return true;
}

static void end_it(struct alarm_list *list, struct alarm *alarm)
{
    alarm->raised = false;
    renew(alarm);
    sweep(list);
}

static bool take_clear(struct alarm_list *list, const struct alarm_row *row,
                       const struct record *record, const char *subject, const char *sentence)
{
    struct alarm *alarm = alarm_find(list, row, subject);
    if (!alarm || !alarm->raised)
        return false;
    describe_event(alarm, record, sentence);
    end_it(list, alarm);
    return true;
}

bool alarm_list_take(struct alarm_list *list, const struct record *record, const char *sentence)
{
    size_t count;
    const struct alarm_row *rows = alarm_rows(&count);
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        const struct alarm_row *row = &rows[i];
        const char *subject =
            row->subject == FIELD_CONFIG ? NULL : record_field(record, row->subject);
        if (row->raised_by == record->id)
            changed |= take_raise(list, row, record, subject, sentence);
        else if (row->cleared_by == record->id)
            changed |= take_clear(list, row, record, subject, sentence);
    }
    return changed;
}

void alarm_list_end(struct alarm_list *list, enum journal_id raised_by, const char *subject,
                    const char *why)
{
    struct alarm *alarm = alarm_find(list, row_of(raised_by), subject);
    if (!alarm || !alarm->raised)
        return;
    describe(alarm, alarm->row->cleared_by, why);
    end_it(list, alarm);
}

/* ---- queries ---- */

bool alarm_list_has(const struct alarm_list *list, enum journal_id raised_by, const char *subject)
{
    const struct alarm *alarm = alarm_find(list, row_of(raised_by), subject);
    return alarm && alarm->raised;
}

void alarm_list_each(const struct alarm_list *list,
                     void (*each)(const struct alarm *alarm, void *userdata), void *userdata)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->alarms[i]->raised)
            each(list->alarms[i], userdata);
}

/* ---- sending ---- */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Return the time at which the channel should send the alarm; UINT64_MAX: there is nothing to
 * send. */
static uint64_t due_at(const struct alarm_list *list, struct alarm *alarm,
                       enum alarm_channel_kind channel, uint64_t now)
{
    struct alarm_told *told = &alarm->told[channel];
    uint64_t repeat = list->filter.repeat_usec;
    if (!wanted(list, alarm, channel))
        return UINT64_MAX;
    if (has_news(alarm, told))
        return later(told->next_boot_usec,
                     pace_next(&told->pace, ALARM_BURST, ALARM_PACE_USEC, now));
    if (alarm->raised && repeat)
        return later(told->next_boot_usec, told->told_boot_usec + repeat);
    return UINT64_MAX;
}

static void give_id(struct alarm_told *told)
{
    unsigned char random[16];
    if (told->id[0])
        return;
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        abort();
    memcpy(told->id, "alarm-", 6);
    text_hex(told->id + 6, random, sizeof(random));
}

struct alarm *alarm_list_next(struct alarm_list *list, enum alarm_channel_kind channel,
                              uint64_t *ret_boot_usec)
{
    uint64_t now = clock_boot_usec(), soonest = UINT64_MAX;
    uint64_t all = pace_next(&list->paces[channel], ALARM_ALL_BURST, ALARM_ALL_PACE_USEC, now);
    struct alarm *next = NULL;
    for (size_t i = 0; i < list->count; i++) {
        uint64_t due = due_at(list, list->alarms[i], channel, now);
        if (due < soonest ||
            (due <= now && next && list->alarms[i]->changed_usec < next->changed_usec)) {
            next = list->alarms[i];
            soonest = due;
        }
    }
    *ret_boot_usec = next ? later(soonest, all) : UINT64_MAX;
    if (!next || *ret_boot_usec > now)
        return NULL;
    give_id(&next->told[channel]);
    return next;
}

static void count_told(struct alarm_list *list, enum alarm_channel_kind channel,
                       struct alarm_told *told, uint64_t now)
{
    told->told_boot_usec = now;
    told->next_boot_usec = 0;
    told->tries = 0;
    told->id[0] = '\0';
    told->pace.used++;
    list->paces[channel].used++;
}

bool alarm_list_told(struct alarm_list *list, enum alarm_channel_kind channel,
                     const struct alarm_outcome *outcome)
{
    struct alarm *alarm = alarm_find(list, row_of(outcome->raised_by), outcome->subject);
    uint64_t now = clock_boot_usec();
    if (!alarm)
        return false;
    struct alarm_told *told = &alarm->told[channel];
    bool same = strcmp(told->id, outcome->id) == 0;
    bool give_up = !outcome->ok && same && ++told->tries >= ALARM_TRIES_MAX && !alarm->raised;
    if (!outcome->ok && !give_up) {
        told->next_boot_usec =
            now + backoff_usec(ALARM_RETRY_USEC, ALARM_RETRY_CAP_USEC, same ? told->tries : 1);
        return false;
    }
    told->raised = outcome->raised;
    told->changes -= outcome->changes < told->changes ? outcome->changes : told->changes;
    count_told(list, channel, told, now);
    sweep(list);
    return give_up;
}

/* ---- life ---- */

void alarm_list_filter(struct alarm_list *list, const struct alarm_filter *filter)
{
    for (size_t i = 0; i < list->count; i++)
        for (unsigned c = 0; c < ALARM_CHANNELS; c++)
            if (!filter->channels[c])
                list->alarms[i]->told[c] = (struct alarm_told){.told_boot_usec = clock_boot_usec()};
    list->filter = *filter;
    sweep(list);
}

struct alarm_list *alarm_list_new(void)
{
    return NEW(struct alarm_list);
}

void alarm_list_free(struct alarm_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        free_alarm(list->alarms[i]);
    free(list->alarms);
    free(list);
}
