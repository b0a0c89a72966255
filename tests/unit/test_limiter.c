/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "spapi/limiter.h"

struct world {
    sd_event *event;
    struct limiter *limiter;
    struct text gone; /* the letters of those who went, in order */
};

struct asker {
    struct world *world;
    char letter;
};

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    assert_int_equal(sd_event_new(&world->event), 0);
    assert_int_equal(limiter_new(&world->limiter, world->event), 0);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    limiter_free(world->limiter);
    sd_event_unref(world->event);
    text_clear(&world->gone);
    free(world);
    return 0;
}

static void on_go(void *userdata)
{
    struct asker *asker = userdata;
    text_append_char(&asker->world->gone, asker->letter);
    free(asker);
}

static void ask(struct world *world, const char *operation, const char *party, char letter)
{
    struct asker *asker = NEW(struct asker);
    *asker = (struct asker){world, letter};
    assert_int_equal(limiter_ask(world->limiter, operation, party, on_go, asker, NULL), 0);
}

/* Who went within that time. */
static void went(struct world *world, uint64_t usec, const char *expected)
{
    text_reset(&world->gone);
    fake_loop_run(world->event, usec);
    assert_string_equal(world->gone.data ? world->gone.data : "", expected);
}

static void five_at_once_then_one_a_second(void **state)
{
    struct world *world = *state;
    for (char letter = 'a'; letter <= 'h'; letter++)
        ask(world, "op", "acme", letter);
    went(world, 1, "abcde");
    went(world, USEC_PER_SEC - USEC_PER_MSEC, "");
    went(world, 2 * USEC_PER_MSEC, "f");
    went(world, USEC_PER_SEC, "g");
    went(world, USEC_PER_SEC, "h");
    /* A rest fills it again, to five and no more. */
    went(world, USEC_PER_HOUR, "");
    for (char letter = 'a'; letter <= 'f'; letter++)
        ask(world, "op", "acme", letter);
    went(world, 1, "abcde");
    went(world, 2 * USEC_PER_SEC, "f");
}

static void operations_and_parties_do_not_wait_for_each_other(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 6; i++)
        ask(world, "op", "acme", 'a');
    ask(world, "op", "other", 'b');
    ask(world, "op", NULL, 'c');
    ask(world, "another", "acme", 'd');
    text_reset(&world->gone);
    fake_loop_run(world->event, 1);
    assert_int_equal(world->gone.size, 8);
    went(world, 2 * USEC_PER_SEC, "a");
}

static void amazons_rate_is_taken(void **state)
{
    struct world *world = *state;
    limiter_learn(world->limiter, "op", NULL, 10);
    limiter_learn(world->limiter, "op", NULL, 0); /* said nothing */
    limiter_learn(world->limiter, "op", NULL, -1);
    limiter_learn(world->limiter, "op", NULL, 1e-9);
    for (int i = 0; i < 8; i++)
        ask(world, "op", NULL, 'a');
    went(world, USEC_PER_SEC / 3 + USEC_PER_MSEC, "aaaaaaaa");
}

static void after_429_nobody_goes_for_a_while(void **state)
{
    struct world *world = *state;
    limiter_throttled(world->limiter, "op", "acme", 10 * USEC_PER_SEC);
    ask(world, "op", "acme", 'a');
    ask(world, "op", "acme", 'c');
    ask(world, "op", "other", 'b');
    went(world, 10 * USEC_PER_SEC - USEC_PER_MSEC, "b");
    went(world, 2 * USEC_PER_MSEC, "a");
    went(world, USEC_PER_SEC, "c");
}

static void who_gives_up_is_not_called(void **state)
{
    struct world *world = *state;
    struct limiter_wait *wait;
    struct asker *asker = NEW(struct asker);
    limiter_throttled(world->limiter, "op", "acme", USEC_PER_SEC);
    assert_int_equal(limiter_ask(world->limiter, "op", "acme", on_go, asker, &wait), 0);
    limiter_cancel(wait);
    limiter_cancel(NULL);
    free(asker);
    went(world, USEC_PER_MIN, "");
}

static void the_line_is_bounded(void **state)
{
    struct world *world = *state;
    struct asker nobody = {world, 'x'};
    limiter_throttled(world->limiter, "op", "acme", USEC_PER_HOUR);
    for (int i = 0; i < LIMITER_WAITS_MAX; i++)
        limiter_ask(world->limiter, "op", "acme", on_go, &nobody, NULL);
    assert_int_equal(limiter_ask(world->limiter, "op", "acme", on_go, &nobody, NULL), -ENOBUFS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(five_at_once_then_one_a_second),
        TEST(operations_and_parties_do_not_wait_for_each_other),
        TEST(amazons_rate_is_taken),
        TEST(after_429_nobody_goes_for_a_while),
        TEST(who_gives_up_is_not_called),
        TEST(the_line_is_bounded),
    };
    return cmocka_run_group_tests_name("limiter", tests, NULL, NULL);
}
