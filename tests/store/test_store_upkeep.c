/* SPDX-License-Identifier: MIT */
/* Pruning and space: what may go, what must stay, and that no id comes twice. */
#include "fixture.h"

#define DAY USEC_PER_DAY

static void put(struct shop *s, const char *id, uint64_t now)
{
    fixture_store(s->store, &(struct sample){id, "o", .webhook = s->webhook, .is_state = true},
                  now);
}

static void finish(struct shop *s, enum delivery_state to, uint64_t now)
{
    struct claim claim;
    assert_int_equal(fixture_claim(s->store, s->webhook, now, &claim, 1), 1);
    fixture_settle(s->store, &claim, to, now, now);
    claim_clear(&claim);
}

static size_t prune(struct shop *s, uint64_t before, size_t limit)
{
    size_t count;
    IN(s->store, store_prune_history(s->store, before, limit, &count));
    return count;
}

static size_t prune_bodies(struct shop *s, uint64_t before, size_t limit)
{
    size_t count;
    IN(s->store, store_prune_bodies(s->store, before, limit, &count));
    return count;
}

static bool has_body, has_raw;

static void keep_bodies(const struct delivery_details *details, void *userdata)
{
    (void)userdata;
    has_body = details->body != NULL;
    has_raw = details->raw != NULL;
}

static void ignore_attempt(const struct attempt_row *row, void *userdata)
{
    (void)row;
    (void)userdata;
}

static bool shows_body(struct shop *s, int64_t delivery)
{
    IN(s->store, store_show(s->store, delivery, keep_bodies, ignore_attempt, NULL));
    assert_int_equal(has_body, has_raw);
    return has_body;
}

static void only_what_is_long_done_goes(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", NOW);
    finish(s, DELIVERY_DELIVERED, NOW + DAY);
    put(s, "n-2", NOW);
    finish(s, DELIVERY_DEAD, NOW + DAY);
    put(s, "n-3", NOW);
    put(s, "n-4", NOW + 1);
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 4, NOW + 2));
    assert_int_equal(prune(s, NOW + DAY, 9), 0);
    assert_int_equal(prune(s, NOW + 9 * DAY, 9), 1);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_DELIVERED), 0);
    assert_int_equal(prune(s, NOW + 99 * DAY, 9), 0);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_DEAD), 1);
    assert_int_equal(fixture_row(s->store, 3).state, DELIVERY_READY);
    /* its id is forgotten: it would be new again */
    assert_int_equal(
        fixture_store(s->store, &(struct sample){"n-1", "o", .webhook = s->webhook}, NOW + 9 * DAY),
        ACCEPTED_NEW);
}

static void no_id_comes_twice(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", NOW);
    put(s, "n-2", NOW);
    finish(s, DELIVERY_DELIVERED, NOW);
    finish(s, DELIVERY_DELIVERED, NOW);
    assert_int_equal(prune(s, NOW + DAY, 9), 2);
    store_free(s->store);
    s->store = fixture_open(s->directory);
    put(s, "n-3", NOW);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, &claim, 1), 1);
    assert_int_equal(claim.delivery, 3);
    assert_int_equal(claim.sequence, 3);
    claim_clear(&claim);
}

static void bodies_of_dead_letters_stay(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", NOW);
    finish(s, DELIVERY_DELIVERED, NOW + 1);
    put(s, "n-2", NOW);
    finish(s, DELIVERY_DEAD, NOW + 1);
    put(s, "n-3", NOW + 5);
    assert_true(shows_body(s, 1));
    assert_int_equal(prune_bodies(s, NOW + 1, 9), 0);
    assert_int_equal(prune_bodies(s, NOW + 2, 9), 1);
    assert_false(shows_body(s, 1));
    assert_int_equal(prune_bodies(s, UINT64_MAX, 9), 0);
    assert_true(shows_body(s, 2));
    assert_true(shows_body(s, 3));
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_DELIVERED);
    assert_int_equal(prune(s, NOW + DAY, 9), 1);
}

/* Dead letters that stay for ever are passed over, one call after the other. */
static void pruning_goes_on_where_it_stopped(void **state)
{
    enum { DEAD = 12000, DONE = 30 };
    struct shop *s = *state;
    size_t all = 0, bodies = 0;
    assert_int_equal(store_begin(s->store), 0);
    for (int i = 0; i < DEAD + DONE; i++) {
        char id[16];
        struct accept_target target;
        snprintf(id, sizeof(id), "n-%d", i);
        struct sample sample = {id, NULL, .state = i < DEAD ? DELIVERY_DEAD : DELIVERY_FILTERED,
                                .cause = i < DEAD ? DEAD_UNREADABLE : DEAD_NOT};
        struct accept accept = fixture_accept(&sample, &target, NOW);
        assert_int_equal(store_accept(s->store, &accept, NOW), 0);
    }
    assert_int_equal(store_commit(s->store), 0);
    for (int i = 0; i < 4; i++)
        bodies += prune_bodies(s, NOW + DAY, 20);
    for (int i = 0; i < 4; i++)
        all += prune(s, NOW + DAY, 20);
    assert_int_equal(bodies, DONE);
    assert_int_equal(all, DONE);
    assert_int_equal(fixture_count(s->store, 0, DELIVERY_FILTERED), 0);
    assert_int_equal(fixture_count(s->store, 0, DELIVERY_DEAD), DEAD);
}

static void the_share_is_estimated(void **state)
{
    struct shop *s = *state;
    uint64_t all, due;
    IN(s->store, store_prune_share(s->store, NOW, &all, &due));
    assert_int_equal(all + due, 0);
    for (int i = 0; i < 20; i++) {
        char id[16];
        snprintf(id, sizeof(id), "n-%d", i);
        put(s, id, NOW + (uint64_t)i * DAY);
    }
    IN(s->store, store_prune_share(s->store, NOW + 5 * DAY, &all, &due));
    assert_int_equal(all, 20);
    assert_int_equal(due, 5);
    IN(s->store, store_prune_share(s->store, NOW, &all, &due));
    assert_int_equal(due, 0);
    IN(s->store, store_prune_share(s->store, NOW + 90 * DAY, &all, &due));
    assert_int_equal(due, 20);
}

static void room_is_given_back(void **state)
{
    struct shop *s = *state;
    uint64_t before, free_before, after, free_after;
    AUTOFREE char *payload = memory_new(300001);
    memset(payload, 'x', 300000);
    fixture_store(s->store,
                  &(struct sample){"n-1", NULL, .payload = payload, .webhook = s->webhook}, NOW);
    finish(s, DELIVERY_DELIVERED, NOW);
    assert_int_equal(prune(s, NOW + DAY, 9), 1);
    for (bool more = true; more;)
        IN(s->store, store_reclaim(s->store, 9, &more));
    IN(s->store, store_size(s->store, &before, &free_before));
    assert_true(free_before > 290000);
    IN(s->store, store_vacuum(s->store, 10000));
    IN(s->store, store_size(s->store, &after, &free_after));
    assert_int_equal(free_after, 0);
    assert_true(after < before + 100000); /* the log may have grown meanwhile */
}

static void blocks_of_stale_events_go_with_their_rows(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", NOW);
    finish(s, DELIVERY_DELIVERED, NOW);
    assert_int_equal(prune(s, NOW + DAY, 9), 1);
    put(s, "n-2", NOW - 5);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, &claim, 1), 1);
    assert_false(claim.stale); /* what was newer is no more */
    claim_clear(&claim);
}

static void the_newest_receipt_is_told(void **state)
{
    struct shop *s = *state;
    uint64_t newest;
    IN(s->store, store_newest_usec(s->store, &newest));
    assert_int_equal(newest, 0);
    put(s, "n-1", NOW);
    put(s, "n-2", NOW + 5);
    IN(s->store, store_newest_usec(s->store, &newest));
    assert_int_equal(newest, NOW + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(only_what_is_long_done_goes),
        IN_SHOP(no_id_comes_twice),
        IN_SHOP(bodies_of_dead_letters_stay),
        IN_SHOP(pruning_goes_on_where_it_stopped),
        IN_SHOP(the_share_is_estimated),
        IN_SHOP(room_is_given_back),
        IN_SHOP(blocks_of_stale_events_go_with_their_rows),
        IN_SHOP(the_newest_receipt_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
