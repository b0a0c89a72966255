/* SPDX-License-Identifier: MIT */
#include "keeping.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "fake_clock.h"

/* In place of the C library's: what the disk has. */
uint64_t keeping_free_disk;
int keeping_disk_result;
int statvfs(const char *path, struct statvfs *ret)
{
    (void)path;
    *ret = (struct statvfs){.f_frsize = 4096, .f_bavail = keeping_free_disk / 4096};
    errno = keeping_disk_result ? EIO : 0;
    return keeping_disk_result;
}

static void on_room(void *userdata)
{
    ((struct keeping *)userdata)->opened++;
}

int keeping_setup(void **state)
{
    struct keeping *w = NEW(struct keeping);
    keeping_free_disk = 1ULL << 40;
    keeping_disk_result = 0;
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

int keeping_teardown(void **state)
{
    struct keeping *w = *state;
    janitor_free(w->janitor);
    workshop_close(&w->shop);
    free(w);
    return 0;
}

void keeping_start(struct keeping *w)
{
    assert_int_equal(janitor_new(&w->janitor, &w->options), 0);
}

void keeping_start_trusted(struct keeping *w)
{
    fake_clock_learn(0);
    trusted_time_learn(&w->time);
    keeping_start(w);
}

void keeping_run(struct keeping *w, uint64_t usec)
{
    fake_loop_run(w->shop.event, usec);
}

void keeping_add_done(struct keeping *w, unsigned count, size_t size)
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

bool keeping_has_body(struct keeping *w, int64_t delivery)
{
    bool there = false;
    workshop_begin(&w->shop);
    assert_int_equal(store_show(w->shop.store, delivery, see_body, no_attempt, &there), 0);
    workshop_commit(&w->shop);
    return there;
}

unsigned keeping_bodies(struct keeping *w, unsigned count)
{
    unsigned there = 0;
    for (unsigned i = 1; i <= count; i++)
        there += keeping_has_body(w, i);
    return there;
}

uint64_t keeping_history(struct keeping *w)
{
    return workshop_count(&w->shop, DELIVERY_FILTERED);
}
