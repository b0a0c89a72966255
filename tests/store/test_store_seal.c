/* SPDX-License-Identifier: MIT */
/* Bodies, prefixes, raw bodies and answers are sealed where the store has a key, whatever stands in
 * the store already; and resealing changes all of them, however often it is killed. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "store/keys.h"
#include "store/unknown.h"

#define KEY_A   "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B   "IAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define MARK    "ThePostalCode"
#define PAYLOAD "{\"code\":\"" MARK "\"}"

static struct store_keys keys_of(const char *first, const char *second, bool closes)
{
    struct store_keys keys = {.closes = closes};
    const char *const texts[] = {first, second};
    for (size_t i = 0; i < ELEMENTS(texts); i++)
        if (texts[i])
            keys.keys[keys.count++] = seal_key_parse(texts[i], strlen(texts[i]), STORE_KEY_PURPOSE);
    return keys;
}

/* Closes and opens the store, with these keys. */
static int reopen_with(struct shop *shop, const char *first, const char *second)
{
    struct store_keys keys = keys_of(first, second, first != NULL);
    store_free(shop->store);
    shop->store = fixture_open(shop->directory);
    return store_use_keys(shop->store, &keys);
}

static void use(struct shop *shop, const char *first, const char *second)
{
    fixture_ok(shop->store, reopen_with(shop, first, second), "keys", __LINE__);
}

/* ---- what is in the files ---- */

static size_t count_in(const char *directory, const char *name, const char *text)
{
    AUTOFREE char *path = memory_format("%s/%s", directory, name);
    AUTOTEXT struct text bytes = {0};
    char piece[65536];
    size_t count = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (got = read(fd, piece, sizeof(piece))) > 0)
        text_append(&bytes, piece, (size_t)got);
    if (fd >= 0)
        close(fd);
    const char *end = bytes.data + bytes.size;
    for (const char *at = bytes.data;
         at && (at = memmem(at, (size_t)(end - at), text, strlen(text))); at++)
        count++;
    return count;
}

static size_t marks(const char *directory)
{
    return count_in(directory, "dockbell.db", MARK) + count_in(directory, "dockbell.db-wal", MARK);
}

static int64_t ask(const char *directory, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    AUTOFREE char *path = memory_format("%s/%s", directory, STORE_FILE);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    int code = sqlite3_step(statement);
    int64_t number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

/* ---- orders ---- */

static void store_orders(struct shop *shop, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        char id[32];
        snprintf(id, sizeof(id), "n-%d", i);
        fixture_store(shop->store,
                      &(struct sample){id, id, .payload = PAYLOAD, .webhook = shop->webhook}, NOW);
    }
}

/* One try of every order that is due, whose answer repeats the body. */
static void try_all(struct shop *shop, size_t count)
{
    struct claim *claims = memory_resize(NULL, count, sizeof(*claims));
    assert_int_equal(fixture_claim(shop->store, shop->webhook, NOW, claims, count), count);
    for (size_t i = 0; i < count; i++) {
        char answer[] = "you sent " MARK;
        assert_false(claims[i].damaged);
        assert_non_null(strstr(claims[i].body, PAYLOAD));
        struct settle settle = {.delivery = claims[i].delivery,
                                .attempt = claims[i].attempt,
                                .to = DELIVERY_READY,
                                .next_usec = NOW,
                                .status = 500,
                                .answer = answer,
                                .answer_size = strlen(answer)};
        text_copy(settle.error_class, sizeof(settle.error_class), "http_500");
        IN(shop->store, store_settle(shop->store, &settle, NOW));
        claim_clear(&claims[i]);
    }
    free(claims);
}

struct shown {
    char *body, *raw, *answer;
    const char *locked, *answer_locked;
};

static void keep_details(const struct delivery_details *details, void *userdata)
{
    struct shown *shown = userdata;
    shown->body = memory_string(details->body);
    shown->raw = memory_string(details->raw);
    shown->locked = details->locked;
}

static void keep_attempt(const struct attempt_row *attempt, void *userdata)
{
    struct shown *shown = userdata;
    free(shown->answer);
    shown->answer = attempt->answer ? memory_copy(attempt->answer, attempt->answer_size) : NULL;
    shown->answer_locked = attempt->locked;
}

static void shown_clear(struct shown *shown)
{
    free(shown->body);
    free(shown->raw);
    free(shown->answer);
}

static void see_all(struct store *store, int count)
{
    for (int i = 1; i <= count; i++) {
        CLEANUP(shown_clear) struct shown shown = {0};
        IN(store, store_show(store, i, keep_details, keep_attempt, &shown));
        assert_non_null(shown.body);
        assert_non_null(strstr(shown.body, PAYLOAD));
        assert_string_equal(shown.raw, PAYLOAD);
        assert_non_null(shown.answer);
        assert_string_equal(shown.answer, "you sent " MARK);
    }
}

/* ---- sealing ---- */

static void nothing_is_plain_with_a_key(void **state)
{
    struct shop *shop = *state;
    use(shop, KEY_A, NULL);
    store_orders(shop, 0, 30);
    try_all(shop, 30);
    assert_int_equal(marks(shop->directory), 0);
    see_all(shop->store, 30);
    use(shop, KEY_A, NULL);
    try_all(shop, 30);
    assert_int_equal(marks(shop->directory), 0);
}

/* The bytes that SQS brought, where they are others. */
static void raw_bodies_are_sealed_under_their_own_kind(void **state)
{
    struct shop *shop = *state;
    struct accept_target target;
    CLEANUP(shown_clear) struct shown shown = {0};
    use(shop, KEY_A, NULL);
    struct accept accept = fixture_accept(
        &(struct sample){"n", "o", .payload = PAYLOAD, .webhook = shop->webhook}, &target, NOW);
    accept.raw = "{\"Message\":\"" MARK "\"}";
    accept.raw_size = strlen(accept.raw);
    IN(shop->store, store_accept(shop->store, &accept, NOW));
    assert_int_equal(marks(shop->directory), 0);
    IN(shop->store, store_show(shop->store, 1, keep_details, keep_attempt, &shown));
    assert_string_equal(shown.raw, accept.raw);
    /* The two values of one row changed places. */
    ask(shop->directory, "UPDATE body SET bytes = raw, raw = bytes");
    CLEANUP(shown_clear) struct shown swapped = {0};
    IN(shop->store, store_show(shop->store, 1, keep_details, keep_attempt, &swapped));
    assert_null(swapped.raw);
    assert_string_equal(swapped.locked, "it is sealed and damaged");
}

static void plain_values_and_those_of_another_key_stay_readable(void **state)
{
    struct shop *shop = *state;
    store_orders(shop, 0, 5);
    try_all(shop, 5);
    use(shop, KEY_A, NULL);
    store_orders(shop, 5, 5);
    try_all(shop, 10);
    use(shop, KEY_B, KEY_A);
    store_orders(shop, 10, 5);
    try_all(shop, 15);
    see_all(shop->store, 15);
    assert_int_equal(ask(shop->directory, "SELECT count(DISTINCT ifnull(seal, 0)) FROM body"), 3);
}

static void a_missing_key_is_named(void **state)
{
    struct shop *shop = *state;
    struct store_keys a = keys_of(KEY_A, NULL, true);
    use(shop, KEY_A, NULL);
    store_orders(shop, 0, 1);
    assert_int_equal(reopen_with(shop, NULL, NULL), STORE_KEYLESS);
    assert_non_null(strstr(store_why(shop->store), seal_key_id(a.keys[0])));
    assert_int_equal(reopen_with(shop, KEY_B, NULL), STORE_KEYLESS);
    assert_non_null(strstr(store_why(shop->store), seal_key_id(a.keys[0])));
    assert_int_equal(reopen_with(shop, KEY_B, KEY_A), 0);
    store_keys_clear(&a);
}

static void a_reader_without_the_key_says_so(void **state)
{
    struct shop *shop = *state;
    struct store *reader = NULL;
    struct error error;
    CLEANUP(shown_clear) struct shown shown = {0};
    use(shop, KEY_A, NULL);
    store_orders(shop, 0, 1);
    try_all(shop, 1);
    assert_int_equal(store_open(&reader, shop->directory, STORE_READER, &error), 0);
    IN(reader, store_show(reader, 1, keep_details, keep_attempt, &shown));
    assert_null(shown.body);
    assert_null(shown.answer);
    assert_string_equal(shown.locked, "it is sealed with a key that is not at hand");
    assert_string_equal(shown.answer_locked, shown.locked);
    store_free(reader);
}

/* When the last value of a key is gone, nobody needs it. */
static void a_key_is_needed_as_long_as_its_values_are_there(void **state)
{
    struct shop *shop = *state;
    size_t count;
    struct claim claim;
    use(shop, KEY_A, NULL);
    store_orders(shop, 0, 1);
    assert_int_equal(fixture_claim(shop->store, shop->webhook, NOW, &claim, 1), 1);
    fixture_settle(shop->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    claim_clear(&claim);
    assert_int_equal(reopen_with(shop, KEY_B, NULL), STORE_KEYLESS);
    IN(shop->store, store_prune_bodies(shop->store, UINT64_MAX, 10, &count));
    assert_int_equal(count, 1);
    use(shop, KEY_B, NULL);
    assert_int_equal(ask(shop->directory, "SELECT count(*) FROM seal"), 1);
    use(shop, NULL, NULL);
}

/* ---- damage ---- */

static void count_problem(const char *text, void *userdata)
{
    size_t *count = userdata;
    assert_non_null(strstr(text, "is damaged"));
    ++*count;
}

/* Whatever is wrong with one value: that delivery says so, and the others are claimed. */
static void damage_stays_with_its_delivery(void **state)
{
    static const char *const damages[] = {
        "UPDATE body SET bytes = x'00' WHERE id = 2",
        "UPDATE body SET bytes = zeroblob(length(bytes)) WHERE id = 2",
        "UPDATE body SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE id = 2",
        "UPDATE body SET bytes = bytes || x'00' WHERE id = 2",
        "UPDATE body SET bytes = (SELECT bytes FROM body WHERE id = 3) WHERE id = 2",
        "UPDATE body SET bytes = (SELECT bytes FROM prefix WHERE id = 2) WHERE id = 2",
        "UPDATE prefix SET bytes = (SELECT bytes FROM prefix WHERE id = 1) WHERE id = 2",
        "UPDATE prefix SET bytes = x'' WHERE id = 2",
        "UPDATE body SET seal = 77 WHERE id = 2",
        "UPDATE body SET seal = -1 WHERE id = 2",
    };
    for (size_t i = 0; i < ELEMENTS(damages); i++) {
        struct claim claims[3];
        size_t problems = 0;
        struct shop *shop = NULL;
        assert_int_equal(shop_open((void **)&shop), 0);
        use(shop, KEY_A, NULL);
        store_orders(shop, 0, 3);
        ask(shop->directory, damages[i]);
        assert_int_equal(fixture_claim(shop->store, shop->webhook, NOW, claims, 3), 3);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(claims[k].damaged, claims[k].delivery == 2);
            assert_int_equal(claims[k].body_size == 0, claims[k].damaged);
            claim_clear(&claims[k]);
        }
        IN(shop->store, store_check_seals(shop->store, count_problem, &problems));
        assert_int_equal(problems, strstr(damages[i], "77") ? 0 : 1);
        shop_close((void **)&shop);
    }
    (void)state;
}

/* Held ones of unknown senders are looked at again; one that does not open stays. */
static void a_damaged_one_of_an_unknown_sender_is_passed_over(void **state)
{
    struct shop *shop = *state;
    const struct accept_limits limits = {10, 1 << 20};
    struct unknown_row row;
    use(shop, KEY_A, NULL);
    for (int i = 0; i < 3; i++) {
        char id[8];
        struct accept_target target;
        snprintf(id, sizeof(id), "n-%d", i);
        const struct sample sample = {id, id, .payload = PAYLOAD, .webhook = shop->webhook,
                                      .state = DELIVERY_HELD};
        struct accept accept = fixture_accept(&sample, &target, NOW);
        accept.seller = NULL;
        accept.sender = SENDER_FOREIGN;
        accept.limits = &limits;
        IN(shop->store, store_accept(shop->store, &accept, NOW));
    }
    ask(shop->directory, "UPDATE body SET bytes = x'00' WHERE id = 2");
    IN(shop->store, store_next_unknown(shop->store, 1, &row));
    assert_int_equal(row.notification, 3);
    assert_string_equal(row.body, PAYLOAD);
    unknown_row_clear(&row);
    ask(shop->directory, "DELETE FROM body WHERE id = 2"); /* for the laws */
    ask(shop->directory, "INSERT INTO body SELECT 2, bytes, raw, seal FROM body WHERE id = 3");
}

/* ---- resealing ---- */

static void reseal(struct shop *shop, const char *first, const char *second, bool closes,
                   int expected)
{
    struct store_keys keys = keys_of(first, second, closes);
    struct store_resealed done;
    struct error error = {0};
    store_free(TAKE(shop->store));
    int r = store_reseal(shop->directory, &keys, NULL, NULL, &done, &error);
    if (r != expected)
        fail_msg("reseal gives %d: %s", r, error.text);
    assert_int_equal(keys.count, 0);
    shop->store = fixture_open(shop->directory);
}

static void resealing_goes_every_way(void **state)
{
    struct shop *shop = *state;
    store_orders(shop, 0, 300);
    try_all(shop, 300);
    assert_true(marks(shop->directory) >= 600);
    reseal(shop, KEY_A, NULL, true, 0); /* from plain */
    assert_int_equal(marks(shop->directory), 0);
    use(shop, KEY_A, NULL);
    see_all(shop->store, 300);
    reseal(shop, KEY_B, NULL, true, STORE_KEYLESS);
    use(shop, KEY_A, NULL);              /* nothing has changed */
    reseal(shop, KEY_B, KEY_A, true, 0); /* to another key */
    use(shop, KEY_B, NULL);
    see_all(shop->store, 300);
    reseal(shop, KEY_B, NULL, false, 0); /* to plain */
    use(shop, NULL, NULL);
    see_all(shop->store, 300);
    assert_true(marks(shop->directory) >= 600);
    assert_int_equal(ask(shop->directory, "SELECT count(*) FROM seal"), 0);
}

/* Bodies of many sizes, of which every second is removed: SQLite moves rows, and what it leaves
 * behind must be in no file, be it of the values before or of the removed ones. */
static void resealing_leaves_nothing_of_the_former_bytes(void **state)
{
    enum { ORDERS = 200 };
    struct shop *shop = *state;
    struct claim claims[ORDERS];
    struct stat before, after;
    size_t count;
    AUTOFREE char *path = memory_format("%s/%s", shop->directory, STORE_FILE);
    for (int i = 0; i < ORDERS; i++) {
        char id[16];
        AUTOFREE char *payload =
            memory_format("{\"code\":\"" MARK "\",\"x\":\"%0*d\"}", 20 + i * 997 % 6000, i);
        snprintf(id, sizeof(id), "n-%d", i);
        fixture_store(shop->store,
                      &(struct sample){id, id, .payload = payload, .webhook = shop->webhook}, NOW);
    }
    assert_int_equal(fixture_claim(shop->store, shop->webhook, NOW, claims, ORDERS), ORDERS);
    for (size_t i = 0; i < ORDERS; i++) {
        if (i % 2)
            fixture_settle(shop->store, &claims[i], DELIVERY_DELIVERED, 0, NOW);
        claim_clear(&claims[i]);
    }
    IN(shop->store, store_prune_bodies(shop->store, UINT64_MAX, ORDERS, &count));
    assert_int_equal(count, ORDERS / 2);
    assert_int_equal(stat(path, &before), 0);
    reseal(shop, KEY_A, NULL, true, 0);
    assert_int_equal(marks(shop->directory), 0);
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino != after.st_ino); /* it was built again */
    use(shop, KEY_A, NULL);
    assert_int_equal(ask(shop->directory, "SELECT count(*) FROM body WHERE seal IS NULL"),
                     ORDERS / 2); /* the blank rows */
}

static void resealing_leaves_damage_behind(void **state)
{
    struct shop *shop = *state;
    struct store_resealed done;
    struct error error;
    use(shop, KEY_A, NULL);
    store_orders(shop, 0, 3);
    try_all(shop, 3);
    ask(shop->directory, "UPDATE body SET bytes = x'0011' WHERE id = 2");
    store_free(TAKE(shop->store));
    struct store_keys keys = keys_of(KEY_B, KEY_A, true);
    assert_int_equal(store_reseal(shop->directory, &keys, NULL, NULL, &done, &error), 0);
    assert_int_equal(done.damaged, 1);
    assert_int_equal(done.values, 8);
    shop->store = fixture_open(shop->directory);
    use(shop, KEY_B, NULL); /* the old key is not needed for it */
    assert_int_equal(ask(shop->directory, "SELECT seal FROM body WHERE id = 2"), -1);
}

/* kill -9 again and again, at moments that spread over the whole run. */
static void resealing_goes_on_after_a_kill(void **state)
{
    enum { ORDERS = 600 };
    struct shop *shop = *state;
    unsigned killed = 0, pause_usec = 2000;
    int status = -1;
    store_orders(shop, 0, ORDERS);
    try_all(shop, ORDERS);
    store_free(TAKE(shop->store));
    for (unsigned round = 0; round < 200; round++) {
        pid_t child = fork();
        if (child == 0) {
            struct store_keys keys = keys_of(KEY_A, NULL, true);
            struct store_resealed done;
            struct error error;
            _exit(store_reseal(shop->directory, &keys, NULL, NULL, &done, &error) != 0);
        }
        usleep(pause_usec);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status))
            break;
        killed++;
        /* Whatever is done by now, everything can be read with the key. */
        shop->store = fixture_open(shop->directory);
        use(shop, KEY_A, NULL);
        see_all(shop->store, 3);
        store_free(TAKE(shop->store));
        pause_usec += pause_usec / 2;
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(killed >= 2);
    assert_int_equal(marks(shop->directory), 0);
    shop->store = fixture_open(shop->directory);
    use(shop, KEY_A, NULL);
    see_all(shop->store, ORDERS);
}

/* A store of the layout before gets columns for it, and stays plain until it is resealed. */
static void an_older_store_is_migrated(void **state)
{
    struct shop *shop = *state;
    store_orders(shop, 0, 5);
    try_all(shop, 5);
    shop_reopen(shop, 5);
    use(shop, KEY_A, NULL);
    store_orders(shop, 5, 1);
    see_all(shop->store, 5);
    reseal(shop, KEY_A, NULL, true, 0);
    use(shop, KEY_A, NULL);
    assert_int_equal(marks(shop->directory), 0);
    see_all(shop->store, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(nothing_is_plain_with_a_key),
        IN_SHOP(raw_bodies_are_sealed_under_their_own_kind),
        IN_SHOP(plain_values_and_those_of_another_key_stay_readable),
        IN_SHOP(a_missing_key_is_named),
        IN_SHOP(a_reader_without_the_key_says_so),
        IN_SHOP(a_key_is_needed_as_long_as_its_values_are_there),
        cmocka_unit_test(damage_stays_with_its_delivery),
        IN_SHOP(a_damaged_one_of_an_unknown_sender_is_passed_over),
        IN_SHOP(resealing_goes_every_way),
        IN_SHOP(resealing_leaves_nothing_of_the_former_bytes),
        IN_SHOP(resealing_leaves_damage_behind),
        IN_SHOP(resealing_goes_on_after_a_kill),
        IN_SHOP(an_older_store_is_migrated),
    };
    return cmocka_run_group_tests_name("store_seal", tests, NULL, NULL);
}
