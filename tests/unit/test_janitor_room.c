/* SPDX-License-Identifier: MIT */
/* When a full backlog or a low disk stops receiving. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "keeping.h"

/* ---- backlog ---- */

static void look_at_backlog(struct keeping *w)
{
    fake_clock_advance(USEC_PER_SEC);
    janitor_committed(w->janitor);
}

static void drop_one(struct keeping *w, int64_t delivery)
{
    workshop_begin(&w->shop);
    assert_int_equal(store_operate(w->shop.store, OPERATE_DROP, delivery, fake_now_usec), 0);
    workshop_commit(&w->shop);
    look_at_backlog(w);
}

static void a_full_backlog_closes_the_room(void **state)
{
    struct keeping *w = *state;
    w->options.max_backlog = 10;
    keeping_start(w);
    ear_open();
    int64_t waiting = 0;
    for (; waiting < 9; waiting++) {
        AUTOFREE char *id = memory_format("n-%d", (int)waiting);
        workshop_accept(&w->shop, id, id);
        look_at_backlog(w);
        assert_false(w->room.closed);
    }
    workshop_accept(&w->shop, "last", "last");
    look_at_backlog(w);
    assert_true(w->room.closed);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "\n"), 2);
    assert_part(said, "8 deliveries");
    assert_part(said, "10 deliveries");
    ear_open();
    /* It opens when a good part is gone, not with each delivery. */
    for (waiting = 10; waiting > 4; waiting--) {
        assert_true(w->room.closed);
        assert_int_equal(w->opened, 0);
        drop_one(w, waiting);
    }
    assert_true(w->room.closed);
    drop_one(w, waiting);
    assert_false(w->room.closed);
    assert_int_equal(w->opened, 1);
    AUTOFREE char *later = ear_heard();
    assert_int_equal(count_parts(later, "\n"), 1);
}

static void looks_at_the_backlog_once_a_second(void **state)
{
    struct keeping *w = *state;
    w->options.max_backlog = 1;
    keeping_start(w);
    look_at_backlog(w);
    workshop_accept(&w->shop, "n-1", "408-1");
    fake_clock_advance(USEC_PER_SEC - 1);
    janitor_committed(w->janitor);
    assert_false(w->room.closed);
    fake_clock_advance(1);
    janitor_committed(w->janitor);
    assert_true(w->room.closed);
}

/* ---- disk ---- */

static void a_disk_that_runs_full_closes_the_room(void **state)
{
    struct keeping *w = *state;
    keeping_start(w);
    keeping_run(w, 2 * USEC_PER_SEC);
    ear_open();
    keeping_free_disk = w->options.min_free_disk - 4096;
    keeping_run(w, JANITOR_LOOK_USEC);
    assert_true(w->room.closed);
    keeping_run(w, 10 * JANITOR_LOOK_USEC);
    /* A little more does not help for long. */
    keeping_free_disk = w->options.min_free_disk + 4096;
    keeping_run(w, JANITOR_LOOK_USEC);
    assert_true(w->room.closed);
    assert_int_equal(w->opened, 0);
    keeping_free_disk = w->options.min_free_disk * 2;
    keeping_run(w, JANITOR_LOOK_USEC);
    assert_false(w->room.closed);
    assert_int_equal(w->opened, 1);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "\n"), 2);
    assert_int_equal(count_parts(said, "min_free_disk"), 1);
}

static void a_low_disk_at_the_start(void **state)
{
    struct keeping *w = *state;
    w->options.min_free_disk = UINT64_MAX / 2;
    keeping_start(w);
    assert_true(w->room.closed);
}

static void a_disk_that_cannot_be_asked_changes_nothing(void **state)
{
    struct keeping *w = *state;
    keeping_disk_result = -1;
    keeping_free_disk = 0;
    keeping_start(w);
    keeping_run(w, USEC_PER_HOUR);
    assert_false(w->room.closed);
}

/* Bodies of what is done make room, whatever the time is; as long as that helps, receiving goes on
 * and the pages go back to the disk. */
static void a_low_disk_sheds_bodies(void **state)
{
    struct keeping *w = *state;
    keeping_add_done(w, 250, 4000);
    uint64_t size, unused;
    keeping_free_disk = 0;
    keeping_start(w);
    assert_true(w->room.closed);
    keeping_run(w, USEC_PER_SEC + JANITOR_STEP_USEC);
    assert_int_equal(keeping_bodies(w, 250), 50);
    assert_false(w->room.closed);
    keeping_run(w, 5 * USEC_PER_MIN);
    assert_int_equal(keeping_bodies(w, 250), 0);
    assert_int_equal(keeping_history(w), 250);
    assert_int_equal(store_size(w->shop.store, &size, &unused), 0);
    assert_int_equal(unused, 0);
    assert_true(w->room.closed);
}

/* Both must be over. */
static void a_full_backlog_and_a_low_disk(void **state)
{
    struct keeping *w = *state;
    w->options.max_backlog = 10;
    keeping_free_disk = 0;
    keeping_start(w);
    for (int i = 0; i < 10; i++)
        workshop_accept(&w->shop, (char[]){'n', (char)('0' + i), '\0'}, NULL);
    keeping_run(w, 2 * USEC_PER_MIN);
    assert_true(w->room.closed);
    keeping_free_disk = 1ULL << 40;
    keeping_run(w, 2 * USEC_PER_MIN);
    assert_true(w->room.closed);
    for (int64_t i = 1; i <= 7; i++)
        drop_one(w, i);
    assert_false(w->room.closed);
    assert_int_equal(w->opened, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_KEEPING(a_full_backlog_closes_the_room),
        IN_KEEPING(looks_at_the_backlog_once_a_second),
        IN_KEEPING(a_disk_that_runs_full_closes_the_room),
        IN_KEEPING(a_low_disk_at_the_start),
        IN_KEEPING(a_disk_that_cannot_be_asked_changes_nothing),
        IN_KEEPING(a_low_disk_sheds_bodies),
        IN_KEEPING(a_full_backlog_and_a_low_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
