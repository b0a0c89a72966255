/* SPDX-License-Identifier: MIT */
/* The daemon's memory of subscriptions, on a real store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/daemon/daemon.h"
#include "base/clock.h"
#include "base/memory.h"
#include "ear.h"
#include "fake_clock.h"
#include "workshop.h"

struct world {
    struct workshop shop;
    struct config config;
    struct config_seller seller;
    struct parts parts;
    struct daemon daemon;
};

static char acme[] = "acme", orders[] = "orders";

static int setup(void **state)
{
    struct world *w = NEW(struct world);
    workshop_open(&w->shop, &(struct turn_hooks){0});
    w->seller = (struct config_seller){.name = acme, .queue = orders};
    w->config = (struct config){.sellers = &w->seller, .n_sellers = 1};
    w->daemon = (struct daemon){
        .store = w->shop.store, .turn = w->shop.turn, .config = &w->config, .parts = &w->parts};
    trusted_time_init(&w->daemon.time, 0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    daemon_free_subscriptions(&w->daemon);
    workshop_close(&w->shop);
    free(w);
    return 0;
}

/* Registration found or changed a subscription, and the turn has committed that. */
static void take(struct world *w, const char *id, enum subscription_event event)
{
    daemon_take_subscription("acme", "FEED_PROCESSING_FINISHED", id, event, &w->daemon);
    workshop_begin(&w->shop);
    assert_int_equal(daemon_write_subscriptions(&w->daemon, w->shop.store), 0);
    workshop_commit(&w->shop);
    daemon_drop_subscription_changes(&w->daemon);
}

static void pass(struct world *w, uint64_t usec)
{
    fake_clock_advance(usec);
    fake_clock_learn(0);
    trusted_time_look(&w->daemon.time);
    trusted_time_learn(&w->daemon.time);
}

static void forgets_a_replaced_subscription_after_15_days(void **state)
{
    struct world *w = *state;
    pass(w, 0);
    take(w, "old", SUBSCRIPTION_CREATED);
    take(w, "new", SUBSCRIPTION_CREATED);
    assert_string_equal(daemon_seller_of("old", &w->daemon), "acme");
    pass(w, 14 * USEC_PER_DAY);
    take(w, "new", SUBSCRIPTION_FOUND);
    assert_string_equal(daemon_seller_of("old", &w->daemon), "acme");
    pass(w, 2 * USEC_PER_DAY);
    take(w, "new", SUBSCRIPTION_FOUND);
    assert_null(daemon_seller_of("old", &w->daemon));
    assert_string_equal(daemon_seller_of("new", &w->daemon), "acme");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forgets_a_replaced_subscription_after_15_days, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
