/* SPDX-License-Identifier: MIT */
/* Rows of a lane whose states contradict each other, as a damaged disk or another program leaves
 * them: every verb has a result, no verb ends the process, and damage is named. */
#include "fixture.h"

#include <sqlite3.h>

#include "inside.h"
#include "lanes.h"
#include "store/forget.h"
#include "store/retention.h"

enum { FIRST = 1, SECOND, PLACE_MAX = LANE_ASIDE + 1 };

static void forge(struct store *store, int64_t delivery, int state, int place)
{
    AUTOFREE char *sql =
        memory_format("UPDATE delivery SET state = %d, place = %d, attempts = 1 WHERE id = %lld",
                      state, place, (long long)delivery);
    assert_int_equal(sqlite3_exec(store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* ---- the verbs ---- */

static int recover(struct shop *s)
{
    size_t count;
    return store_recover(s->store, NOW, &count);
}

static int claim(struct shop *s)
{
    struct claim claims[4];
    size_t count;
    struct claim_query query = {
        .webhook = s->webhook, .now_usec = NOW + 1, .first = 2, .retries = 2, .bytes = 1 << 20};
    int r = store_claim(s->store, &query, claims, &count);
    while (count)
        claim_clear(&claims[--count]);
    return r;
}

static int probe(struct shop *s)
{
    struct claim one;
    size_t count;
    struct claim_query query = {
        .webhook = s->webhook, .now_usec = NOW + 1, .probe = true, .bytes = 1 << 20};
    int r = store_claim(s->store, &query, &one, &count);
    if (count)
        claim_clear(&one);
    return r;
}

static int settle(struct shop *s, enum delivery_state to)
{
    struct settle outcome = {.delivery = FIRST, .attempt = 1, .to = to, .cause = DEAD_REFUSED};
    return store_settle(s->store, &outcome, NOW);
}

static int deliver(struct shop *s)
{
    return settle(s, DELIVERY_DELIVERED);
}

static int come_back(struct shop *s)
{
    return settle(s, DELIVERY_READY);
}

static int bury(struct shop *s)
{
    return settle(s, DELIVERY_DEAD);
}

static int unclaim(struct shop *s)
{
    return store_unclaim(s->store, FIRST, 1, NOW);
}

static int adopt(struct shop *s)
{
    return store_adopt(s->store, FIRST, s->webhook, WEBHOOK_RAW, NOW);
}

static int forget(struct shop *s)
{
    struct forget forget = {.order = "o-1234567890"};
    return store_forget(s->store, &forget, NOW);
}

static void ignore_expired(const struct expired *expired, void *userdata)
{
    (void)expired;
    (void)userdata;
}

static int expire(struct shop *s)
{
    size_t count;
    return store_expire(s->store, s->webhook, NOW + 10, 1, 10, ignore_expired, NULL, &count);
}

static void ignore_removed(const struct removed *removed, void *userdata)
{
    (void)removed;
    (void)userdata;
}

static int remove_dead(struct shop *s)
{
    size_t count;
    return store_remove_aside(s->store, DELIVERY_DEAD, NOW + 10, 10, ignore_removed, NULL, &count);
}

static int accept_another(struct shop *s)
{
    struct sample sample = {"n-3", "o-1234567890", .event_usec = NOW - 1, .webhook = s->webhook,
                            .is_state = true};
    struct accept_target target;
    struct accept accept = fixture_accept(&sample, &target, NOW);
    return store_accept(s->store, &accept, NOW);
}

static int (*const verbs[])(struct shop *) = {
    recover, claim, probe,  deliver, come_back,   bury,
    unclaim, adopt, forget, expire,  remove_dead, accept_another,
};

/* ---- the tests ---- */

static void put(struct shop *s, const char *id)
{
    fixture_store(s->store,
                  &(struct sample){id, "o-1234567890", .event_usec = NOW, .webhook = s->webhook,
                                   .is_state = true},
                  NOW);
}

/* Run each verb and each operation on the forged rows, and undo it. */
static void run_verbs(struct shop *s, const int forged[4])
{
    size_t n_verbs = ELEMENTS(verbs), all = n_verbs + OPERATE_RESEND + 1;
    for (size_t i = 0; i < all; i++) {
        fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
        forge(s->store, FIRST, forged[0], forged[1]);
        forge(s->store, SECOND, forged[2], forged[3]);
        int r = i < n_verbs ? verbs[i](s)
                            : store_operate(s->store, (enum operation)(i - n_verbs), FIRST, NOW);
        if (r == STORE_CORRUPT)
            assert_non_null(strstr(store_why(s->store), "delivery "));
        store_rollback(s->store);
    }
}

static void try_all_states(struct shop *s)
{
    for (int a = 0; a <= DELIVERY_STATES; a++)
        for (int b = 0; b <= DELIVERY_STATES; b++)
            for (int place = 0; place <= PLACE_MAX; place++)
                run_verbs(s, (int[]){a, place, b, LANE_IN_LINE});
}

static void no_pair_of_states_ends_the_process(void **state)
{
    struct shop *s = *state;
    put(s, "n-1");
    put(s, "n-2");
    try_all_states(s);
}

static void nor_if_only_the_newest_state_is_sent(void **state)
{
    struct shop *s = *state;
    put(s, "n-1");
    put(s, "n-2");
    IN(s->store, store_set_coalesce(s->store, s->webhook, true));
    try_all_states(s);
    IN(s->store, store_set_coalesce(s->store, s->webhook, false));
}

static void the_damaged_delivery_is_named(void **state)
{
    struct shop *s = *state;
    put(s, "n-1");
    put(s, "n-2");
    fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
    forge(s->store, FIRST, DELIVERY_INFLIGHT, 1);
    forge(s->store, SECOND, DELIVERY_READY, 1);
    assert_int_equal(deliver(s), STORE_CORRUPT);
    assert_non_null(strstr(store_why(s->store), "delivery 2 is ready and cannot become ready"));
    store_rollback(s->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(no_pair_of_states_ends_the_process),
        IN_SHOP(nor_if_only_the_newest_state_is_sent),
        IN_SHOP(the_damaged_delivery_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
