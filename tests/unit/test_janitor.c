/* SPDX-License-Identifier: MIT */
/* What expires and what is pruned; room is in test_janitor_room.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "keeping.h"

/* ---- expiry ---- */

static void expires_what_waited_too_long(void **state)
{
    struct keeping *w = *state;
    int64_t old = workshop_accept(&w->shop, "n-1", "408-1");
    fake_clock_advance(8 * USEC_PER_DAY);
    int64_t young = workshop_accept(&w->shop, "n-2", "408-2");
    keeping_start_trusted(w);
    ear_open();
    keeping_run(w, USEC_PER_SEC);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_DEAD);
    assert_int_equal(workshop_row(&w->shop, old).cause, DEAD_EXPIRED);
    assert_int_equal(workshop_row(&w->shop, young).state, DELIVERY_READY);
    assert_int_equal(count_parts(said, "could not be delivered within max_age"), 1);
    assert_part(said, "webhook wms: notification n-1, order 408-1");
}

static void nothing_expires_without_a_trusted_time(void **state)
{
    struct keeping *w = *state;
    int64_t old = workshop_accept(&w->shop, "n-1", "408-1");
    keeping_add_done(w, 1, 100);
    fake_clock_advance(100 * USEC_PER_DAY);
    keeping_start(w);
    keeping_run(w, 5 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_READY);
    assert_int_equal(keeping_history(w), 1);
    assert_true(keeping_has_body(w, 2));
    /* The clock was wrong: by Amazon's it is a minute later. */
    fake_clock_learn(-(int64_t)(100 * USEC_PER_DAY) + (int64_t)USEC_PER_MIN);
    trusted_time_learn(&w->time);
    keeping_run(w, 5 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_READY);
    fake_clock_learn(0);
    trusted_time_learn(&w->time);
    keeping_run(w, 5 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_DEAD);
    assert_int_equal(keeping_history(w), 0);
    /* A clock that jumps is not trusted until it is confirmed. */
    int64_t next = workshop_accept(&w->shop, "n-3", "408-3");
    fake_now_usec += 365 * USEC_PER_DAY;
    keeping_run(w, 5 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, next).state, DELIVERY_READY);
}

/* Neither is a clock that is behind what is stored. */
static void nothing_expires_before_the_newest_row(void **state)
{
    struct keeping *w = *state;
    int64_t old = workshop_accept(&w->shop, "n-1", "408-1");
    fake_clock_advance(8 * USEC_PER_DAY);
    trusted_time_init(&w->time, fake_now_usec + USEC_PER_HOUR);
    keeping_start_trusted(w);
    keeping_run(w, 50 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_READY);
    keeping_run(w, 15 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_DEAD);
}

static void warns_an_hour_before(void **state)
{
    struct keeping *w = *state;
    workshop_accept(&w->shop, "n-1", "408-1");
    workshop_accept(&w->shop, "n-2", "408-2");
    fake_clock_advance(7 * USEC_PER_DAY - 70 * USEC_PER_MIN);
    keeping_start_trusted(w);
    ear_open();
    keeping_run(w, 5 * USEC_PER_MIN);
    AUTOFREE char *early = ear_heard();
    assert_string_equal(early, "");
    ear_open();
    keeping_run(w, 30 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "webhook wms: 2 deliveries expire within the hour"), 1);
    assert_int_equal(count_parts(said, "\n"), 1);
    ear_open();
    keeping_run(w, 60 * USEC_PER_MIN);
    free(ear_heard());
    assert_int_equal(workshop_count(&w->shop, DELIVERY_DEAD), 2);
    /* The next ones are worth a warning of their own. */
    workshop_accept(&w->shop, "n-3", "408-3");
    fake_clock_advance(7 * USEC_PER_DAY - 30 * USEC_PER_MIN);
    ear_open();
    keeping_run(w, 5 * USEC_PER_MIN);
    AUTOFREE char *again = ear_heard();
    assert_part(again, "1 delivery expires within the hour");
}

static void every_webhook_has_its_own_age(void **state)
{
    struct keeping *w = *state;
    struct janitor_webhook webhooks[2] = {w->webhook, w->webhook};
    int64_t ids[2];
    workshop_begin(&w->shop);
    assert_int_equal(store_set_webhooks(w->shop.store, (const char *[]){"wms", "erp"}, 2, ids), 0);
    workshop_commit(&w->shop);
    webhooks[0].max_age_usec = 90 * USEC_PER_DAY;
    webhooks[1].id = ids[1];
    webhooks[1].name = "erp";
    w->options.webhooks = webhooks;
    w->options.n_webhooks = 2;
    workshop_accept(&w->shop, "n-1", "408-1");
    w->shop.webhook = ids[1];
    workshop_accept(&w->shop, "n-2", "408-1");
    fake_clock_advance(8 * USEC_PER_DAY);
    keeping_start_trusted(w);
    keeping_run(w, 2 * USEC_PER_SEC);
    assert_int_equal(workshop_row(&w->shop, 1).state, DELIVERY_READY);
    assert_int_equal(workshop_row(&w->shop, 2).state, DELIVERY_DEAD);
    janitor_free(TAKE(w->janitor));
}

/* ---- pruning ---- */

static void bodies_go_before_history(void **state)
{
    struct keeping *w = *state;
    keeping_add_done(w, 3, 100);
    workshop_accept(&w->shop, "n-1", "408-1"); /* waits, and keeps its body */
    w->webhook.max_age_usec = 365 * USEC_PER_DAY;
    fake_clock_advance(8 * USEC_PER_DAY);
    keeping_start_trusted(w);
    keeping_run(w, 2 * USEC_PER_SEC);
    assert_int_equal(keeping_bodies(w, 3), 0);
    assert_true(keeping_has_body(w, 4));
    assert_int_equal(keeping_history(w), 3);
    fake_clock_advance(23 * USEC_PER_DAY);
    keeping_run(w, 2 * USEC_PER_MIN);
    assert_int_equal(keeping_history(w), 0);
    assert_int_equal(workshop_count(&w->shop, DELIVERY_READY), 1);
}

/* A hundred at a time, and the loop has its turn in between. */
static void goes_in_small_steps(void **state)
{
    struct keeping *w = *state;
    keeping_add_done(w, 250, 10);
    fake_clock_advance(40 * USEC_PER_DAY);
    keeping_start_trusted(w);
    keeping_run(w, USEC_PER_SEC);
    assert_int_equal(keeping_bodies(w, 250), 150);
    keeping_run(w, JANITOR_STEP_USEC);
    assert_int_equal(keeping_bodies(w, 250), 50);
    assert_int_equal(keeping_history(w), 250);
    keeping_run(w, JANITOR_STEP_USEC); /* the last bodies, and the first of the history */
    assert_int_equal(keeping_bodies(w, 0), 0);
    assert_int_equal(keeping_history(w), 150);
    keeping_run(w, 2 * JANITOR_STEP_USEC);
    assert_int_equal(keeping_history(w), 0);
    assert_true(fake_loop_next() <= JANITOR_LOOK_USEC);
    assert_true(fake_loop_next() > JANITOR_STEP_USEC);
}

/* A clock gone wrong must not empty the history at once. */
static void a_tenth_in_an_hour(void **state)
{
    struct keeping *w = *state;
    keeping_add_done(w, 12000, 10);
    fake_clock_advance(40 * USEC_PER_DAY);
    keeping_start_trusted(w);
    ear_open();
    keeping_run(w, 30 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_in_range(keeping_history(w), 10800, 10900);
    assert_int_equal(count_parts(said, "more than a tenth of the history"), 1);
    keeping_run(w, 40 * USEC_PER_MIN);
    assert_in_range(keeping_history(w), 9600, 9900);
}

static void a_thousand_in_an_hour_may_always_go(void **state)
{
    struct keeping *w = *state;
    keeping_add_done(w, JANITOR_HOURLY_MIN, 10);
    fake_clock_advance(40 * USEC_PER_DAY);
    keeping_add_done(w, 50, 10);
    keeping_start_trusted(w);
    ear_open();
    keeping_run(w, 30 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(keeping_history(w), 50);
    assert_no_part(said, "tenth"); /* nothing was kept back */
}

/* Space: bodies first, whatever their age, then history; but never what SQS may still repeat. */
static void shrinks_to_max_history(void **state)
{
    struct keeping *w = *state;
    keeping_add_done(w, 20, 1000);
    fake_clock_advance(15 * USEC_PER_DAY);
    keeping_add_done(w, 20, 1000);
    w->options.max_history = 1;
    keeping_start_trusted(w);
    keeping_run(w, 2 * USEC_PER_MIN);
    assert_int_equal(keeping_history(w), 20);
    for (int i = 21; i <= 40; i++)
        assert_false(keeping_has_body(w, i));
}

static void removes_no_more_bodies_than_needed(void **state)
{
    struct keeping *w = *state;
    for (int i = 0; i < 30; i++)
        keeping_add_done(w, 100, 20000);
    w->options.max_history = 45ULL << 20;
    keeping_start_trusted(w);
    keeping_run(w, 2 * USEC_PER_MIN);
    assert_in_range(keeping_bodies(w, 3000), 500, 2500);
}

static void leaves_what_fits(void **state)
{
    struct keeping *w = *state;
    keeping_add_done(w, 20, 1000);
    fake_clock_advance(6 * USEC_PER_DAY);
    keeping_start_trusted(w);
    keeping_run(w, 2 * USEC_PER_MIN);
    assert_int_equal(keeping_bodies(w, 20), 20);
}

/* Somebody else is writing: later. */
static void a_busy_store_is_tried_again_soon(void **state)
{
    struct keeping *w = *state;
    struct store *other = NULL;
    struct error error;
    int64_t old = workshop_accept(&w->shop, "n-1", "408-1");
    fake_clock_advance(8 * USEC_PER_DAY);
    assert_int_equal(store_open(&other, w->shop.directory, STORE_COMMAND, &error), 0);
    assert_int_equal(store_begin(other), 0);
    keeping_start_trusted(w);
    keeping_run(w, USEC_PER_SEC);
    store_rollback(other);
    store_free(other);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_READY);
    keeping_run(w, JANITOR_STEP_USEC);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_DEAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_KEEPING(expires_what_waited_too_long),
        IN_KEEPING(nothing_expires_without_a_trusted_time),
        IN_KEEPING(nothing_expires_before_the_newest_row),
        IN_KEEPING(warns_an_hour_before),
        IN_KEEPING(every_webhook_has_its_own_age),
        IN_KEEPING(bodies_go_before_history),
        IN_KEEPING(goes_in_small_steps),
        IN_KEEPING(a_tenth_in_an_hour),
        IN_KEEPING(a_thousand_in_an_hour_may_always_go),
        IN_KEEPING(shrinks_to_max_history),
        IN_KEEPING(removes_no_more_bodies_than_needed),
        IN_KEEPING(leaves_what_fits),
        IN_KEEPING(a_busy_store_is_tried_again_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
