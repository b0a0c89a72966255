/* SPDX-License-Identifier: MIT */
/* The pace against receivers with limits of their own, on a clock that the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "deliver/pace.h"

#define BEGIN   USEC_PER_HOUR
#define REST    USEC_PER_MIN
#define FORWARD USEC_PER_MSEC

static const struct pace_limit no_limit = {.rest_longest_usec = REST};

/* ---- receivers ---- */

enum kind { BUCKET, FIXED, SLIDING };

/* Takes `rate` requests a second: a token bucket, or windows of a second that start at full seconds
 * or at any time. */
struct receiver {
    enum kind kind;
    double rate, room, tokens;
    uint64_t filled_usec, window;
    unsigned in_window;
    uint64_t taken[1024]; /* a ring of times */
    size_t n_taken;
};

static bool bucket_takes(struct receiver *r, uint64_t now)
{
    r->tokens += (double)(now - r->filled_usec) * r->rate / (double)USEC_PER_SEC;
    r->filled_usec = now;
    if (r->tokens > r->room)
        r->tokens = r->room;
    if (r->tokens < 1)
        return false;
    r->tokens -= 1;
    return true;
}

static bool fixed_takes(struct receiver *r, uint64_t now)
{
    if (r->window != now / USEC_PER_SEC)
        r->in_window = 0;
    r->window = now / USEC_PER_SEC;
    return r->in_window < (unsigned)r->rate && ++r->in_window;
}

static bool sliding_takes(struct receiver *r, uint64_t now)
{
    size_t rate = (size_t)r->rate;
    if (r->n_taken >= rate &&
        now - r->taken[(r->n_taken - rate) % ELEMENTS(r->taken)] < USEC_PER_SEC)
        return false;
    r->taken[r->n_taken++ % ELEMENTS(r->taken)] = now;
    return true;
}

static bool takes(struct receiver *r, uint64_t now)
{
    if (r->kind == BUCKET)
        return bucket_takes(r, now);
    return r->kind == FIXED ? fixed_takes(r, now) : sliding_takes(r, now);
}

/* ---- a sender with a backlog: each answer comes after 5 ms, 64 requests are in flight at most
 * ---- */

enum { SLOTS = 64, ANSWER_MSEC = 5 };

struct run {
    struct pace pace;
    struct receiver receiver;
    uint64_t now, asked_usec;
    struct {
        uint64_t began_usec, due_usec;
        bool taken;
    } flying[SLOTS];
    unsigned n_flying, taken, throttled, first;
};

static void answer(struct run *run)
{
    for (unsigned i = 0; i < run->n_flying;) {
        if (run->flying[i].due_usec > run->now) {
            i++;
            continue;
        }
        if (run->flying[i].taken) {
            run->taken++;
            pace_success(&run->pace, run->now);
        } else {
            run->throttled++;
            run->first +=
                pace_throttle(&run->pace, run->flying[i].began_usec, run->asked_usec, run->now);
        }
        run->flying[i] = run->flying[--run->n_flying];
    }
}

static void go(struct run *run, uint64_t for_usec)
{
    for (uint64_t end = run->now + for_usec; run->now < end; run->now += FORWARD) {
        answer(run);
        pace_look(&run->pace, run->now);
        while (run->n_flying < SLOTS && pace_next_usec(&run->pace) <= run->now) {
            pace_take(&run->pace, run->now);
            run->flying[run->n_flying].began_usec = run->now;
            run->flying[run->n_flying].due_usec = run->now + ANSWER_MSEC * USEC_PER_MSEC;
            run->flying[run->n_flying++].taken = takes(&run->receiver, run->now);
        }
    }
}

static struct run start(const struct pace_limit *limit, enum kind kind, double rate, double room)
{
    struct run run = {.receiver = {.kind = kind,
                                   .rate = rate,
                                   .room = room,
                                   .tokens = room,
                                   .filled_usec = BEGIN},
                      .now = BEGIN,
                      .asked_usec = USEC_PER_SEC};
    run.pace.limit = limit;
    return run;
}

/* What share of the receiver's own limit is used in a minute, in percent; of one that allows no
 * burst the second minute, as there is nothing to learn from in the first moment. */
static unsigned share_used(enum kind kind, double rate, double room)
{
    struct run run = start(&no_limit, kind, rate, room);
    if (room <= 1)
        go(&run, USEC_PER_MIN);
    unsigned before = run.taken;
    go(&run, USEC_PER_MIN);
    unsigned percent = (unsigned)((run.taken - before) * 100.0 / (rate * 60 + room));
    print_message("kind %d, %.0f/s, bucket of %.0f: %u %%, %u throttled\n", kind, rate, room,
                  percent, run.throttled);
    assert_int_equal(run.first, 1);
    /* Few of what is sent is in vain. */
    assert_true(run.throttled < SLOTS + 5 + run.taken / 10);
    return percent;
}

static void a_token_bucket_is_used(void **state)
{
    static const double rates[] = {5, 20, 100};
    (void)state;
    for (size_t i = 0; i < ELEMENTS(rates); i++) {
        assert_in_range(share_used(BUCKET, rates[i], 1), 80, 100);
        assert_in_range(share_used(BUCKET, rates[i], rates[i]), 80, 100);
        assert_in_range(share_used(BUCKET, rates[i], 5 * rates[i]), 80, 100);
    }
}

static void windows_are_used(void **state)
{
    (void)state;
    assert_in_range(share_used(FIXED, 20, 0), 75, 100);
    assert_in_range(share_used(FIXED, 100, 0), 75, 100);
    assert_in_range(share_used(SLIDING, 20, 0), 75, 100);
    assert_in_range(share_used(SLIDING, 100, 0), 75, 100);
}

static void a_limit_that_rises_is_found(void **state)
{
    (void)state;
    struct run run = start(&no_limit, BUCKET, 5, 5);
    go(&run, USEC_PER_MIN);
    run.receiver.rate = 500;
    go(&run, USEC_PER_MIN);
    unsigned before = run.taken;
    go(&run, 10 * USEC_PER_SEC);
    assert_true(run.taken - before > 4000);
}

/* ---- rests ---- */

static void it_rests_as_long_as_it_is_asked_to(void **state)
{
    (void)state;
    struct pace p = {.limit = &no_limit};
    assert_true(pace_throttle(&p, BEGIN, 7 * USEC_PER_SEC, BEGIN + 1));
    assert_true(p.resting);
    assert_int_equal(pace_next_usec(&p), BEGIN + 1 + 7 * USEC_PER_SEC);
    /* One that was under way asks for longer, another for less. */
    assert_false(pace_throttle(&p, BEGIN, 9 * USEC_PER_SEC, BEGIN + 2));
    assert_false(pace_throttle(&p, BEGIN, 0, BEGIN + 3));
    assert_int_equal(pace_next_usec(&p), BEGIN + 2 + 9 * USEC_PER_SEC);
    pace_success(&p, BEGIN + 4);
    pace_look(&p, BEGIN + 9 * USEC_PER_SEC);
    assert_true(p.resting);
    pace_look(&p, BEGIN + 2 + 9 * USEC_PER_SEC);
    assert_false(p.resting);
    pace_throttle(&p, BEGIN + 10 * USEC_PER_SEC, USEC_PER_DAY, BEGIN + 11 * USEC_PER_SEC);
    assert_int_equal(pace_next_usec(&p), BEGIN + 11 * USEC_PER_SEC + REST);
    p = (struct pace){.limit = &no_limit};
    pace_throttle(&p, BEGIN, 0, BEGIN);
    assert_int_equal(pace_next_usec(&p), BEGIN + PACE_REST_USEC);
}

static void it_goes_on_at_half_the_rate(void **state)
{
    (void)state;
    struct pace p = {.limit = &no_limit};
    for (int i = 0; i < 40; i++)
        pace_success(&p, BEGIN + (uint64_t)i * USEC_PER_SEC / 50);
    pace_throttle(&p, BEGIN + USEC_PER_SEC - 1, 0, BEGIN + USEC_PER_SEC - 1);
    assert_true(pace_throttled_to(&p) > 15 && pace_throttled_to(&p) < 22);
    assert_true(pace_rate(&p) == pace_throttled_to(&p));
    /* After ten minutes it is forgotten, and the next time is a first time. */
    pace_look(&p, BEGIN + PACE_FORGET_USEC + USEC_PER_SEC);
    assert_true(pace_throttled_to(&p) == 0);
    assert_true(pace_next_usec(&p) <= BEGIN + 2 * USEC_PER_SEC);
    assert_true(pace_throttle(&p, BEGIN + USEC_PER_HOUR, 0, BEGIN + USEC_PER_HOUR));
    assert_true(pace_throttled_to(&p) > 0);
}

static void an_idle_hour_proves_nothing(void **state)
{
    (void)state;
    struct pace p = {.limit = &no_limit};
    pace_throttle(&p, BEGIN, 0, BEGIN);
    double before = pace_throttled_to(&p);
    for (uint64_t i = 1; i < 9; i++)
        pace_take(&p, BEGIN + i * USEC_PER_MIN);
    assert_true(pace_throttled_to(&p) == before);
}

static void who_succeeds_and_what_is_hopeless(void **state)
{
    (void)state;
    struct pace p = {.limit = &no_limit};
    assert_false(pace_others_succeed(&p, BEGIN, BEGIN));
    pace_success(&p, BEGIN);
    assert_true(pace_others_succeed(&p, BEGIN, BEGIN + USEC_PER_SEC));
    assert_false(pace_others_succeed(&p, BEGIN, BEGIN + 2 * USEC_PER_MIN));
    pace_throttle(&p, BEGIN, 0, BEGIN + USEC_PER_SEC);
    assert_true(pace_others_succeed(&p, BEGIN, BEGIN + USEC_PER_SEC + 1));
    assert_false(pace_others_succeed(&p, BEGIN + 3 * USEC_PER_SEC, BEGIN + 4 * USEC_PER_SEC));
    assert_false(pace_is_hopeless(&p, BEGIN + PACE_HOPELESS_USEC));
    pace_throttle(&p, BEGIN + USEC_PER_MIN, 0, BEGIN + USEC_PER_MIN);
    assert_true(pace_is_hopeless(&p, BEGIN + PACE_HOPELESS_USEC + USEC_PER_SEC));
    pace_success(&p, BEGIN + PACE_HOPELESS_USEC);
    assert_false(pace_is_hopeless(&p, BEGIN + PACE_HOPELESS_USEC + USEC_PER_SEC));
}

/* ---- a limit of the configuration ---- */

static unsigned sent_in(const struct pace_limit *limit, uint64_t usec)
{
    unsigned count = 0;
    struct pace p = {.limit = limit};
    for (uint64_t now = BEGIN; now < BEGIN + usec; now += FORWARD)
        for (; pace_next_usec(&p) <= now; count++)
            pace_take(&p, now);
    return count;
}

static void a_limit_holds_from_the_start(void **state)
{
    static const struct pace_limit limits[] = {
        {20, USEC_PER_SEC, 1, REST},  {20, USEC_PER_SEC, 20, REST}, {600, USEC_PER_MIN, 1, REST},
        {500, USEC_PER_SEC, 1, REST}, {7, USEC_PER_MIN, 3, REST},
    };
    (void)state;
    for (size_t i = 0; i < ELEMENTS(limits); i++) {
        const struct pace_limit *l = &limits[i];
        unsigned due = (unsigned)(l->count * USEC_PER_MIN / l->per_usec);
        assert_in_range(sent_in(l, USEC_PER_MIN), due * 98 / 100, due + l->burst + 5);
        assert_in_range(sent_in(l, FORWARD), l->burst, l->burst + 5);
        struct pace p = {.limit = l};
        assert_true(pace_rate(&p) * 60 > due - 1 && pace_rate(&p) * 60 < due + 1);
    }
    struct pace free = {.limit = &no_limit};
    assert_int_equal(pace_within(&free, USEC_PER_SEC), UINT32_MAX);
    struct pace slow = {.limit = &limits[4]};
    assert_int_equal(pace_within(&slow, USEC_PER_SEC), 1);
}

/* The lower one of the two counts. */
static void a_limit_and_throttling(void **state)
{
    static const struct pace_limit limit = {20, USEC_PER_SEC, 1, REST};
    (void)state;
    struct run run = start(&limit, BUCKET, 40, 1);
    go(&run, USEC_PER_MIN);
    assert_int_equal(run.throttled, 0);
    assert_in_range(run.taken, 1176, 1210);
    run = start(&limit, BUCKET, 10, 10);
    go(&run, USEC_PER_MIN);
    assert_in_range(run.taken, 480, 610);
}

static void a_younger_limit_holds_for_what_waits(void **state)
{
    static const struct pace_limit hourly = {1, USEC_PER_HOUR, 1, USEC_PER_HOUR};
    static const struct pace_limit quick = {10, USEC_PER_SEC, 1, USEC_PER_SEC};
    (void)state;
    struct pace old = {.limit = &hourly}, p = {.limit = &quick};
    pace_take(&old, BEGIN);
    pace_throttle(&old, BEGIN, USEC_PER_HOUR, BEGIN);
    pace_take_over(&p, &old, BEGIN);
    assert_ptr_equal(p.limit, &quick);
    assert_true(pace_next_usec(&p) <= BEGIN + USEC_PER_SEC);
    assert_true(pace_throttled_to(&p) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_bucket_is_used),
        cmocka_unit_test(windows_are_used),
        cmocka_unit_test(a_limit_that_rises_is_found),
        cmocka_unit_test(it_rests_as_long_as_it_is_asked_to),
        cmocka_unit_test(it_goes_on_at_half_the_rate),
        cmocka_unit_test(an_idle_hour_proves_nothing),
        cmocka_unit_test(who_succeeds_and_what_is_hopeless),
        cmocka_unit_test(a_limit_holds_from_the_start),
        cmocka_unit_test(a_limit_and_throttling),
        cmocka_unit_test(a_younger_limit_holds_for_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
