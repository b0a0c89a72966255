/* SPDX-License-Identifier: MIT */
/* The clock of delays: what waits does so as long as it was meant to, whatever is done to the wall
 * clock, also from one boot of the machine to the next. */
#include "fixture.h"

#include <sqlite3.h>
#include <stdlib.h>

#define YEAR  (365 * USEC_PER_DAY)
#define DELAY USEC_PER_HOUR

static void boot(const char *id)
{
    assert_int_equal(setenv("DOCKBELL_BOOT_ID", id, 1), 0);
}

/* The wall clock shows this much more than before, and nothing was learned. */
static void set_clock(int64_t usec)
{
    clock_trust(clock_trusted_base_usec() + usec, false);
}

static struct claim claim_now(struct shop *shop)
{
    struct claim claim = {0};
    struct claim_query query = {
        .webhook = shop->webhook, .first = 1, .retries = 1, .bytes = 1 << 20};
    size_t count;
    fixture_ok(shop->store, store_begin(shop->store), "begin", __LINE__);
    query.now_usec = store_delay_usec(shop->store);
    fixture_ok(shop->store, store_claim(shop->store, &query, &claim, &count), "claim", __LINE__);
    fixture_ok(shop->store, store_commit(shop->store), "commit", __LINE__);
    return claim;
}

static bool is_due(struct shop *shop)
{
    struct claim claim = claim_now(shop);
    bool due = claim.delivery != 0;
    if (due)
        IN(shop->store,
           store_unclaim(shop->store, claim.delivery, claim.attempt, clock_trusted_usec()));
    claim_clear(&claim);
    return due;
}

static void accept_one(struct shop *shop)
{
    fixture_store(shop->store,
                  &(struct sample){.id = "n-1", .order = "408-1", .webhook = shop->webhook},
                  clock_trusted_usec());
}

/* It failed, and is tried again in an hour. */
static void fail_one(struct shop *shop)
{
    accept_one(shop);
    struct claim claim = claim_now(shop);
    assert_int_equal(claim.delivery, 1);
    fixture_settle(shop->store, &claim, DELIVERY_READY, store_delay_usec(shop->store) + DELAY,
                   clock_trusted_usec());
    claim_clear(&claim);
}

/* What is left of the wait. */
static uint64_t left_usec(struct shop *shop)
{
    uint64_t next = fixture_row(shop->store, 1).next_usec, now = clock_trusted_usec();
    return next > now ? next - now : 0;
}

static void is_left(struct shop *shop, uint64_t usec)
{
    assert_in_range(left_usec(shop), usec - USEC_PER_MIN, usec + USEC_PER_MIN);
}

static void no_clock_that_is_set_moves_it(void **state)
{
    struct shop *shop = *state;
    static const int64_t steps[] = {-(int64_t)(2 * USEC_PER_HOUR), 10 * YEAR,
                                    -(int64_t)(20 * YEAR)};
    fail_one(shop);
    for (size_t i = 0; i < ELEMENTS(steps); i++) {
        set_clock(steps[i]);
        is_left(shop, DELAY);
        shop_reopen(shop, 0);
        is_left(shop, DELAY);
        assert_false(is_due(shop));
    }
}

static void what_is_accepted_is_due_at_once_in_any_time(void **state)
{
    struct shop *shop = *state;
    set_clock(10 * YEAR);
    accept_one(shop);
    assert_true(is_due(shop));
    set_clock(-(int64_t)(10 * YEAR));
    assert_true(is_due(shop));
    boot("2");
    shop_reopen(shop, 0);
    assert_true(is_due(shop));
}

static void a_later_boot_goes_on_by_what_has_passed(void **state)
{
    struct shop *shop = *state;
    fail_one(shop);
    set_clock(USEC_PER_HOUR / 4);
    boot("2");
    shop_reopen(shop, 0);
    is_left(shop, DELAY - USEC_PER_HOUR / 4);
    set_clock(USEC_PER_HOUR);
    boot("3");
    shop_reopen(shop, 0);
    assert_true(is_due(shop));
}

static void a_later_boot_in_an_earlier_time_waits_no_longer(void **state)
{
    struct shop *shop = *state;
    fail_one(shop);
    set_clock(-(int64_t)(10 * YEAR));
    boot("2");
    shop_reopen(shop, 0);
    is_left(shop, DELAY);
}

/* Where no boot can be told from another. */
static void without_a_boot_id_it_goes_on(void **state)
{
    struct shop *shop = *state;
    boot("");
    shop_reopen(shop, 0);
    fail_one(shop);
    shop_reopen(shop, 0);
    is_left(shop, DELAY);
}

static struct store *open_for_command(const struct shop *shop)
{
    struct store *store = NULL;
    struct error error = {0};
    if (store_open(&store, shop->directory, STORE_COMMAND, &error))
        fail_msg("%s", error.text);
    return store;
}

/* A command may be the first of a boot, in a time that turns out to be wrong. */
static void a_command_before_the_daemon_has_the_same_clock(void **state)
{
    struct shop *shop = *state;
    fail_one(shop);
    boot("2");
    set_clock(10 * YEAR);
    struct store *command = open_for_command(shop);
    IN(command, store_operate(command, OPERATE_RETRY, 1, clock_trusted_usec()));
    store_free(command);
    set_clock(-(int64_t)(10 * YEAR));
    shop_reopen(shop, 0);
    assert_true(is_due(shop));
}

static void trusted_time_is_taken_over_within_a_boot(void **state)
{
    struct shop *shop = *state;
    int64_t learned = clock_trusted_base_usec() - (int64_t)USEC_PER_HOUR;
    clock_trust(learned, true);
    fail_one(shop);
    clock_trust(learned + (int64_t)USEC_PER_HOUR, false);
    store_free(open_for_command(shop));
    assert_true(clock_is_learned());
    assert_int_equal(clock_trusted_base_usec(), learned);
    boot("2");
    clock_trust(learned + (int64_t)USEC_PER_HOUR, false);
    store_free(open_for_command(shop));
    assert_false(clock_is_learned());
}

/* As an earlier version left it, in whose time the clock was ahead. */
static void be_of_an_earlier_version(struct shop *shop, uint64_t ahead_usec)
{
    sqlite3 *db;
    AUTOFREE char *path = memory_format("%s/%s", shop->directory, STORE_FILE);
    AUTOFREE char *sql =
        memory_format("DELETE FROM fact WHERE section = 'store'; UPDATE delivery SET next = %llu",
                      (unsigned long long)(clock_trusted_usec() + ahead_usec));
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void waits_of_an_earlier_version_end_if_nothing_explains_them(void **state)
{
    struct shop *shop = *state;
    accept_one(shop);
    be_of_an_earlier_version(shop, 2 * USEC_PER_HOUR);
    assert_false(is_due(shop));
    shop_reopen(shop, 0);
    IN(shop->store, 0);
    assert_true(is_due(shop));
    struct claim claim = claim_now(shop);
    fixture_settle(shop->store, &claim, DELIVERY_READY, store_delay_usec(shop->store) + DELAY,
                   clock_trusted_usec());
    claim_clear(&claim);
    be_of_an_earlier_version(shop, 2 * USEC_PER_HOUR);
    shop_reopen(shop, 0);
    IN(shop->store, 0);
    assert_false(is_due(shop)); /* a receiver may have asked for it */
    be_of_an_earlier_version(shop, YEAR);
    shop_reopen(shop, 0);
    IN(shop->store, 0);
    assert_true(is_due(shop));
}

static int setup(void **state)
{
    boot("1");
    set_clock(0);
    return shop_open(state);
}

#define DELAYS(test) cmocka_unit_test_setup_teardown(test, setup, shop_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DELAYS(no_clock_that_is_set_moves_it),
        DELAYS(what_is_accepted_is_due_at_once_in_any_time),
        DELAYS(a_later_boot_goes_on_by_what_has_passed),
        DELAYS(a_later_boot_in_an_earlier_time_waits_no_longer),
        DELAYS(without_a_boot_id_it_goes_on),
        DELAYS(a_command_before_the_daemon_has_the_same_clock),
        DELAYS(trusted_time_is_taken_over_within_a_boot),
        DELAYS(waits_of_an_earlier_version_end_if_nothing_explains_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
