/* SPDX-License-Identifier: MIT */
/* The list of alarms that an earlier run has left in the store, and that somebody has changed. What
 * is taken of it can be sent, saved and loaded again, and ended. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/alarm/private.h"
#include "alarm/message.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "fake_clock.h"
#include "must.h"

#define BODY_MAX ((size_t)1 << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct alarm_list *load(const char *json)
{
    static const struct alarm_filter filter = {
        .channels = {true, true}, .level = EVENT_DEBUG, .repeat_usec = 1};
    struct alarm_list *list = alarm_list_new();
    alarm_list_load(list, json);
    alarm_list_filter(list, &filter);
    return list;
}

static void check_alarm(const struct alarm *alarm)
{
    must(alarm->summary && alarm->summary[0]);
    must(alarm->event == alarm->row->raised_by || alarm->event == alarm->row->cleared_by);
    must(!alarm->raised || alarm->row->kind != ALARM_ONCE);
}

static void check_list(const struct alarm_list *list)
{
    must(list->count <= ALARMS_MAX);
    for (size_t i = 0; i < list->count; i++) {
        check_alarm(list->alarms[i]);
        for (size_t k = 0; k < i; k++)
            must(list->alarms[i]->row != list->alarms[k]->row ||
                 !text_equal(list->alarms[i]->subject, list->alarms[k]->subject));
    }
}

/* What is saved is the same when it was loaded once more. */
static void check_saved(const struct alarm_list *list)
{
    AUTOTEXT struct text once = {0}, twice = {0};
    alarm_list_save(list, &once);
    struct alarm_list *again = load(once.data);
    alarm_list_save(again, &twice);
    must(text_equal(once.data, twice.data));
    alarm_list_free(again);
}

static void send_one(struct alarm_list *list, struct alarm *alarm, enum alarm_channel_kind channel)
{
    struct alarm_message message;
    AUTOTEXT struct text body = {0};
    alarm_message_of(&message, alarm, channel, "host");
    alarm_message_body(&body, &message);
    must(text_is_utf8(body.data, body.size));
    AUTOJSON cJSON *json = json_parse(body.data, body.size, BODY_MAX);
    must(cJSON_IsObject(json));
    text_list_free(alarm_message_environment(&message));
    AUTOFREE char *id = memory_string(message.id), *subject = memory_string(alarm->subject);
    struct alarm_outcome outcome = {alarm->row->raised_by, subject,       id,
                                    alarm->raised,         message.count, true};
    must(!alarm_list_told(list, channel, &outcome));
}

static void send_all(struct alarm_list *list)
{
    uint64_t at;
    for (unsigned channel = 0; channel < ALARM_CHANNELS; channel++)
        for (unsigned i = 0; i < ALARM_ALL_BURST; i++) {
            struct alarm *alarm = alarm_list_next(list, channel, &at);
            if (!alarm)
                break;
            send_one(list, alarm, channel);
        }
}

static void end_all(struct alarm_list *list)
{
    for (size_t i = list->count; i-- > 0;) {
        const struct alarm *alarm = i < list->count ? list->alarms[i] : NULL;
        if (!alarm || !alarm->raised)
            continue;
        enum journal_id event = alarm->row->raised_by;
        AUTOFREE char *subject = memory_string(alarm->subject);
        must(alarm_list_has(list, event, subject));
        alarm_list_end(list, event, subject, "over");
        must(!alarm_list_has(list, event, subject));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTOFREE char *json = memory_copy(data, size);
    struct alarm_list *list = load(json);
    check_list(list);
    check_saved(list);
    send_all(list);
    check_list(list);
    end_all(list);
    for (size_t i = 0; i < list->count; i++)
        must(!list->alarms[i]->raised);
    alarm_list_free(list);
    return 0;
}
