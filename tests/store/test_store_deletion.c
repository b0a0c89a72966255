/* SPDX-License-Identifier: MIT */
/* After bodies are removed their bytes, and those of kept answers, are in no file of the store. */
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "fixture.h"
#include "store/backup.h"

/* Enough for many pages of each table, in lanes that mix their rows. */
#define ORDERS   300
#define ATTEMPTS 6
#define BODY     "ThePostalCode"
#define ANSWER   "TheEchoedCode"

/* How often a text stands in a file; 0 if there is none. */
static size_t count_in(const char *path, const char *text)
{
    size_t count = 0, size = 0, room = 0;
    char *bytes = NULL;
    ssize_t got = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && got > 0) {
        if (size == room)
            bytes = memory_resize(bytes, room = room ? 2 * room : 65536, 1);
        got = read(fd, bytes + size, room - size);
        size += got > 0 ? (size_t)got : 0;
    }
    for (char *at = bytes; at && (at = memmem(at, size - (size_t)(at - bytes), text, strlen(text)));
         at++)
        count++;
    if (fd >= 0)
        close(fd);
    free(bytes);
    return count;
}

static size_t count_in_store(const struct shop *shop, const char *text)
{
    static const char *const names[] = {"dockbell.db", "dockbell.db-wal", "dockbell.db-journal"};
    size_t count = 0;
    for (size_t i = 0; i < ELEMENTS(names); i++) {
        AUTOFREE char *path = memory_format("%s/%s", shop->directory, names[i]);
        count += count_in(path, text);
    }
    return count;
}

static void accept_orders(struct shop *shop)
{
    for (int i = 0; i < ORDERS; i++) {
        char id[32], payload[8192];
        /* Some bodies need pages of their own. */
        int size = snprintf(payload, sizeof(payload), "{\"code\":\"%s%d\",\"x\":\"%0*d\"}", BODY, i,
                            i % 7 ? 300 : 6000, i);
        assert_in_range(size, 300, sizeof(payload) - 1);
        snprintf(id, sizeof(id), "n-%d", i);
        fixture_store(shop->store,
                      &(struct sample){id, id, .payload = payload, .webhook = shop->webhook}, NOW);
    }
}

static void settle(struct shop *shop, const struct claim *claim, enum delivery_state to,
                   uint64_t now_usec)
{
    char answer[600];
    int size = snprintf(answer, sizeof(answer), "%s%lld %0*d", ANSWER, (long long)claim->delivery,
                        (int)(claim->delivery * 37 % 500), 0);
    struct settle settle = {
        .delivery = claim->delivery,
        .attempt = claim->attempt,
        .to = to,
        .status = 500,
        .answer = answer,
        .answer_size = (size_t)size,
        .next_usec = now_usec + 1,
    };
    IN(shop->store, store_settle(shop->store, &settle, now_usec));
}

/* Tries an order that is in flight several times; the answer of each try is kept. */
static void deliver(struct shop *shop, struct claim *claim)
{
    for (unsigned attempt = 1; attempt < ATTEMPTS; attempt++) {
        settle(shop, claim, DELIVERY_READY, NOW);
        claim_clear(claim);
        assert_int_equal(fixture_claim(shop->store, shop->webhook, NOW + 1, claim, 1), 1);
    }
    settle(shop, claim, DELIVERY_DELIVERED, NOW);
    claim_clear(claim);
}

/* Accepts all orders; they are in flight, in an order that mixes old and new ones. */
static void begin(struct shop *shop, struct claim claims[ORDERS])
{
    uint64_t seed = 7;
    accept_orders(shop);
    assert_int_equal(fixture_claim(shop->store, shop->webhook, NOW, claims, ORDERS), ORDERS);
    for (size_t i = ORDERS - 1; i > 0; i--) {
        size_t other = fixture_random(&seed) % (i + 1);
        struct claim claim = claims[i];
        claims[i] = claims[other];
        claims[other] = claim;
    }
}

static void deliver_all(struct shop *shop)
{
    struct claim claims[ORDERS];
    begin(shop, claims);
    for (size_t i = 0; i < ORDERS; i++)
        deliver(shop, &claims[i]);
}

/* Removes the bodies of all orders that are done. */
static size_t prune_bodies(struct shop *shop)
{
    size_t count = 0, all = 0;
    do {
        IN(shop->store, store_prune_bodies(shop->store, UINT64_MAX, 7, &count));
        all += count;
        for (bool more = true; more;)
            IN(shop->store, store_reclaim(shop->store, 20, &more));
    } while (count);
    assert_int_equal(store_wipe_log(shop->store), 0);
    return all;
}

static int64_t rows_of(const struct shop *shop, const char *table)
{
    AUTOFREE char *path = memory_format("%s/%s", shop->directory, STORE_FILE);
    AUTOFREE char *sql = memory_format("SELECT count(*) FROM %s", table);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t rows = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return rows;
}

static void expect_nothing(const struct shop *shop)
{
    static const char *const tables[] = {"body", "prefix", "answer", "blank"};
    assert_int_equal(count_in_store(shop, BODY), 0);
    assert_int_equal(count_in_store(shop, ANSWER), 0);
    for (size_t i = 0; i < ELEMENTS(tables); i++)
        assert_int_equal(rows_of(shop, tables[i]), 0);
}

static void removed_bodies_and_answers_leave_nothing(void **state)
{
    struct shop *shop = *state;
    deliver_all(shop);
    assert_true(count_in_store(shop, BODY) >= ORDERS);
    assert_true(count_in_store(shop, ANSWER) >= ORDERS);
    assert_int_equal(prune_bodies(shop), ORDERS);
    expect_nothing(shop);
}

/* The rows that go stand between others that go later, so SQLite would move the latter. */
static void removal_beside_others_leaves_nothing(void **state)
{
    struct shop *shop = *state;
    struct claim claims[ORDERS];
    begin(shop, claims);
    for (size_t i = 0; i < ORDERS; i++) {
        deliver(shop, &claims[i]);
        if (i % 10 != 9)
            continue;
        assert_int_equal(prune_bodies(shop), 10);
        assert_int_equal(count_in_store(shop, BODY), ORDERS - 1 - i);
        assert_int_equal(count_in_store(shop, ANSWER), 0);
    }
    expect_nothing(shop);
}

static void pruned_history_leaves_nothing(void **state)
{
    struct shop *shop = *state;
    size_t count = 0;
    deliver_all(shop);
    IN(shop->store, store_prune_history(shop->store, UINT64_MAX, ORDERS, &count));
    assert_int_equal(count, ORDERS);
    prune_bodies(shop);
    expect_nothing(shop);
}

/* Answers of attempts that are too many, and one that an upgrade has moved. */
static void answers_of_a_former_layout_leave_nothing(void **state)
{
    struct shop *shop = *state;
    deliver_all(shop);
    shop_reopen(shop, 3);
    assert_int_equal(rows_of(shop, "answer"), ORDERS * ATTEMPTS);
    assert_int_equal(prune_bodies(shop), ORDERS);
    assert_int_equal(rows_of(shop, "answer"), 0);
}

static void a_backup_has_no_removed_bodies(void **state)
{
    struct shop *shop = *state;
    struct error error = {0};
    AUTOFREE char *path = memory_format("%s/copy.db", shop->directory);
    deliver_all(shop);
    prune_bodies(shop);
    assert_int_equal(store_backup(shop->store, path, &error), 0);
    assert_int_equal(count_in(path, BODY), 0);
    assert_int_equal(count_in(path, ANSWER), 0);
    fixture_check(path, NULL);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(removed_bodies_and_answers_leave_nothing),
        IN_SHOP(removal_beside_others_leaves_nothing),
        IN_SHOP(pruned_history_leaves_nothing),
        IN_SHOP(answers_of_a_former_layout_leave_nothing),
        IN_SHOP(a_backup_has_no_removed_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
