/* SPDX-License-Identifier: MIT */
/* Keys in memory, merged into their table later: every id stays known, whatever happens between. */
#include "fixture.h"

#include <sqlite3.h>

#include "inside.h"

enum { MERGE_AT = 20, STEP = 3 };

static void set_small(struct store *store)
{
    store->dedupe.merge_at = MERGE_AT;
    store->dedupe.step = STEP;
}

static void reopen(struct shop *s)
{
    shop_reopen(s, 0);
    set_small(s->store);
}

static enum accept_result put(struct shop *s, int number)
{
    char id[32];
    snprintf(id, sizeof(id), "n-%d", number);
    return fixture_store(s->store, &(struct sample){id, "o", .webhook = s->webhook}, NOW);
}

static void all_are_copies(struct shop *s, int first, int count)
{
    for (int i = first; i < first + count; i++)
        assert_int_equal(put(s, i), ACCEPTED_COPY);
}

static int64_t ask(struct shop *s, const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(s->store->db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static int64_t in_table(struct shop *s)
{
    return ask(s, "SELECT count(*) FROM seen");
}

static int64_t merged(struct shop *s)
{
    return ask(s, "SELECT merged FROM head");
}

static void new_ids_are_known_without_the_table(void **state)
{
    struct shop *s = *state;
    set_small(s->store);
    for (int i = 0; i < MERGE_AT - 1; i++)
        assert_int_equal(put(s, i), ACCEPTED_NEW);
    all_are_copies(s, 0, MERGE_AT - 1);
    assert_int_equal(in_table(s), 0);
    assert_int_equal(merged(s), 0);
    reopen(s);
    all_are_copies(s, 0, MERGE_AT - 1);
    assert_int_equal(in_table(s), 0);
}

/* Everything is asked for again after each commit, in a store that was just opened. */
static void a_merge_can_be_cut_short_anywhere(void **state)
{
    struct shop *s = *state;
    int count = 0;
    set_small(s->store);
    for (int commits = 0; merged(s) < 2 * MERGE_AT; commits++) {
        assert_in_range(commits, 0, 10 * MERGE_AT);
        assert_int_equal(put(s, count++), ACCEPTED_NEW);
        if (commits % 5 == 4) {
            int64_t before = merged(s);
            reopen(s);
            all_are_copies(s, 0, count);
            assert_true(merged(s) >= before);
        }
    }
    assert_true(in_table(s) >= merged(s));
}

static void a_merge_goes_in_steps(void **state)
{
    struct shop *s = *state;
    set_small(s->store);
    for (int i = 0; i < MERGE_AT; i++)
        put(s, i);
    for (int i = 1; i <= MERGE_AT / STEP; i++) {
        assert_int_equal(in_table(s), i * STEP);
        assert_int_equal(merged(s), 0);
        put(s, MERGE_AT + i);
    }
    assert_int_equal(in_table(s), MERGE_AT);
    assert_int_equal(merged(s), MERGE_AT);
    all_are_copies(s, 0, MERGE_AT);
    all_are_copies(s, MERGE_AT + 1, MERGE_AT / STEP);
}

/* What a transaction added that came to nothing is new again; what it merged is not lost. */
static void a_rollback_takes_its_ids_along(void **state)
{
    struct shop *s = *state;
    set_small(s->store);
    for (int i = 0; i < MERGE_AT + 1; i++)
        put(s, i);
    fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
    struct accept_target target;
    struct accept accept =
        fixture_accept(&(struct sample){"lost", "o", .webhook = s->webhook}, &target, NOW);
    fixture_ok(s->store, store_accept(s->store, &accept, NOW), "accept", __LINE__);
    assert_int_equal(accept.result, ACCEPTED_NEW);
    store_rollback(s->store);
    all_are_copies(s, 0, MERGE_AT + 1);
    assert_int_equal(
        fixture_store(s->store, &(struct sample){"lost", "o", .webhook = s->webhook}, NOW),
        ACCEPTED_NEW);
    all_are_copies(s, 0, MERGE_AT + 1);
}

/* A step of a merge that came to nothing is taken again. */
static void a_rollback_takes_a_step_back(void **state)
{
    struct shop *s = *state;
    set_small(s->store);
    for (int i = 0; i < MERGE_AT; i++)
        put(s, i);
    fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
    fixture_ok(s->store, dedupe_write(s->store), "write", __LINE__);
    store_rollback(s->store);
    for (int i = MERGE_AT; merged(s) < MERGE_AT; i++)
        put(s, i);
    assert_int_equal(ask(s, "SELECT count(*) FROM seen WHERE notification <= 20"), MERGE_AT);
    all_are_copies(s, 0, MERGE_AT);
}

static void deliver_all(struct shop *s)
{
    struct claim claim;
    while (fixture_claim(s->store, s->webhook, NOW, &claim, 1)) {
        fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW);
        claim_clear(&claim);
    }
}

/* In memory, in the middle of a merge, in the table: shop_close finds keys without notification. */
static void what_is_pruned_is_forgotten_everywhere(void **state)
{
    struct shop *s = *state;
    size_t count;
    set_small(s->store);
    for (int i = 0; i < MERGE_AT - 1; i++)
        put(s, i);
    deliver_all(s);
    assert_int_equal(put(s, MERGE_AT - 1), ACCEPTED_NEW); /* starts the merge */
    IN(s->store, store_prune_history(s->store, NOW + 1, MERGE_AT, &count));
    assert_int_equal(count, MERGE_AT - 1);
    for (int i = 0; i < MERGE_AT - 1; i++)
        assert_int_equal(put(s, i), ACCEPTED_NEW);
    while (merged(s) < MERGE_AT)
        IN(s->store, store_set_fact(s->store, "a", "b", "c", "d"));
    all_are_copies(s, 0, MERGE_AT);
    reopen(s);
    all_are_copies(s, 0, MERGE_AT);
}

/* More than memory holds go into the table at once. */
static void nothing_is_forgotten_when_memory_is_full(void **state)
{
    struct shop *s = *state;
    enum { MORE = RECENT_MAX + 10 };
    s->store->dedupe.merge_at = SIZE_MAX;
    for (int round = 0; round < 3; round++) {
        fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
        for (int i = 0; i < MORE; i++) {
            char id[32];
            struct accept_target target;
            snprintf(id, sizeof(id), "n-%d", i);
            struct accept accept =
                fixture_accept(&(struct sample){id, NULL, .webhook = s->webhook}, &target, NOW);
            fixture_ok(s->store, store_accept(s->store, &accept, NOW), "accept", __LINE__);
            assert_int_equal(accept.result, round ? ACCEPTED_COPY : ACCEPTED_NEW);
        }
        fixture_ok(s->store, store_commit(s->store), "commit", __LINE__);
        assert_int_equal(in_table(s), MORE - RECENT_MAX);
        if (round == 1) {
            reopen(s);
            s->store->dedupe.merge_at = SIZE_MAX;
        }
    }
    s->store->dedupe.merge_at = 1;
    s->store->dedupe.step = MORE;
    IN(s->store, store_set_fact(s->store, "a", "b", "c", "d"));
    assert_int_equal(in_table(s), MORE);
    all_are_copies(s, 0, 10);
}

/* Layout 1 had every key in the table. */
static void a_store_of_the_first_layout_is_taken_over(void **state)
{
    struct shop *s = *state;
    for (int i = 0; i < 5; i++)
        put(s, i);
    shop_reopen(s, 1);
    set_small(s->store);
    assert_int_equal(merged(s), 5);
    all_are_copies(s, 0, 5);
    assert_int_equal(s->store->dedupe.recent.count, 0);
    assert_int_equal(put(s, 6), ACCEPTED_NEW);
    reopen(s);
    all_are_copies(s, 0, 5);
    all_are_copies(s, 6, 1);
}

static void an_id_conflict_is_known_as_well(void **state)
{
    struct shop *s = *state;
    const struct sample one = {"n", "o", .webhook = s->webhook},
                        other = {"n", "o", .webhook = s->webhook, .payload = "{\"b\":2}"};
    assert_int_equal(fixture_store(s->store, &one, NOW), ACCEPTED_NEW);
    assert_int_equal(fixture_store(s->store, &other, NOW), ACCEPTED_REJECTED);
    reopen(s);
    assert_int_equal(fixture_store(s->store, &other, NOW), ACCEPTED_COPY);
    assert_int_equal(fixture_store(s->store, &one, NOW), ACCEPTED_COPY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(new_ids_are_known_without_the_table),
        IN_SHOP(a_merge_can_be_cut_short_anywhere),
        IN_SHOP(a_merge_goes_in_steps),
        IN_SHOP(a_rollback_takes_its_ids_along),
        IN_SHOP(a_rollback_takes_a_step_back),
        IN_SHOP(what_is_pruned_is_forgotten_everywhere),
        IN_SHOP(nothing_is_forgotten_when_memory_is_full),
        IN_SHOP(a_store_of_the_first_layout_is_taken_over),
        IN_SHOP(an_id_conflict_is_known_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
