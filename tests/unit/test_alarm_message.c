/* SPDX-License-Identifier: MIT */
/* The message about an alarm follows the alarm's kind and the channel's memory of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alarm/message.h"
#include "base/memory.h"

static const struct alarm_row once = {.raised_by = ID_GAP, .kind = ALARM_ONCE};
static const struct alarm_row lasting = {.raised_by = ID_QUEUE_SILENT, .kind = ALARM_LASTS};

static struct alarm_message message_of(const struct alarm *alarm)
{
    struct alarm_message message;
    alarm_message_of(&message, alarm, ALARM_BY_URL, "wh1");
    return message;
}

static void an_event_that_happens_once_is_raised_and_does_not_last(void **state)
{
    (void)state;
    struct alarm alarm = {.row = &once, .raised = false, .told[ALARM_BY_URL] = {.changes = 1}};
    struct alarm_message message = message_of(&alarm);
    assert_true(message.raised);
    assert_false(message.lasts);
    assert_false(message.reminder);
}

static void a_lasting_alarm_is_raised_and_then_cleared(void **state)
{
    (void)state;
    struct alarm alarm = {.row = &lasting, .raised = true, .told[ALARM_BY_URL] = {.changes = 3}};
    struct alarm_message message = message_of(&alarm);
    assert_true(message.raised && message.lasts);
    assert_false(message.reminder);
    assert_int_equal(message.count, 3);
    alarm.raised = false;
    message = message_of(&alarm);
    assert_false(message.raised);
    assert_true(message.lasts);
}

static void a_message_is_a_reminder_only_if_nothing_has_changed(void **state)
{
    (void)state;
    struct alarm alarm = {.row = &lasting, .raised = true, .told[ALARM_BY_URL] = {.raised = true}};
    assert_true(message_of(&alarm).reminder);
    assert_int_equal(message_of(&alarm).count, 1);
    alarm.told[ALARM_BY_URL].changes = 1;
    assert_false(message_of(&alarm).reminder);
    alarm.told[ALARM_BY_URL] = (struct alarm_told){.raised = false};
    assert_false(message_of(&alarm).reminder);
    alarm.told[ALARM_BY_URL].raised = true;
    alarm.raised = false;
    assert_false(message_of(&alarm).reminder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_that_happens_once_is_raised_and_does_not_last),
        cmocka_unit_test(a_lasting_alarm_is_raised_and_then_cleared),
        cmocka_unit_test(a_message_is_a_reminder_only_if_nothing_has_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
