/* SPDX-License-Identifier: MIT */
/* Which alarms last and what is told of them: once, without storms, over restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alarm/list.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fake_clock.h"
#include "journal/events.h"

static struct alarm_list *list;
static bool changed;

static void on_event(const struct record *record, const char *sentence, void *userdata)
{
    (void)userdata;
    changed = alarm_list_take(list, record, sentence);
}

static void filter(unsigned level, char *const *events, uint64_t repeat)
{
    alarm_list_filter(list, &(struct alarm_filter){.channels = {true, false},
                                                   .level = level,
                                                   .events = events,
                                                   .repeat_usec = repeat});
}

static struct alarm *next(void)
{
    uint64_t again;
    return alarm_list_next(list, ALARM_BY_URL, &again);
}

/* When there is something to tell, in microseconds from now. */
static uint64_t wait_for_next(void)
{
    uint64_t again = 0;
    assert_null(alarm_list_next(list, ALARM_BY_URL, &again));
    return again == UINT64_MAX ? again : again - clock_boot_usec();
}

static bool tell(struct alarm *alarm, bool ok)
{
    AUTOFREE char *subject = memory_string(alarm->subject);
    char id[40];
    text_copy(id, sizeof(id), alarm->told[ALARM_BY_URL].id);
    struct alarm_outcome outcome = {
        .raised_by = alarm->row->raised_by,
        .subject = subject,
        .id = id,
        .raised = alarm->raised,
        .changes = alarm->told[ALARM_BY_URL].changes,
        .ok = ok,
    };
    return alarm_list_told(list, ALARM_BY_URL, &outcome);
}

/* The next thing to tell is that, and it is told. */
static void tells(enum journal_id event, bool raised, unsigned count)
{
    struct alarm *alarm = next();
    assert_non_null(alarm);
    assert_string_equal(journal_id(alarm->row->raised_by)->name, journal_id(event)->name);
    assert_int_equal(alarm->raised, raised);
    assert_int_equal(alarm->told[ALARM_BY_URL].changes, count);
    assert_false(tell(alarm, true));
}

static void open_breaker(const char *webhook)
{
    event_breaker_opened(webhook, "connection refused", USEC_PER_SEC, USEC_PER_MIN);
}

static void it_is_raised_once_and_cleared_once(void **state)
{
    (void)state;
    open_breaker("wms");
    assert_true(changed);
    open_breaker("wms");
    assert_false(changed);
    assert_true(alarm_list_has(list, ID_BREAKER_OPENED, "wms"));
    assert_false(alarm_list_has(list, ID_BREAKER_OPENED, "erp"));
    tells(ID_BREAKER_OPENED, true, 1);
    assert_true(wait_for_next() == UINT64_MAX);
    event_breaker_closed("erp", USEC_PER_SEC);
    assert_false(changed);
    event_breaker_closed("wms", USEC_PER_SEC);
    tells(ID_BREAKER_OPENED, false, 0);
    assert_true(wait_for_next() == UINT64_MAX);
    event_breaker_closed("wms", USEC_PER_SEC);
    assert_false(changed);
}

static void what_happened_is_told_with_remedy_and_fields(void **state)
{
    (void)state;
    open_breaker("wms");
    struct alarm *alarm = next();
    assert_non_null(strstr(alarm->summary, "webhook wms does not work: connection refused"));
    assert_string_equal(alarm->fields[ALARM_FIELD_WEBHOOK], "wms");
    assert_null(alarm->fields[ALARM_FIELD_QUEUE]);
    assert_string_equal(alarm->next, "dockbell status");
    assert_null(strchr(alarm->remedy, '@'));
    assert_true(strlen(alarm->remedy) > 20);
}

static void every_alarm_has_remedy_and_command(void **state)
{
    (void)state;
    size_t count;
    const struct alarm_row *rows = alarm_rows(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(alarm_remedy(rows[i].raised_by) && *alarm_remedy(rows[i].raised_by));
        assert_true(alarm_next(rows[i].raised_by) && *alarm_next(rows[i].raised_by));
        assert_true(journal_id(rows[i].raised_by)->level <= EVENT_WARNING);
        assert_int_equal(rows[i].kind == ALARM_ONCE, rows[i].cleared_by == rows[i].raised_by);
    }
}

static void what_only_happens_is_told_with_a_count(void **state)
{
    (void)state;
    struct event_subject dead = {.webhook = "wms", .notification_id = "n", .order_id = "o"};
    event_dead(&dead, "refused", "422");
    assert_false(alarm_list_has(list, ID_DEAD, "wms"));
    tells(ID_DEAD, false, 1);
    for (unsigned i = 0; i < 500; i++)
        event_dead(&dead, "refused", "422");
    tells(ID_DEAD, false, 500);
    assert_true(wait_for_next() == UINT64_MAX);
}

static void flapping_is_told_a_few_times_and_then_as_a_count(void **state)
{
    (void)state;
    unsigned told = 0, counted = 0;
    for (unsigned i = 0; i < 3500; i++) {
        if (i % 2)
            event_breaker_closed("wms", USEC_PER_SEC);
        else
            open_breaker("wms");
        for (struct alarm *alarm; (alarm = next()) != NULL; told++) {
            counted += alarm->told[ALARM_BY_URL].changes;
            tell(alarm, true);
        }
        fake_clock_advance(USEC_PER_SEC);
    }
    assert_true(told >= ALARM_BURST && told <= ALARM_BURST + 6);
    uint64_t wait = wait_for_next();
    assert_true(wait <= ALARM_PACE_USEC);
    fake_clock_advance(wait);
    struct alarm *last = next();
    assert_false(last->raised);
    assert_int_equal(counted + last->told[ALARM_BY_URL].changes, 1750);
    tell(last, true);
    assert_true(wait_for_next() == UINT64_MAX);
}

static void many_alarms_are_paced_as_well(void **state)
{
    (void)state;
    unsigned told = 0;
    for (unsigned i = 0; i < 200; i++) {
        AUTOFREE char *name = memory_format("w%u", i);
        open_breaker(name);
    }
    for (struct alarm *alarm; (alarm = next()) != NULL; told++)
        tell(alarm, true);
    assert_int_equal(told, ALARM_ALL_BURST);
    for (unsigned i = 0; i < 170; i++) {
        fake_clock_advance(wait_for_next());
        tell(next(), true);
    }
    assert_true(wait_for_next() == UINT64_MAX);
}

static void the_list_is_bounded(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ALARMS_MAX + 10; i++) {
        AUTOFREE char *name = memory_format("w%u", i);
        open_breaker(name);
    }
    assert_false(changed);
    event_breaker_closed("w0", 1);
    assert_true(changed);
}

static void a_failure_is_tried_again_with_pauses(void **state)
{
    (void)state;
    uint64_t last = 0;
    char id[40];
    open_breaker("wms");
    text_copy(id, sizeof(id), next()->told[ALARM_BY_URL].id);
    assert_true(text_starts(id, "alarm-"));
    for (unsigned i = 0; i < 50; i++) {
        assert_string_equal(next()->told[ALARM_BY_URL].id, id);
        assert_false(tell(next(), false));
        uint64_t wait = wait_for_next();
        assert_true(wait >= last / 2 && wait <= ALARM_RETRY_CAP_USEC * 11 / 10);
        last = wait;
        fake_clock_advance(wait);
    }
    assert_true(last >= ALARM_RETRY_CAP_USEC);
    tells(ID_BREAKER_OPENED, true, 1);
}

static void what_is_over_is_given_up_in_the_end(void **state)
{
    (void)state;
    open_breaker("wms");
    assert_false(tell(next(), false));
    event_breaker_closed("wms", 1);
    for (unsigned i = 1; i < ALARM_TRIES_MAX; i++) {
        struct alarm *alarm = next();
        assert_false(alarm->raised);
        assert_int_equal(alarm->told[ALARM_BY_URL].changes, 1);
        assert_false(tell(alarm, false));
        fake_clock_advance(wait_for_next());
    }
    assert_true(tell(next(), false));
    assert_true(wait_for_next() == UINT64_MAX);
}

static void one_that_fails_does_not_hold_up_others(void **state)
{
    (void)state;
    open_breaker("wms");
    tell(next(), false);
    open_breaker("erp");
    assert_string_equal(next()->subject, "erp");
    tells(ID_BREAKER_OPENED, true, 1);
}

static void what_changes_while_it_is_told_is_told_too(void **state)
{
    (void)state;
    open_breaker("wms");
    struct alarm *alarm = next();
    char id[40];
    text_copy(id, sizeof(id), alarm->told[ALARM_BY_URL].id);
    struct alarm_outcome said = {
        .raised_by = ID_BREAKER_OPENED,
        .subject = "wms",
        .id = id,
        .raised = true,
        .changes = 1,
        .ok = true,
    };
    event_breaker_closed("wms", 1);
    alarm_list_told(list, ALARM_BY_URL, &said);
    alarm = next();
    assert_false(alarm->raised);
    assert_string_not_equal(alarm->told[ALARM_BY_URL].id, id);
    tells(ID_BREAKER_OPENED, false, 0);
}

static void it_is_repeated_while_it_lasts(void **state)
{
    (void)state;
    filter(EVENT_WARNING, NULL, USEC_PER_HOUR);
    open_breaker("wms");
    tells(ID_BREAKER_OPENED, true, 1);
    for (unsigned i = 0; i < 5; i++) {
        uint64_t wait = wait_for_next();
        assert_true(wait == USEC_PER_HOUR);
        fake_clock_advance(wait);
        tells(ID_BREAKER_OPENED, true, 0);
    }
    event_breaker_closed("wms", 1);
    tells(ID_BREAKER_OPENED, false, 0);
    assert_true(wait_for_next() == UINT64_MAX);
}

static void level_and_events_choose(void **state)
{
    (void)state;
    char *only[] = {(char *)"dead", NULL};
    filter(EVENT_ERROR, NULL, 0);
    event_disk_low(1, 2);
    assert_true(wait_for_next() == UINT64_MAX);
    assert_true(alarm_list_has(list, ID_DISK_LOW, NULL));
    open_breaker("wms");
    assert_non_null(next());
    filter(EVENT_WARNING, only, 0);
    assert_true(wait_for_next() == UINT64_MAX);
}

static void a_restart_raises_nothing_anew_and_forgets_nothing(void **state)
{
    (void)state;
    AUTOTEXT struct text saved = {0};
    open_breaker("wms");
    tells(ID_BREAKER_OPENED, true, 1);
    event_disk_low(1, 2);
    event_webhook_gone("erp");
    tells(ID_DISK_LOW, true, 1);
    tells(ID_WEBHOOK_GONE, true, 1);
    event_store_failed("I/O error");
    alarm_list_save(list, &saved);
    alarm_list_free(list);
    list = alarm_list_new();
    alarm_list_load(list, saved.data);
    filter(EVENT_WARNING, NULL, 0);
    tells(ID_STORE_FAILED, false, 1);
    assert_true(wait_for_next() == UINT64_MAX);
    open_breaker("wms");
    assert_false(changed);
    /* The disk is fine by now, and no event has said so. */
    alarm_list_end(list, ID_DISK_LOW, NULL, "there is room");
    tells(ID_DISK_LOW, false, 0);
    assert_true(alarm_list_has(list, ID_BREAKER_OPENED, "wms"));
    assert_true(alarm_list_has(list, ID_WEBHOOK_GONE, "erp"));
    event_breaker_closed("wms", 1);
    tells(ID_BREAKER_OPENED, false, 0);
}

static void bytes_that_are_no_list_are_passed_over(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{}",
        "[1,null,[],{}]",
        "[{\"event\":\"nonsense\",\"raised\":true}]",
        "[{\"event\":\"dead\",\"raised\":true,\"told\":[{\"changes\":-3},7]}]",
    };
    for (size_t i = 0; i < ELEMENTS(texts); i++)
        alarm_list_load(list, texts[i]);
    assert_false(alarm_list_has(list, ID_DEAD, NULL));
}

/* Where it would be there twice, the second could never be ended. */
static void an_alarm_is_loaded_once_and_with_its_sentence(void **state)
{
    (void)state;
    static const char text[] =
        "[{\"event\":\"disk-low\",\"raised\":true,\"summary\":\"the disk is full\"},"
        "{\"event\":\"disk-low\",\"raised\":true,\"summary\":\"the disk is full\"},"
        "{\"event\":\"webhook-gone\",\"subject\":\"wms\",\"raised\":true},"
        "{\"event\":\"webhook-gone\",\"subject\":\"wms\",\"raised\":true,\"summary\":\"\"}]";
    alarm_list_load(list, text);
    assert_false(alarm_list_has(list, ID_WEBHOOK_GONE, "wms"));
    assert_true(alarm_list_has(list, ID_DISK_LOW, NULL));
    alarm_list_end(list, ID_DISK_LOW, NULL, "there is room");
    assert_false(alarm_list_has(list, ID_DISK_LOW, NULL));
    assert_true(wait_for_next() == UINT64_MAX);
}

static void a_way_that_is_new_is_told_what_lasts(void **state)
{
    (void)state;
    struct alarm_filter both = {.channels = {true, true}, .level = EVENT_WARNING};
    uint64_t again;
    open_breaker("wms");
    tells(ID_BREAKER_OPENED, true, 1);
    assert_null(alarm_list_next(list, ALARM_BY_COMMAND, &again));
    alarm_list_filter(list, &both);
    assert_non_null(alarm_list_next(list, ALARM_BY_COMMAND, &again));
    assert_true(wait_for_next() == UINT64_MAX);
}

static void events_below_the_level_are_heard(void **state)
{
    (void)state;
    open_breaker("wms");
    assert_true(changed);
    event_breaker_closed("wms", 1); /* a notice; the journal gets errors only */
    assert_true(changed);
}

static int setup(void **state)
{
    (void)state;
    list = alarm_list_new();
    changed = false;
    events_set_level((enum event_level)0);
    record_listen(on_event, NULL);
    filter(EVENT_WARNING, NULL, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    record_listen(NULL, NULL);
    alarm_list_free(list);
    return 0;
}

#define WITH_LIST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LIST(it_is_raised_once_and_cleared_once),
        WITH_LIST(what_happened_is_told_with_remedy_and_fields),
        WITH_LIST(every_alarm_has_remedy_and_command),
        WITH_LIST(what_only_happens_is_told_with_a_count),
        WITH_LIST(flapping_is_told_a_few_times_and_then_as_a_count),
        WITH_LIST(many_alarms_are_paced_as_well),
        WITH_LIST(the_list_is_bounded),
        WITH_LIST(a_failure_is_tried_again_with_pauses),
        WITH_LIST(what_is_over_is_given_up_in_the_end),
        WITH_LIST(one_that_fails_does_not_hold_up_others),
        WITH_LIST(what_changes_while_it_is_told_is_told_too),
        WITH_LIST(it_is_repeated_while_it_lasts),
        WITH_LIST(level_and_events_choose),
        WITH_LIST(a_restart_raises_nothing_anew_and_forgets_nothing),
        WITH_LIST(bytes_that_are_no_list_are_passed_over),
        WITH_LIST(an_alarm_is_loaded_once_and_with_its_sentence),
        WITH_LIST(a_way_that_is_new_is_told_what_lasts),
        WITH_LIST(events_below_the_level_are_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
