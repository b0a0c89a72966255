/* SPDX-License-Identifier: MIT */
/* What status, queue list and queue show are told. */
#include "fixture.h"

#define BIT(state) (1U << (state))

static void put(struct shop *s, const char *id, int64_t webhook, enum delivery_state state)
{
    fixture_store(s->store,
                  &(struct sample){id, id, .webhook = webhook, .state = state,
                                   .cause = state == DELIVERY_DEAD ? DEAD_UNREADABLE : DEAD_NOT},
                  NOW);
}

struct seen {
    int64_t ids[64];
    size_t count;
};

static void keep_id(const struct list_row *row, void *userdata)
{
    struct seen *seen = userdata;
    seen->ids[seen->count++] = row->id;
}

static struct seen list(struct shop *s, uint32_t states, const char *webhook, int64_t after,
                        size_t limit)
{
    struct seen seen = {.count = 0};
    struct list_query query = {states, webhook, after, limit};
    IN(s->store, store_list(s->store, &query, keep_id, &seen));
    return seen;
}

#define assert_ids(seen, ...)                                                                      \
    do {                                                                                           \
        const int64_t expected_[] = {__VA_ARGS__};                                                 \
        assert_int_equal((seen).count, sizeof(expected_) / sizeof(expected_[0]));                  \
        assert_memory_equal((seen).ids, expected_, sizeof(expected_));                             \
    } while (0)

/* ids: 1 ready wms, 2 held wms, 3 dead nobody, 4 ready erp, 5 filtered nobody, 6 inflight wms */
static void fill(struct shop *s, int64_t ids[2])
{
    struct claim claim;
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"wms", "erp"}, 2, ids));
    put(s, "n-1", ids[0], 0);
    put(s, "n-2", ids[0], DELIVERY_HELD);
    put(s, "n-3", 0, DELIVERY_DEAD);
    put(s, "n-4", ids[1], 0);
    put(s, "n-5", 0, DELIVERY_FILTERED);
    put(s, "n-6", ids[0], 0);
    assert_int_equal(fixture_claim(s->store, ids[0], NOW, &claim, 1), 1);
    IN(s->store, store_unclaim(s->store, claim.delivery, 1, NOW));
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 1, NOW));
    claim_clear(&claim);
    fixture_claim(s->store, ids[0], NOW, &claim, 1);
    IN(s->store, store_operate(s->store, OPERATE_RELEASE, 1, NOW));
    claim_clear(&claim);
}

static void a_list_is_picked_by_state_and_webhook(void **state)
{
    struct shop *s = *state;
    int64_t ids[2];
    fill(s, ids);
    const uint32_t undone = BIT(DELIVERY_READY) | BIT(DELIVERY_INFLIGHT) | BIT(DELIVERY_BEHIND) |
                            BIT(DELIVERY_HELD) | BIT(DELIVERY_DEAD) | BIT(DELIVERY_ORPHANED);
    assert_ids(list(s, undone, NULL, 0, 50), 1, 2, 3, 4, 6);
    assert_ids(list(s, undone, NULL, 0, 2), 1, 2);
    assert_ids(list(s, undone, NULL, 2, 2), 3, 4);
    assert_ids(list(s, undone, NULL, 4, 2), 6);
    assert_ids(list(s, undone, "wms", 0, 50), 1, 2, 6);
    assert_ids(list(s, BIT(DELIVERY_INFLIGHT), NULL, 0, 50), 6);
    assert_ids(list(s, BIT(DELIVERY_DEAD), NULL, 0, 50), 3);
    assert_ids(list(s, BIT(DELIVERY_READY) | BIT(DELIVERY_FILTERED), NULL, 0, 50), 1, 4, 5);
    assert_ids(list(s, BIT(DELIVERY_FILTERED) | undone, "erp", 0, 50), 4);
    assert_int_equal(list(s, BIT(DELIVERY_ORPHANED), NULL, 0, 50).count, 0);
    struct list_query query = {undone, "nope", 0, 9};
    struct seen seen = {.count = 0};
    assert_int_equal(REFUSED(s->store, store_list(s->store, &query, keep_id, &seen)),
                     STORE_NOT_FOUND);
}

static void orphans_are_shown_as_such(void **state)
{
    struct shop *s = *state;
    int64_t ids[2], one;
    fill(s, ids);
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"erp"}, 1, &one));
    assert_ids(list(s, BIT(DELIVERY_ORPHANED), NULL, 0, 50), 1, 2, 6);
    assert_ids(list(s, BIT(DELIVERY_READY), NULL, 0, 50), 4);
    assert_ids(list(s, BIT(DELIVERY_ORPHANED) | BIT(DELIVERY_FILTERED), NULL, 0, 50), 1, 2, 5, 6);
    assert_ids(list(s, BIT(DELIVERY_HELD) | BIT(DELIVERY_FILTERED), NULL, 0, 50), 5);
    assert_int_equal(fixture_row(s->store, 2).state, DELIVERY_ORPHANED);
    assert_int_equal(fixture_count(s->store, ids[0], DELIVERY_HELD), 1);
}

struct heard {
    struct store_webhook webhooks[4];
    char names[4][16];
    size_t count;
};

static void hear(const struct store_webhook *webhook, void *userdata)
{
    struct heard *heard = userdata;
    snprintf(heard->names[heard->count], sizeof(heard->names[0]), "%s",
             webhook->name ? webhook->name : "");
    heard->webhooks[heard->count++] = *webhook;
}

static void each_webhook_is_told_with_its_counts(void **state)
{
    struct shop *s = *state;
    int64_t ids[2];
    struct heard heard = {.count = 0};
    fill(s, ids);
    IN(s->store, store_pause(s->store, ids[1], "410 Gone", NOW + 3));
    IN(s->store, store_each_webhook(s->store, hear, &heard));
    assert_int_equal(heard.count, 3);
    assert_string_equal(heard.names[0], "erp");
    assert_string_equal(heard.names[1], "wms");
    assert_string_equal(heard.names[2], "");
    assert_int_equal(heard.webhooks[0].paused_usec, NOW + 3);
    assert_int_equal(heard.webhooks[0].counts[DELIVERY_READY], 1);
    assert_int_equal(heard.webhooks[1].counts[DELIVERY_READY], 1);
    assert_int_equal(heard.webhooks[1].counts[DELIVERY_HELD], 1);
    assert_int_equal(heard.webhooks[1].counts[DELIVERY_INFLIGHT], 1);
    assert_int_equal(heard.webhooks[1].oldest_usec, NOW);
    assert_int_equal(heard.webhooks[1].next_usec, NOW);
    assert_true(heard.webhooks[1].configured);
    assert_int_equal(heard.webhooks[2].id, 0);
    assert_int_equal(heard.webhooks[2].counts[DELIVERY_DEAD], 1);
    assert_int_equal(heard.webhooks[2].counts[DELIVERY_FILTERED], 1);
}

static void moves_are_counted_once_they_are_committed(void **state)
{
    struct shop *s = *state;
    struct heard heard = {.count = 0};
    struct claim claim;
    put(s, "n-1", s->webhook, DELIVERY_READY);
    put(s, "n-2", s->webhook, DELIVERY_HELD);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, &claim, 1), 1);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    claim_clear(&claim);
    REFUSED(s->store, store_operate(s->store, OPERATE_DROP, 2, NOW));
    IN(s->store, 0);
    IN(s->store, store_each_webhook(s->store, hear, &heard));
    const uint64_t *moves = heard.webhooks[0].moves;
    assert_int_equal(moves[DELIVERY_INFLIGHT], 1);
    assert_int_equal(moves[DELIVERY_DELIVERED], 1);
    assert_int_equal(moves[DELIVERY_HELD], 1);
    assert_int_equal(moves[DELIVERY_DROPPED], 0);
}

static void the_oldest_may_be_a_held_one(void **state)
{
    struct shop *s = *state;
    struct heard heard = {.count = 0};
    put(s, "n-1", s->webhook, DELIVERY_HELD);
    fixture_store(s->store, &(struct sample){"n-2", "o", .webhook = s->webhook}, NOW + 50);
    IN(s->store, store_each_webhook(s->store, hear, &heard));
    assert_int_equal(heard.webhooks[0].oldest_usec, NOW);
    assert_int_equal(heard.webhooks[0].waiting_usec, NOW + 50);
    IN(s->store, store_operate(s->store, OPERATE_DROP, 1, NOW));
    heard.count = 0;
    IN(s->store, store_each_webhook(s->store, hear, &heard));
    assert_int_equal(heard.webhooks[0].oldest_usec, NOW + 50);
}

struct shown {
    struct delivery_details details;
    char body[128], raw[128], seller_id[32], error[64];
    struct attempt_row attempts[4];
    size_t n_attempts;
};

static void keep_details(const struct delivery_details *details, void *userdata)
{
    struct shown *shown = userdata;
    shown->details = *details;
    snprintf(shown->body, sizeof(shown->body), "%.*s", (int)details->body_size,
             details->body ? details->body : "");
    snprintf(shown->raw, sizeof(shown->raw), "%.*s", (int)details->raw_size, details->raw);
    snprintf(shown->seller_id, sizeof(shown->seller_id), "%s", details->row.seller_id);
    snprintf(shown->error, sizeof(shown->error), "%s",
             details->row.last_error ? details->row.last_error : "");
    assert_int_equal(shown->n_attempts, 0);
}

static void keep_attempt(const struct attempt_row *row, void *userdata)
{
    struct shown *shown = userdata;
    shown->attempts[shown->n_attempts++] = *row;
}

static void a_delivery_is_shown_with_its_attempts(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    struct shown shown = {.n_attempts = 0};
    struct accept_target target;
    struct accept accept =
        fixture_accept(&(struct sample){"n-1", "o", .webhook = s->webhook}, &target, NOW);
    accept.raw = "[wrapped]";
    accept.raw_size = strlen(accept.raw);
    IN(s->store, store_accept(s->store, &accept, NOW));
    fixture_claim(s->store, s->webhook, NOW, &claim, 1);
    fixture_settle(s->store, &claim, DELIVERY_READY, NOW + 10, NOW + 5);
    claim_clear(&claim);
    IN(s->store, store_show(s->store, 1, keep_details, keep_attempt, &shown));
    assert_string_equal(shown.body, "{\"data\":{\"notification\":{\"a\":1}}}");
    assert_string_equal(shown.raw, "[wrapped]");
    assert_string_equal(shown.seller_id, "A297A7DJHEYXBY");
    assert_string_equal(shown.error, "the WMS answered 503");
    assert_int_equal(shown.details.row.status, 503);
    assert_int_equal(shown.details.last_attempt_usec, NOW + 5);
    assert_int_equal(shown.details.sent_usec, NOW - 1);
    assert_int_equal(shown.n_attempts, 1);
    assert_int_equal(shown.attempts[0].status, 503);
    assert_int_equal(shown.attempts[0].started_usec, NOW + 5);
    fixture_claim(s->store, s->webhook, NOW + 10, &claim, 1);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW + 12);
    claim_clear(&claim);
    shown.n_attempts = 0;
    IN(s->store, store_show(s->store, 1, keep_details, keep_attempt, &shown));
    assert_int_equal(shown.n_attempts, 2);
    assert_int_equal(shown.details.last_attempt_usec, NOW + 12);
    assert_string_equal(shown.error, "");
    assert_int_equal(REFUSED(s->store, store_show(s->store, 9, keep_details, keep_attempt, &shown)),
                     STORE_NOT_FOUND);
}

static void what_was_not_wrapped_is_its_own_raw_message(void **state)
{
    struct shop *s = *state;
    struct shown shown = {.n_attempts = 0};
    put(s, "n-1", s->webhook, 0);
    IN(s->store, store_show(s->store, 1, keep_details, keep_attempt, &shown));
    assert_string_equal(shown.raw, "{\"a\":1}");
}

static void facts_are_kept_and_deleted(void **state)
{
    struct shop *s = *state;
    char *value;
    IN(s->store, store_get_fact(s->store, "queue", "orders-eu", "last_error", &value));
    assert_null(value);
    IN(s->store, store_set_fact(s->store, "queue", "orders-eu", "last_error", "no"));
    IN(s->store, store_set_fact(s->store, "queue", "orders-eu", "last_error", "yes"));
    IN(s->store, store_set_fact(s->store, "queue", "orders-us", "last_error", "other"));
    IN(s->store, store_get_fact(s->store, "queue", "orders-eu", "last_error", &value));
    assert_string_equal(value, "yes");
    free(value);
    IN(s->store, store_set_fact(s->store, "queue", "orders-eu", "last_error", NULL));
    IN(s->store, store_get_fact(s->store, "queue", "orders-eu", "last_error", &value));
    assert_null(value);
}

static void states_have_names(void **state)
{
    (void)state;
    for (int i = 1; i < DELIVERY_STATES; i++)
        assert_int_equal(delivery_state_from_name(delivery_state_name((enum delivery_state)i)), i);
    assert_int_equal(delivery_state_from_name("lost"), 0);
    assert_string_equal(delivery_state_name(0), "unknown");
    assert_true(delivery_state_may(DELIVERY_READY, DELIVERY_INFLIGHT));
    assert_false(delivery_state_may(DELIVERY_BEHIND, DELIVERY_INFLIGHT));
    assert_false(delivery_state_may(DELIVERY_INFLIGHT, DELIVERY_HELD));
    assert_false(delivery_state_may(0, DELIVERY_READY));
    assert_true(delivery_state_is_open(DELIVERY_HELD));
    assert_false(delivery_state_is_open(DELIVERY_DEAD));
    assert_true(dead_cause_is_outcome(DEAD_EXPIRED));
    assert_false(dead_cause_is_outcome(DEAD_ID_CONFLICT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_list_is_picked_by_state_and_webhook),
        IN_SHOP(orphans_are_shown_as_such),
        IN_SHOP(each_webhook_is_told_with_its_counts),
        IN_SHOP(moves_are_counted_once_they_are_committed),
        IN_SHOP(the_oldest_may_be_a_held_one),
        IN_SHOP(a_delivery_is_shown_with_its_attempts),
        IN_SHOP(what_was_not_wrapped_is_its_own_raw_message),
        IN_SHOP(facts_are_kept_and_deleted),
        cmocka_unit_test(states_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
