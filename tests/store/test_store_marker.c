/* SPDX-License-Identifier: MIT */
/* A store that went back is noticed, and its numbers go on above the highest that were used. */
#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "store/backup.h"

static void reopen(struct shop *shop)
{
    store_free(shop->store);
    shop->store = fixture_open(shop->directory);
}

static struct store_step_back look(struct shop *shop)
{
    struct store_step_back back;
    fixture_ok(shop->store, store_begin(shop->store), "begin", __LINE__);
    store_step_back(shop->store, &back);
    fixture_ok(shop->store, store_commit(shop->store), "commit", __LINE__);
    return back;
}

static void add(struct shop *shop, const char *id)
{
    fixture_store(shop->store, &(struct sample){.id = id, .webhook = shop->webhook}, NOW);
}

static uint64_t claim_one(struct shop *shop)
{
    struct claim claim;
    assert_int_equal(fixture_claim(shop->store, shop->webhook, NOW, &claim, 1), 1);
    uint64_t sequence = claim.sequence;
    fixture_settle(shop->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    claim_clear(&claim);
    return sequence;
}

static void an_ordinary_start_is_none(void **state)
{
    struct shop *shop = *state;
    add(shop, "a");
    claim_one(shop);
    reopen(shop);
    assert_false(look(shop).happened);
}

static void an_older_copy_is_noticed_once(void **state)
{
    struct shop *shop = *state;
    struct error error;
    AUTOFREE char *backup = memory_format("%s/backup", shop->directory);
    AUTOFREE char *database = memory_format("%s/" STORE_FILE, shop->directory);
    add(shop, "a");
    assert_int_equal(store_backup(shop->store, backup, &error), 0);
    add(shop, "b");
    uint64_t sequence = claim_one(shop);
    sequence = claim_one(shop);
    store_free(shop->store);
    assert_int_equal(rename(backup, database), 0);
    shop->store = fixture_open(shop->directory);
    struct store_step_back back = look(shop);
    assert_true(back.happened);
    assert_int_equal(back.notification, 1);
    assert_int_equal(back.notification_before, 2);
    assert_true(claim_one(shop) > sequence);
    add(shop, "c");
    assert_int_equal(fixture_row(shop->store, 3).id, 3);
    reopen(shop);
    assert_false(look(shop).happened);
}

static void a_damaged_file_is_none(void **state)
{
    struct shop *shop = *state;
    AUTOFREE char *numbers = memory_format("%s/numbers", shop->directory);
    add(shop, "a");
    assert_int_equal(truncate(numbers, 5), 0);
    reopen(shop);
    assert_false(look(shop).happened);
    assert_int_equal(unlink(numbers), 0);
    reopen(shop);
    assert_false(look(shop).happened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(an_ordinary_start_is_none),
        IN_SHOP(an_older_copy_is_noticed_once),
        IN_SHOP(a_damaged_file_is_none),
    };
    return cmocka_run_group_tests_name("store marker", tests, NULL, NULL);
}
