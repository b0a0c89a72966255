/* SPDX-License-Identifier: MIT */
/* keep_dead and keep_held: nothing goes before its alarm has stood for three days of running. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/memory.h"
#include "keeping.h"

#define DAY  USEC_PER_DAY
#define HOUR USEC_PER_HOUR

static int64_t add(struct keeping *w, const char *id, enum delivery_state state)
{
    int64_t delivery = workshop_accept(&w->shop, id, NULL);
    workshop_begin(&w->shop);
    if (state == DELIVERY_HELD) {
        assert_int_equal(store_operate(w->shop.store, OPERATE_HOLD, delivery, clock_trusted_usec()),
                         0);
    } else {
        struct claim claim;
        size_t count;
        struct claim_query query = {.webhook = w->shop.webhook,
                                    .now_usec = store_delay_usec(w->shop.store),
                                    .first = 1,
                                    .bytes = 100000};
        assert_int_equal(store_claim(w->shop.store, &query, &claim, &count), 0);
        assert_int_equal(claim.delivery, delivery);
        struct settle settle = {.delivery = delivery,
                                .attempt = claim.attempt,
                                .to = DELIVERY_DEAD,
                                .cause = DEAD_REFUSED};
        assert_int_equal(store_settle(w->shop.store, &settle, clock_trusted_usec()), 0);
        claim_clear(&claim);
    }
    workshop_commit(&w->shop);
    return delivery;
}

/* It ran for so long, and starts again: what a janitor would have written by then. */
static void jump(struct keeping *w, uint64_t usec)
{
    uint64_t ran = strtoull(workshop_fact(&w->shop, "store", "", "ran"), NULL, 10) + usec;
    AUTOFREE char *text = memory_format("%llu", (unsigned long long)ran);
    janitor_free(TAKE(w->janitor));
    workshop_begin(&w->shop);
    assert_int_equal(store_set_fact(w->shop.store, "store", "", "ran", text), 0);
    workshop_commit(&w->shop);
    fake_clock_advance(usec);
    keeping_start_trusted(w);
}

/* The machine runs; the janitor looks every ten minutes, which is often enough to count. Of a long
 * time only the last hour is played. */
static void run(struct keeping *w, uint64_t usec)
{
    const uint64_t look = 10 * USEC_PER_MIN;
    uint64_t played = usec > 3 * HOUR ? HOUR : usec;
    if (usec > played)
        jump(w, usec - played);
    for (uint64_t ran = 0; ran < played; ran += look) {
        fake_clock_advance(look - JANITOR_LOOK_USEC - USEC_PER_SEC);
        keeping_run(w, JANITOR_LOOK_USEC + USEC_PER_SEC);
    }
}

/* The machine is off, and Dockbell starts again. */
static void sleep_for(struct keeping *w, uint64_t usec)
{
    janitor_free(TAKE(w->janitor));
    fake_clock_advance(usec);
    keeping_start_trusted(w);
    keeping_run(w, 2 * JANITOR_LOOK_USEC);
}

static void begin(struct keeping *w)
{
    w->options.keep_dead_usec = w->options.keep_held_usec = 30 * DAY;
    keeping_start_trusted(w);
    keeping_run(w, 2 * JANITOR_LOOK_USEC);
}

static uint64_t count(struct keeping *w, enum delivery_state state)
{
    return workshop_count(&w->shop, state);
}

static void the_alarm_comes_three_days_before(void **state)
{
    struct keeping *w = *state;
    begin(w);
    int64_t dead = add(w, "n-1", DELIVERY_DEAD);
    add(w, "n-2", DELIVERY_HELD);
    sleep_for(w, 26 * DAY);
    assert_true(janitor_removal_is_far(w->janitor, "wms"));
    run(w, 20 * HOUR);
    ear_open();
    run(w, 6 * HOUR);
    AUTOFREE char *said = ear_heard();
    AUTOFREE char *oldest = memory_format("The oldest is %lld, dead since ", (long long)dead);
    assert_int_equal(count_parts(said, "removed soon"), 1);
    assert_part(said, "webhook wms: 1 dead and 1 held deliveries are removed soon, from ");
    assert_part(said, oldest);
    assert_part(said, "dockbell queue list --state=dead,held --webhook=wms");
    assert_part(said, "dockbell queue retry ID");
    assert_part(said, "dockbell queue release ID");
    assert_part(said, "set keep_dead and keep_held in [daemon]");
    assert_false(janitor_removal_is_far(w->janitor, "wms"));
    run(w, 66 * HOUR);
    assert_int_equal(count(w, DELIVERY_DEAD), 1);
    ear_open();
    for (int i = 0; i < 4; i++)
        run(w, 3 * HOUR);
    AUTOFREE char *end = ear_heard();
    assert_int_equal(count(w, DELIVERY_DEAD) + count(w, DELIVERY_HELD), 0);
    assert_int_equal(count_parts(end, "was dead and is removed, as keep_dead is over"), 1);
    assert_int_equal(count_parts(end, "was held and is removed, as keep_held is over"), 1);
    assert_int_equal(count_parts(end, "removed within three days any more"), 1);
    assert_true(janitor_removal_is_far(w->janitor, "wms"));
    assert_int_equal(workshop_counter(&w->shop, "removed_dead"), 1);
    assert_int_equal(workshop_counter(&w->shop, "removed_held"), 1);
}

/* Days in which it did not run do not count: an operator had no alarm in them. */
static void a_machine_that_was_off_gives_three_days(void **state)
{
    struct keeping *w = *state;
    begin(w);
    add(w, "n-1", DELIVERY_DEAD);
    ear_open();
    sleep_for(w, 60 * DAY);
    AUTOFREE char *said = ear_heard();
    assert_part(said, "webhook wms: 1 dead delivery is removed soon");
    run(w, 60 * HOUR);
    sleep_for(w, 5 * DAY);
    run(w, 10 * HOUR);
    assert_int_equal(count(w, DELIVERY_DEAD), 1);
    run(w, 3 * HOUR);
    assert_int_equal(count(w, DELIVERY_DEAD), 0);
}

/* What a store has at an upgrade has the whole period before it. */
static void the_periods_run_from_the_upgrade_on(void **state)
{
    struct keeping *w = *state;
    add(w, "n-1", DELIVERY_DEAD);
    add(w, "n-2", DELIVERY_HELD);
    fake_clock_advance(300 * DAY);
    begin(w);
    sleep_for(w, 26 * DAY);
    assert_true(janitor_removal_is_far(w->janitor, "wms"));
    sleep_for(w, 2 * DAY);
    assert_false(janitor_removal_is_far(w->janitor, "wms"));
    run(w, 71 * HOUR);
    assert_int_equal(count(w, DELIVERY_DEAD), 1);
    run(w, 3 * HOUR);
    assert_int_equal(count(w, DELIVERY_DEAD) + count(w, DELIVERY_HELD), 0);
}

static void forever_keeps_them(void **state)
{
    struct keeping *w = *state;
    add(w, "n-1", DELIVERY_DEAD);
    add(w, "n-2", DELIVERY_HELD);
    keeping_start_trusted(w);
    keeping_run(w, USEC_PER_MIN);
    sleep_for(w, 3000 * DAY);
    run(w, 80 * HOUR);
    assert_true(janitor_removal_is_far(w->janitor, "wms"));
    assert_int_equal(count(w, DELIVERY_DEAD) + count(w, DELIVERY_HELD), 2);
    assert_true(keeping_has_body(w, 1));
    assert_true(keeping_has_body(w, 2));
}

/* A period that is shorter than the alarm's three days is as long as these. */
static void a_short_period_has_its_alarm_too(void **state)
{
    struct keeping *w = *state;
    w->options.keep_dead_usec = DAY;
    keeping_start_trusted(w);
    keeping_run(w, 2 * JANITOR_LOOK_USEC);
    run(w, HOUR);
    add(w, "n-1", DELIVERY_DEAD);
    ear_open();
    run(w, HOUR);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "removed soon"), 1);
    run(w, 3 * HOUR); /* until it is announced */
    run(w, 3 * HOUR);
    run(w, 64 * HOUR);
    assert_int_equal(count(w, DELIVERY_DEAD), 1);
    run(w, 8 * HOUR);
    assert_int_equal(count(w, DELIVERY_DEAD), 0);
}

static void the_alarm_ends_with_its_cause(void **state)
{
    struct keeping *w = *state;
    begin(w);
    int64_t dead = add(w, "n-1", DELIVERY_DEAD);
    sleep_for(w, 40 * DAY);
    assert_false(janitor_removal_is_far(w->janitor, "wms"));
    workshop_begin(&w->shop);
    assert_int_equal(store_operate(w->shop.store, OPERATE_DROP, dead, clock_trusted_usec()), 0);
    workshop_commit(&w->shop);
    ear_open();
    keeping_run(w, 2 * JANITOR_LOOK_USEC);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "webhook wms: no dead or held delivery is removed"), 1);
    assert_true(janitor_removal_is_far(w->janitor, "wms"));
}

static void many_more_are_reported_again(void **state)
{
    struct keeping *w = *state;
    begin(w);
    add(w, "n-1", DELIVERY_DEAD);
    run(w, HOUR);
    add(w, "n-2", DELIVERY_DEAD);
    add(w, "n-3", DELIVERY_DEAD);
    ear_open();
    sleep_for(w, 27 * DAY - 30 * USEC_PER_MIN);
    run(w, 2 * HOUR);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "1 dead delivery is removed soon"), 1);
    assert_int_equal(count_parts(said, "3 dead deliveries are removed soon"), 1);
}

/* A webhook that comes back brings deliveries that had no alarm. */
static void a_webhook_that_comes_back_gets_its_alarm_first(void **state)
{
    struct keeping *w = *state;
    int64_t id, ids[2];
    add(w, "n-1", DELIVERY_HELD);
    w->options.keep_held_usec = 30 * DAY;
    w->options.n_webhooks = 0;
    workshop_begin(&w->shop);
    assert_int_equal(store_set_webhooks(w->shop.store, (const char *[]){"erp"}, 1, &id), 0);
    workshop_commit(&w->shop);
    keeping_start_trusted(w);
    keeping_run(w, USEC_PER_MIN);
    sleep_for(w, 40 * DAY);
    run(w, 100 * HOUR);
    assert_int_equal(count(w, DELIVERY_HELD), 1);
    workshop_begin(&w->shop);
    assert_int_equal(store_set_webhooks(w->shop.store, (const char *[]){"erp", "wms"}, 2, ids), 0);
    workshop_commit(&w->shop);
    w->options.n_webhooks = 1;
    ear_open();
    sleep_for(w, 0);
    AUTOFREE char *said = ear_heard();
    assert_part(said, "1 held delivery is removed soon");
    run(w, 70 * HOUR);
    assert_int_equal(count(w, DELIVERY_HELD), 1);
    run(w, 3 * HOUR);
    assert_int_equal(count(w, DELIVERY_HELD), 0);
}

/* Another process's SQL, in the same file. */
static void change(struct keeping *w, const char *sql)
{
    sqlite3 *db = NULL;
    AUTOFREE char *path = memory_format("%s/" STORE_FILE, w->shop.directory);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* The second of two removals fails, so the first one is undone, too. */
static void a_removal_that_is_undone_is_not_reported(void **state)
{
    struct keeping *w = *state;
    begin(w);
    add(w, "n-1", DELIVERY_DEAD);
    add(w, "n-2", DELIVERY_DEAD);
    sleep_for(w, 26 * DAY);
    run(w, 26 * HOUR);
    run(w, 66 * HOUR);
    change(w, "CREATE TRIGGER full BEFORE UPDATE ON delivery WHEN new.id = 2"
              " BEGIN SELECT RAISE(ABORT, 'no room'); END");
    ear_open();
    for (int i = 0; i < 4; i++)
        run(w, 3 * HOUR);
    AUTOFREE char *undone = ear_heard();
    assert_int_equal(count(w, DELIVERY_DEAD), 2);
    assert_int_equal(count_parts(undone, "is removed, as keep_dead is over"), 0);
    change(w, "DROP TRIGGER full");
    ear_open();
    run(w, HOUR);
    AUTOFREE char *done = ear_heard();
    assert_int_equal(count(w, DELIVERY_DEAD), 0);
    assert_int_equal(count_parts(done, "is removed, as keep_dead is over"), 2);
}

/* An alarm whose announcement is not in the store would be raised again after a restart, and its
 * three days would begin again. */
static void an_alarm_that_is_not_announced_is_not_raised(void **state)
{
    struct keeping *w = *state;
    begin(w);
    add(w, "n-1", DELIVERY_DEAD);
    change(w, "CREATE TRIGGER full BEFORE INSERT ON fact WHEN new.key = 'announced'"
              " BEGIN SELECT RAISE(ABORT, 'no room'); END;"
              "CREATE TRIGGER full2 BEFORE UPDATE ON fact WHEN new.key = 'announced'"
              " BEGIN SELECT RAISE(ABORT, 'no room'); END");
    ear_open();
    sleep_for(w, 40 * DAY);
    AUTOFREE char *failed = ear_heard();
    assert_int_equal(count_parts(failed, "removed soon"), 0);
    change(w, "DROP TRIGGER full; DROP TRIGGER full2");
    ear_open();
    keeping_run(w, 2 * JANITOR_LOOK_USEC);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "removed soon"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_KEEPING(the_alarm_comes_three_days_before),
        IN_KEEPING(a_machine_that_was_off_gives_three_days),
        IN_KEEPING(the_periods_run_from_the_upgrade_on),
        IN_KEEPING(forever_keeps_them),
        IN_KEEPING(a_short_period_has_its_alarm_too),
        IN_KEEPING(the_alarm_ends_with_its_cause),
        IN_KEEPING(many_more_are_reported_again),
        IN_KEEPING(a_webhook_that_comes_back_gets_its_alarm_first),
        IN_KEEPING(a_removal_that_is_undone_is_not_reported),
        IN_KEEPING(an_alarm_that_is_not_announced_is_not_raised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
