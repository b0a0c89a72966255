/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "relay/janitor.h"
#include "workshop.h"

/* In place of the C library's: what the disk has. */
static uint64_t free_disk;
static int disk_result;
int statvfs(const char *path, struct statvfs *ret)
{
    (void)path;
    *ret = (struct statvfs){.f_frsize = 4096, .f_bavail = free_disk / 4096};
    return disk_result;
}

struct world {
    struct workshop shop;
    struct trusted_time time;
    struct receive_room room;
    struct janitor_webhook webhook;
    struct janitor_options options;
    struct janitor *janitor;
    unsigned opened;
};

static void on_room(void *userdata)
{
    ((struct world *)userdata)->opened++;
}

static int setup(void **state)
{
    struct world *w = NEW(struct world);
    free_disk = 1ULL << 40;
    disk_result = 0;
    workshop_open(&w->shop, &(struct turn_hooks){0});
    trusted_time_init(&w->time, 0);
    receive_room_init(&w->room);
    w->webhook = (struct janitor_webhook){w->shop.webhook, "wms", 7 * USEC_PER_DAY};
    w->options = (struct janitor_options){
        .event = w->shop.event,
        .store = w->shop.store,
        .room = &w->room,
        .time = &w->time,
        .state_directory = w->shop.directory,
        .webhooks = &w->webhook,
        .n_webhooks = 1,
        .keep_delivered_usec = 30 * USEC_PER_DAY,
        .keep_bodies_usec = 7 * USEC_PER_DAY,
        .max_history = 4ULL << 30,
        .max_backlog = 1000000,
        .min_free_disk = 256 << 20,
        .room_changed = on_room,
        .userdata = w,
    };
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    janitor_free(w->janitor);
    workshop_close(&w->shop);
    free(w);
    return 0;
}

static void start(struct world *w)
{
    assert_int_equal(janitor_new(&w->janitor, &w->options), 0);
}

/* The same, with a clock that Amazon has confirmed. */
static void start_trusted(struct world *w)
{
    trusted_time_learn(&w->time, 0);
    start(w);
}

static void run(struct world *w, uint64_t usec)
{
    fake_loop_run(w->shop.event, usec);
}

/* Lets days pass before the janitor begins, as no test needs it to look once a minute. */
static void age(struct world *w, uint64_t usec)
{
    (void)w;
    fake_clock_advance(usec);
}

/* Notifications that are done (nobody wanted them), in one transaction, so many bytes each. */
static void add_done(struct world *w, unsigned count, size_t size)
{
    static unsigned made;
    AUTOFREE char *bytes = memory_new(size + 1);
    memset(bytes, '7', size);
    workshop_begin(&w->shop);
    for (unsigned i = 0; i < count; i++) {
        AUTOFREE char *id = memory_format("done-%u", made++);
        struct accept_target target = {.state = DELIVERY_FILTERED, .reason = "nobody"};
        struct accept accept = {
            .id = id,
            .queue = "orders-eu",
            .message_id = "m",
            .type = "X",
            .event_usec = clock_now_usec(),
            .received_usec = clock_now_usec(),
            .prefix = "{\"data\":{\"notification\":",
            .prefix_size = 24,
            .bytes = bytes,
            .bytes_size = size,
            .targets = &target,
            .n_targets = 1,
        };
        assert_int_equal(store_accept(w->shop.store, &accept, clock_now_usec()), 0);
    }
    workshop_commit(&w->shop);
}

static void no_attempt(const struct attempt_row *attempt, void *userdata)
{
    (void)attempt;
    (void)userdata;
}

static void see_body(const struct delivery_details *details, void *userdata)
{
    *(bool *)userdata = details->body != NULL;
}

static bool has_body(struct world *w, int64_t delivery)
{
    bool there = false;
    workshop_begin(&w->shop);
    assert_int_equal(store_show(w->shop.store, delivery, see_body, no_attempt, &there), 0);
    workshop_commit(&w->shop);
    return there;
}

static unsigned bodies(struct world *w, unsigned count)
{
    unsigned there = 0;
    for (unsigned i = 1; i <= count; i++)
        there += has_body(w, i);
    return there;
}

static uint64_t history(struct world *w)
{
    return workshop_count(&w->shop, DELIVERY_FILTERED);
}

/* ---- expiry ---- */

static void expires_what_waited_too_long(void **state)
{
    struct world *w = *state;
    int64_t old = workshop_accept(&w->shop, "n-1", "408-1");
    age(w, 8 * USEC_PER_DAY);
    int64_t young = workshop_accept(&w->shop, "n-2", "408-2");
    start_trusted(w);
    ear_open();
    run(w, USEC_PER_SEC);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_DEAD);
    assert_int_equal(workshop_row(&w->shop, old).cause, DEAD_EXPIRED);
    assert_int_equal(workshop_row(&w->shop, young).state, DELIVERY_READY);
    assert_int_equal(count_parts(said, "could not be delivered within max_age"), 1);
    assert_part(said, "webhook wms: notification n-1, order 408-1");
}

static void nothing_expires_without_a_trusted_time(void **state)
{
    struct world *w = *state;
    int64_t old = workshop_accept(&w->shop, "n-1", "408-1");
    add_done(w, 1, 100);
    age(w, 100 * USEC_PER_DAY);
    start(w);
    run(w, 5 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_READY);
    assert_int_equal(history(w), 1);
    assert_true(has_body(w, 2));
    /* The clock was wrong: by Amazon's it is a minute later. */
    trusted_time_learn(&w->time, -(int64_t)(100 * USEC_PER_DAY) + (int64_t)USEC_PER_MIN);
    run(w, 5 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_READY);
    trusted_time_learn(&w->time, 0);
    run(w, 5 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_DEAD);
    assert_int_equal(history(w), 0);
    /* A clock that jumps is not trusted until it is confirmed. */
    int64_t next = workshop_accept(&w->shop, "n-3", "408-3");
    fake_now_usec += 365 * USEC_PER_DAY;
    run(w, 5 * USEC_PER_MIN);
    assert_int_equal(workshop_row(&w->shop, next).state, DELIVERY_READY);
}

static void warns_an_hour_before(void **state)
{
    struct world *w = *state;
    workshop_accept(&w->shop, "n-1", "408-1");
    workshop_accept(&w->shop, "n-2", "408-2");
    age(w, 7 * USEC_PER_DAY - 70 * USEC_PER_MIN);
    start_trusted(w);
    ear_open();
    run(w, 5 * USEC_PER_MIN);
    AUTOFREE char *early = ear_heard();
    assert_string_equal(early, "");
    ear_open();
    run(w, 30 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "webhook wms: 2 deliveries expire within the hour"), 1);
    assert_int_equal(count_parts(said, "\n"), 1);
    ear_open();
    run(w, 60 * USEC_PER_MIN);
    free(ear_heard());
    assert_int_equal(workshop_count(&w->shop, DELIVERY_DEAD), 2);
    /* The next ones are worth a warning of their own. */
    workshop_accept(&w->shop, "n-3", "408-3");
    age(w, 7 * USEC_PER_DAY - 30 * USEC_PER_MIN);
    ear_open();
    run(w, 5 * USEC_PER_MIN);
    AUTOFREE char *again = ear_heard();
    assert_part(again, "1 delivery expires within the hour");
}

static void every_webhook_has_its_own_age(void **state)
{
    struct world *w = *state;
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
    age(w, 8 * USEC_PER_DAY);
    start_trusted(w);
    run(w, 2 * USEC_PER_SEC);
    assert_int_equal(workshop_row(&w->shop, 1).state, DELIVERY_READY);
    assert_int_equal(workshop_row(&w->shop, 2).state, DELIVERY_DEAD);
    janitor_free(TAKE(w->janitor));
}

/* ---- pruning ---- */

static void bodies_go_before_history(void **state)
{
    struct world *w = *state;
    add_done(w, 3, 100);
    workshop_accept(&w->shop, "n-1", "408-1"); /* waits, and keeps its body */
    w->webhook.max_age_usec = 365 * USEC_PER_DAY;
    age(w, 8 * USEC_PER_DAY);
    start_trusted(w);
    run(w, 2 * USEC_PER_SEC);
    assert_int_equal(bodies(w, 3), 0);
    assert_true(has_body(w, 4));
    assert_int_equal(history(w), 3);
    age(w, 23 * USEC_PER_DAY);
    run(w, 2 * USEC_PER_MIN);
    assert_int_equal(history(w), 0);
    assert_int_equal(workshop_count(&w->shop, DELIVERY_READY), 1);
}

/* A hundred at a time, and the loop has its turn in between. */
static void goes_in_small_steps(void **state)
{
    struct world *w = *state;
    add_done(w, 250, 10);
    age(w, 40 * USEC_PER_DAY);
    start_trusted(w);
    run(w, USEC_PER_SEC);
    assert_int_equal(bodies(w, 250), 150);
    run(w, JANITOR_STEP_USEC);
    assert_int_equal(bodies(w, 250), 50);
    assert_int_equal(history(w), 250);
    run(w, JANITOR_STEP_USEC); /* the last bodies, and the first of the history */
    assert_int_equal(bodies(w, 0), 0);
    assert_int_equal(history(w), 150);
    run(w, 2 * JANITOR_STEP_USEC);
    assert_int_equal(history(w), 0);
    assert_true(fake_loop_next() <= JANITOR_LOOK_USEC);
    assert_true(fake_loop_next() > JANITOR_STEP_USEC);
}

/* A clock gone wrong must not empty the history at once. */
static void a_tenth_in_an_hour(void **state)
{
    struct world *w = *state;
    add_done(w, 12000, 10);
    age(w, 40 * USEC_PER_DAY);
    start_trusted(w);
    ear_open();
    run(w, 30 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_in_range(history(w), 10800, 10900);
    assert_int_equal(count_parts(said, "more than a tenth of the history"), 1);
    run(w, 40 * USEC_PER_MIN);
    assert_in_range(history(w), 9600, 9900);
}

static void a_thousand_in_an_hour_may_always_go(void **state)
{
    struct world *w = *state;
    add_done(w, JANITOR_HOURLY_MIN, 10);
    age(w, 40 * USEC_PER_DAY);
    add_done(w, 50, 10);
    start_trusted(w);
    ear_open();
    run(w, 30 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(history(w), 50);
    assert_no_part(said, "tenth"); /* nothing was kept back */
}

static void let_die(struct world *w, int64_t delivery)
{
    struct claim claim;
    size_t count;
    struct claim_query query = {
        .webhook = w->shop.webhook, .now_usec = fake_now_usec, .first = 1, .bytes = 100000};
    workshop_begin(&w->shop);
    assert_int_equal(store_claim(w->shop.store, &query, &claim, &count), 0);
    assert_int_equal(claim.delivery, delivery);
    struct settle settle = {.delivery = claim.delivery,
                            .attempt = claim.attempt,
                            .to = DELIVERY_DEAD,
                            .cause = DEAD_REFUSED};
    assert_int_equal(store_settle(w->shop.store, &settle, fake_now_usec), 0);
    workshop_commit(&w->shop);
    claim_clear(&claim);
}

static void dead_letters_stay_for_ever(void **state)
{
    struct world *w = *state;
    let_die(w, workshop_accept(&w->shop, "n-1", "408-1"));
    age(w, 3650 * USEC_PER_DAY);
    start_trusted(w);
    run(w, USEC_PER_HOUR);
    assert_int_equal(workshop_count(&w->shop, DELIVERY_DEAD), 1);
    assert_true(has_body(w, 1));
}

static void dead_letters_go_when_that_was_decided(void **state)
{
    struct world *w = *state;
    let_die(w, workshop_accept(&w->shop, "n-1", "408-1"));
    w->options.keep_dead_usec = 90 * USEC_PER_DAY;
    age(w, 89 * USEC_PER_DAY);
    start_trusted(w);
    run(w, 2 * USEC_PER_MIN);
    assert_int_equal(workshop_count(&w->shop, DELIVERY_DEAD), 1);
    age(w, 2 * USEC_PER_DAY);
    run(w, 2 * USEC_PER_MIN);
    assert_int_equal(workshop_count(&w->shop, DELIVERY_DEAD), 0);
}

/* Space: bodies first, whatever their age, then history; but never what SQS may still repeat. */
static void shrinks_to_max_history(void **state)
{
    struct world *w = *state;
    add_done(w, 20, 1000);
    age(w, 15 * USEC_PER_DAY);
    add_done(w, 20, 1000);
    w->options.max_history = 1;
    start_trusted(w);
    run(w, 2 * USEC_PER_MIN);
    assert_int_equal(history(w), 20);
    for (int i = 21; i <= 40; i++)
        assert_false(has_body(w, i));
}

static void leaves_what_fits(void **state)
{
    struct world *w = *state;
    add_done(w, 20, 1000);
    age(w, 6 * USEC_PER_DAY);
    start_trusted(w);
    run(w, 2 * USEC_PER_MIN);
    assert_int_equal(bodies(w, 20), 20);
}

/* Somebody else is writing: later. */
static void a_busy_store_is_tried_again_soon(void **state)
{
    struct world *w = *state;
    struct store *other = NULL;
    struct error error;
    int64_t old = workshop_accept(&w->shop, "n-1", "408-1");
    age(w, 8 * USEC_PER_DAY);
    assert_int_equal(store_open(&other, w->shop.directory, STORE_COMMAND, &error), 0);
    assert_int_equal(store_begin(other), 0);
    start_trusted(w);
    run(w, USEC_PER_SEC);
    store_rollback(other);
    store_free(other);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_READY);
    run(w, JANITOR_STEP_USEC);
    assert_int_equal(workshop_row(&w->shop, old).state, DELIVERY_DEAD);
}

/* ---- backlog ---- */

static void look_at_backlog(struct world *w)
{
    fake_clock_advance(USEC_PER_SEC);
    janitor_backlog(w->janitor);
}

static void drop_one(struct world *w, int64_t delivery)
{
    workshop_begin(&w->shop);
    assert_int_equal(store_operate(w->shop.store, OPERATE_DROP, delivery, fake_now_usec), 0);
    workshop_commit(&w->shop);
    look_at_backlog(w);
}

static void a_full_backlog_closes_the_room(void **state)
{
    struct world *w = *state;
    w->options.max_backlog = 10;
    start(w);
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
    struct world *w = *state;
    w->options.max_backlog = 1;
    start(w);
    look_at_backlog(w);
    workshop_accept(&w->shop, "n-1", "408-1");
    fake_clock_advance(USEC_PER_SEC - 1);
    janitor_backlog(w->janitor);
    assert_false(w->room.closed);
    fake_clock_advance(1);
    janitor_backlog(w->janitor);
    assert_true(w->room.closed);
}

/* ---- disk ---- */

static void a_disk_that_runs_full_closes_the_room(void **state)
{
    struct world *w = *state;
    start(w);
    run(w, 2 * USEC_PER_SEC);
    ear_open();
    free_disk = w->options.min_free_disk - 4096;
    run(w, JANITOR_LOOK_USEC);
    assert_true(w->room.closed);
    run(w, 10 * JANITOR_LOOK_USEC);
    /* A little more does not help for long. */
    free_disk = w->options.min_free_disk + 4096;
    run(w, JANITOR_LOOK_USEC);
    assert_true(w->room.closed);
    assert_int_equal(w->opened, 0);
    free_disk = w->options.min_free_disk * 2;
    run(w, JANITOR_LOOK_USEC);
    assert_false(w->room.closed);
    assert_int_equal(w->opened, 1);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "\n"), 2);
    assert_int_equal(count_parts(said, "min_free_disk"), 1);
}

static void a_low_disk_at_the_start(void **state)
{
    struct world *w = *state;
    w->options.min_free_disk = UINT64_MAX / 2;
    start(w);
    assert_true(w->room.closed);
}

static void a_disk_that_cannot_be_asked_changes_nothing(void **state)
{
    struct world *w = *state;
    disk_result = -1;
    free_disk = 0;
    start(w);
    run(w, USEC_PER_HOUR);
    assert_false(w->room.closed);
}

/* Bodies of what is done make room, whatever the time is; as long as that helps, receiving goes on
 * and the pages go back to the disk. */
static void a_low_disk_sheds_bodies(void **state)
{
    struct world *w = *state;
    add_done(w, 250, 4000);
    uint64_t size, unused;
    free_disk = 0;
    start(w);
    assert_true(w->room.closed);
    run(w, USEC_PER_SEC + JANITOR_STEP_USEC);
    assert_int_equal(bodies(w, 250), 50);
    assert_false(w->room.closed);
    run(w, 5 * USEC_PER_MIN);
    assert_int_equal(bodies(w, 250), 0);
    assert_int_equal(history(w), 250);
    assert_int_equal(store_size(w->shop.store, &size, &unused), 0);
    assert_int_equal(unused, 0);
    assert_true(w->room.closed);
}

/* Both must be over. */
static void a_full_backlog_and_a_low_disk(void **state)
{
    struct world *w = *state;
    w->options.max_backlog = 10;
    free_disk = 0;
    start(w);
    for (int i = 0; i < 10; i++)
        workshop_accept(&w->shop, (char[]){'n', (char)('0' + i), '\0'}, NULL);
    run(w, 2 * USEC_PER_MIN);
    assert_true(w->room.closed);
    free_disk = 1ULL << 40;
    run(w, 2 * USEC_PER_MIN);
    assert_true(w->room.closed);
    for (int64_t i = 1; i <= 7; i++)
        drop_one(w, i);
    assert_false(w->room.closed);
    assert_int_equal(w->opened, 1);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(expires_what_waited_too_long),
        IN_WORLD(nothing_expires_without_a_trusted_time),
        IN_WORLD(warns_an_hour_before),
        IN_WORLD(every_webhook_has_its_own_age),
        IN_WORLD(bodies_go_before_history),
        IN_WORLD(goes_in_small_steps),
        IN_WORLD(a_tenth_in_an_hour),
        IN_WORLD(a_thousand_in_an_hour_may_always_go),
        IN_WORLD(dead_letters_stay_for_ever),
        IN_WORLD(dead_letters_go_when_that_was_decided),
        IN_WORLD(shrinks_to_max_history),
        IN_WORLD(leaves_what_fits),
        IN_WORLD(a_busy_store_is_tried_again_soon),
        IN_WORLD(a_full_backlog_closes_the_room),
        IN_WORLD(looks_at_the_backlog_once_a_second),
        IN_WORLD(a_disk_that_runs_full_closes_the_room),
        IN_WORLD(a_low_disk_at_the_start),
        IN_WORLD(a_disk_that_cannot_be_asked_changes_nothing),
        IN_WORLD(a_low_disk_sheds_bodies),
        IN_WORLD(a_full_backlog_and_a_low_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
