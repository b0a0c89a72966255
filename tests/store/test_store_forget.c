/* SPDX-License-Identifier: MIT */
/* After an order is forgotten its bodies, answers and ids are in no file; copies change nothing. */
#include "fixture.h"

#include "base/text.h"
#include "store/backup.h"
#include "store/forget.h"

#define MARK   "306-7777777-0000001"
#define BODY   "ThePostalCode"
#define ANSWER "TheEchoedCode"

static enum accept_result put(struct shop *s, const char *id, const char *order,
                              const char *payload, uint64_t now)
{
    return fixture_store(
        s->store,
        &(struct sample){id, order, .payload = payload, .webhook = s->webhook, .is_state = true},
        now);
}

static void settle(struct shop *s, enum delivery_state to, uint64_t now)
{
    struct claim claim;
    assert_int_equal(fixture_claim(s->store, s->webhook, now, &claim, 1), 1);
    struct settle settle = {
        .delivery = claim.delivery,
        .attempt = claim.attempt,
        .to = to,
        .cause = to == DELIVERY_DEAD ? DEAD_REFUSED : DEAD_NOT,
        .status = 302,
        .answer = memory_string(ANSWER " of " MARK),
        .next_usec = now + 1,
        .started_usec = now,
    };
    settle.answer_size = strlen(settle.answer);
    text_copy(settle.reason, sizeof(settle.reason), "HTTP 302 Found to https://wms/" MARK);
    IN(s->store, store_settle(s->store, &settle, now));
    free(settle.answer);
    claim_clear(&claim);
}

static struct forget forget(struct shop *s, const char *order, uint64_t now)
{
    struct forget f = {.order = order};
    do
        IN(s->store, store_forget(s->store, &f, now));
    while (f.more);
    assert_int_equal(store_wipe_log(s->store), 0);
    return f;
}

static uint64_t count(const struct shop *s, const char *text)
{
    uint64_t n;
    assert_int_equal(store_count_text(s->directory, text, &n), 0);
    return n;
}

static uint64_t duplicates(struct shop *s)
{
    uint64_t value;
    IN(s->store, store_counter(s->store, "duplicates", &value));
    return value;
}

static void nothing_of_it_is_left(void **state)
{
    struct shop *s = *state;
    put(s, "the-first-id", MARK, "{\"a\":\"" BODY "\"}", NOW);
    settle(s, DELIVERY_READY, NOW);
    settle(s, DELIVERY_DELIVERED, NOW + 2);
    put(s, "the-second-id", MARK, "{\"b\":\"" BODY "\"}", NOW + 3);
    settle(s, DELIVERY_DEAD, NOW + 3);
    put(s, "the-third-id", MARK, "{\"c\":\"" BODY "\"}", NOW + 4);
    put(s, "the-fourth-id", MARK, "{\"d\":\"" BODY "\"}", NOW + 5);
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 4, NOW + 6));
    put(s, "another-id", "306-1", "{\"e\":\"other\"}", NOW + 7);
    IN(s->store, store_set_fact(s->store, "alarm", "", "list", "[\"order " MARK "\"]"));
    assert_true(count(s, MARK) > 0 && count(s, BODY) > 0 && count(s, ANSWER) > 0);
    struct forget f = forget(s, MARK, NOW + 8);
    assert_int_equal(f.notifications, 4);
    assert_int_equal(f.deliveries, 4);
    assert_int_equal(f.dropped, 3);
    assert_int_equal(count(s, MARK), 0);
    assert_int_equal(count(s, BODY), 0);
    assert_int_equal(count(s, ANSWER), 0);
    assert_int_equal(count(s, "the-third-id"), 0);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_DROPPED), 3);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_DELIVERED), 1);
    assert_int_equal(fixture_row(s->store, 5).state, DELIVERY_READY);
    assert_null(fixture_row(s->store, 2).last_error);
    assert_true(count(s, "another-id") > 0);
}

static void copies_change_nothing(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", MARK, "{\"a\":1}", NOW);
    settle(s, DELIVERY_DEAD, NOW);
    put(s, "n-2", MARK, "{\"a\":2}", NOW);
    forget(s, MARK, NOW + 1);
    assert_int_equal(put(s, "n-1", MARK, "{\"a\":1}", NOW + 2), ACCEPTED_COPY);
    assert_int_equal(put(s, "n-2", MARK, "{\"a\":2}", NOW + 2), ACCEPTED_COPY);
    assert_int_equal(duplicates(s), 2);
    shop_reopen(s, 0);
    assert_int_equal(put(s, "n-1", MARK, "{\"a\":1}", NOW + 3), ACCEPTED_COPY);
    /* The same id with another payload is still told apart. */
    assert_int_equal(put(s, "n-1", MARK, "{\"a\":9}", NOW + 4), ACCEPTED_REJECTED);
}

static void a_new_notification_is_delivered(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", MARK, NULL, NOW);
    put(s, "n-2", MARK, NULL, NOW + 1);
    forget(s, MARK, NOW + 2);
    assert_int_equal(put(s, "n-3", MARK, NULL, NOW + 3), ACCEPTED_NEW);
    assert_int_equal(put(s, "n-4", MARK, NULL, NOW + 4), ACCEPTED_NEW);
    assert_int_equal(fixture_row(s->store, 4).state, DELIVERY_BEHIND);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW + 5, &claim, 1), 1);
    assert_int_equal(claim.delivery, 3);
    assert_string_equal(claim.order_id, MARK);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW + 6);
    claim_clear(&claim);
    assert_int_equal(fixture_row(s->store, 4).state, DELIVERY_READY);
    /* And it can be forgotten as well. */
    assert_int_equal(forget(s, MARK, NOW + 7).notifications, 2);
    assert_int_equal(count(s, MARK), 0);
}

static void one_in_flight_refuses(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    struct forget f = {.order = MARK};
    put(s, "n-1", MARK, NULL, NOW);
    put(s, "n-2", MARK, NULL, NOW + 1);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW + 2, &claim, 1), 1);
    assert_int_equal(REFUSED(s->store, store_forget(s->store, &f, NOW + 3)), STORE_IN_FLIGHT);
    assert_int_equal(f.in_flight, 1);
    assert_int_equal(fixture_row(s->store, 2).state, DELIVERY_BEHIND);
    claim_clear(&claim);
}

static void a_dry_run_changes_nothing(void **state)
{
    struct shop *s = *state;
    struct forget f = {.order = MARK, .dry_run = true};
    put(s, "n-1", MARK, NULL, NOW);
    IN(s->store, store_forget(s->store, &f, NOW + 1));
    assert_int_equal(f.notifications, 1);
    assert_int_equal(f.dropped, 1);
    assert_false(f.more);
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_READY);
}

static void its_reference_is_known_until_it_is_pruned(void **state)
{
    struct shop *s = *state;
    uint64_t when = 0;
    char reference[STORE_REFERENCE_MAX], again[STORE_REFERENCE_MAX], other[STORE_REFERENCE_MAX];
    put(s, "n-1", MARK, NULL, NOW);
    IN(s->store, store_forgotten_usec(s->store, MARK, &when));
    assert_true(when == 0);
    forget(s, MARK, NOW + 1);
    IN(s->store, store_order_reference(s->store, MARK, reference));
    shop_reopen(s, 0);
    IN(s->store, store_order_reference(s->store, MARK, again));
    IN(s->store, store_order_reference(s->store, "306-2", other));
    assert_string_equal(reference, again);
    assert_string_not_equal(reference, other);
    IN(s->store, store_forgotten_usec(s->store, MARK, &when));
    assert_true(when == NOW + 1);
    IN(s->store, store_prune_forgotten(s->store, NOW + 1));
    IN(s->store, store_forgotten_usec(s->store, MARK, &when));
    assert_true(when == NOW + 1);
    IN(s->store, store_prune_forgotten(s->store, NOW + 2));
    IN(s->store, store_forgotten_usec(s->store, MARK, &when));
    assert_true(when == 0);
}

/* Many orders, of which one after the other goes while history is pruned around them. */
static void among_many_nothing_is_left(void **state)
{
    enum { ORDERS = 3000, FORGOTTEN = 60 };
    struct shop *s = *state;
    size_t pruned;
    uint64_t left = 0;
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"wms"}, 1, &s->webhook));
    assert_int_equal(store_begin(s->store), 0);
    for (int i = 0; i < ORDERS; i++) {
        char id[48], order[32];
        struct accept_target target;
        snprintf(id, sizeof(id), "2f0c1d3e-0000-4000-8000-%012d", i);
        snprintf(order, sizeof(order), "306-1234567-%07d", i);
        /* Some are kept for longer, between those that go. */
        struct sample sample = {id, order, .webhook = s->webhook,
                                .state = i % 7 ? DELIVERY_FILTERED : DELIVERY_HELD};
        uint64_t now = NOW + (uint64_t)i;
        struct accept accept = fixture_accept(&sample, &target, now);
        assert_int_equal(store_accept(s->store, &accept, now), 0);
    }
    assert_int_equal(store_commit(s->store), 0);
    for (uint64_t i = 0; i < FORGOTTEN; i++) {
        char order[32];
        IN(s->store,
           store_prune_history(s->store, NOW + (i + 1) * ORDERS / (2 * FORGOTTEN), 100, &pruned));
        snprintf(order, sizeof(order), "306-1234567-%07d", (int)((i * 7919 + 77) % ORDERS / 7 * 7));
        assert_true(count(s, order) > 0);
        assert_int_equal(forget(s, order, NOW + ORDERS).notifications, 1);
        left += count(s, order);
    }
    assert_int_equal(left, 0);
}

static void a_backup_has_nothing_of_it(void **state)
{
    struct shop *s = *state;
    struct error error = {0};
    AUTOFREE char *folder = memory_format("%s/copy", s->directory);
    AUTOFREE char *command = memory_format("mkdir %s", folder);
    AUTOFREE char *path = memory_format("%s/" STORE_FILE, folder);
    uint64_t n;
    put(s, "n-1", MARK, "{\"a\":\"" BODY "\"}", NOW);
    forget(s, MARK, NOW + 1);
    assert_int_equal(system(command), 0);
    assert_int_equal(store_backup(s->store, path, &error), 0);
    assert_int_equal(store_count_text(folder, MARK, &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(store_count_text(folder, BODY, &n), 0);
    assert_int_equal(n, 0);
}

static void only_distinct_ids_are_looked_for(void **state)
{
    (void)state;
    assert_true(store_order_is_distinct("306-1234567-1234567"));
    assert_false(store_order_is_distinct("1"));
    assert_false(store_order_is_distinct("keep_since"));
    assert_false(store_order_is_distinct("\"since\":\"2023"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(nothing_of_it_is_left),
        IN_SHOP(copies_change_nothing),
        IN_SHOP(a_new_notification_is_delivered),
        IN_SHOP(one_in_flight_refuses),
        IN_SHOP(a_dry_run_changes_nothing),
        IN_SHOP(its_reference_is_known_until_it_is_pruned),
        IN_SHOP(among_many_nothing_is_left),
        IN_SHOP(a_backup_has_nothing_of_it),
        cmocka_unit_test(only_distinct_ids_are_looked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
