/* SPDX-License-Identifier: MIT */
/* Accept: what is new, what is a copy, what lives again, what is refused. */
#include "fixture.h"

static uint64_t counter(struct store *store, const char *name)
{
    uint64_t value;
    IN(store, store_counter(store, name, &value));
    return value;
}

static void a_new_one_is_ready(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    assert_int_equal(
        fixture_store(s->store, &(struct sample){"n-1", "o-1", .webhook = s->webhook}, NOW),
        ACCEPTED_NEW);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, &claim, 1), 1);
    assert_string_equal(claim.id, "n-1");
    assert_string_equal(claim.seller, "acme");
    assert_string_equal(claim.queue, "orders-eu");
    assert_string_equal(claim.type, "ORDER_CHANGE");
    assert_string_equal(claim.order_id, "o-1");
    assert_string_equal(claim.body, "{\"data\":{\"notification\":{\"a\":1}}}");
    assert_int_equal(claim.body_size, strlen(claim.body));
    assert_int_equal(claim.attempt, 1);
    assert_int_equal(claim.sequence, 1);
    assert_int_not_equal(claim.lane, 0);
    assert_false(claim.stale);
    assert_int_equal(claim.received_usec, NOW);
    assert_int_equal(claim.published_usec, NOW - 2);
    claim_clear(&claim);
}

static void a_copy_changes_nothing(void **state)
{
    struct shop *s = *state;
    const struct sample sample = {"n-1", "o-1", .webhook = s->webhook};
    fixture_store(s->store, &sample, NOW);
    assert_int_equal(fixture_store(s->store, &sample, NOW + 5), ACCEPTED_COPY);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_READY), 1);
    assert_int_equal(counter(s->store, "received"), 2);
    assert_int_equal(counter(s->store, "accepted"), 1);
    assert_int_equal(counter(s->store, "duplicates"), 1);
    assert_int_equal(counter(s->store, "never"), 0);
}

static void a_copy_of_a_delivered_one_changes_nothing(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    const struct sample sample = {"n-1", "o-1", .webhook = s->webhook};
    fixture_store(s->store, &sample, NOW);
    fixture_claim(s->store, s->webhook, NOW, &claim, 1);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW + 1);
    claim_clear(&claim);
    assert_int_equal(fixture_store(s->store, &sample, NOW + 5), ACCEPTED_COPY);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_DELIVERED), 1);
}

/* Law 3: seen is not delivered. */
static void a_copy_revives_what_died_of_its_outcome(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    const struct sample sample = {"n-1", "o-1", .webhook = s->webhook};
    fixture_store(s->store, &sample, NOW);
    fixture_claim(s->store, s->webhook, NOW, &claim, 1);
    claim.event_faults = 3;
    fixture_settle(s->store, &claim, DELIVERY_DEAD, 0, NOW + 1);
    claim_clear(&claim);
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_DEAD);
    assert_int_equal(fixture_store(s->store, &sample, NOW + 5), ACCEPTED_REVIVED);
    struct list_row row = fixture_row(s->store, 1);
    assert_int_equal(row.state, DELIVERY_READY);
    assert_int_equal(row.faults, 0);
    assert_int_equal(row.event_faults, 0);
    assert_int_equal(row.cause, DEAD_NOT);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW + 5, &claim, 1), 1);
    assert_int_equal(claim.attempt, 2);
    claim_clear(&claim);
}

static void what_cannot_be_read_is_a_dead_letter(void **state)
{
    struct shop *s = *state;
    const struct sample sample = {"sqs-1",
                                  NULL,
                                  .payload = "<xml>",
                                  .state = DELIVERY_DEAD,
                                  .cause = DEAD_UNREADABLE,
                                  .reason = "no JSON",
                                  .unreadable = true};
    assert_int_equal(fixture_store(s->store, &sample, NOW), ACCEPTED_REJECTED);
    assert_int_equal(fixture_store(s->store, &sample, NOW), ACCEPTED_COPY);
    struct list_row row = fixture_row(s->store, 1);
    assert_int_equal(row.state, DELIVERY_DEAD);
    assert_int_equal(row.cause, DEAD_UNREADABLE);
    assert_null(row.webhook);
    assert_string_equal(row.last_error, "no JSON");
    assert_int_equal(counter(s->store, "rejected"), 1);
    assert_int_equal(counter(s->store, "duplicates"), 1);
    assert_int_equal(REFUSED(s->store, store_operate(s->store, OPERATE_RETRY, 1, NOW)),
                     STORE_UNFIT);
}

static void an_id_with_another_payload_is_refused_and_known(void **state)
{
    struct shop *s = *state;
    const struct sample first = {"n-1", "o-1", .webhook = s->webhook};
    const struct sample other = {"n-1", "o-1", .payload = "{\"a\":2}", .webhook = s->webhook};
    const struct sample third = {"n-1", "o-1", .payload = "{\"a\":3}", .webhook = s->webhook};
    assert_int_equal(fixture_store(s->store, &first, NOW), ACCEPTED_NEW);
    assert_int_equal(fixture_store(s->store, &other, NOW), ACCEPTED_REJECTED);
    assert_int_equal(fixture_store(s->store, &other, NOW), ACCEPTED_COPY);
    assert_int_equal(fixture_store(s->store, &third, NOW), ACCEPTED_REJECTED);
    assert_int_equal(fixture_store(s->store, &first, NOW), ACCEPTED_COPY);
    assert_int_equal(fixture_row(s->store, 2).cause, DEAD_ID_CONFLICT);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_READY), 1);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_DEAD), 2);
    assert_int_equal(REFUSED(s->store, store_operate(s->store, OPERATE_RETRY, 2, NOW)),
                     STORE_UNFIT);
}

static void targets_begin_as_they_are_told(void **state)
{
    struct shop *s = *state;
    fixture_store(s->store,
                  &(struct sample){"n-1", "o-1", .webhook = s->webhook, .state = DELIVERY_HELD,
                                   .reason = "unknown seller"},
                  NOW);
    fixture_store(s->store,
                  &(struct sample){"n-2", "o-1", .state = DELIVERY_FILTERED, .reason = "no taker"},
                  NOW);
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_HELD);
    assert_string_equal(fixture_row(s->store, 1).last_error, "unknown seller");
    struct list_row filtered = fixture_row(s->store, 2);
    assert_int_equal(filtered.state, DELIVERY_FILTERED);
    assert_int_equal(filtered.done_usec, NOW);
    assert_int_equal(fixture_count(s->store, 0, DELIVERY_FILTERED), 1);
}

static void one_notification_goes_to_two_webhooks(void **state)
{
    struct shop *s = *state;
    int64_t ids[2];
    struct claim claim;
    struct accept_target targets[2];
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"wms", "erp"}, 2, ids));
    assert_int_equal(ids[0], s->webhook);
    struct accept accept =
        fixture_accept(&(struct sample){"n-1", "o-1", .webhook = ids[0]}, &targets[0], NOW);
    targets[1] = targets[0];
    targets[1].webhook = ids[1];
    accept.n_targets = 2;
    IN(s->store, store_accept(s->store, &accept, NOW));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fixture_claim(s->store, ids[i], NOW, &claim, 9), 1);
        assert_int_equal(claim.delivery, i + 1);
        claim_clear(&claim);
    }
}

/* The queue is open to strangers: their types must not fill a table without end. */
static void names_without_end_are_still_told_apart(void **state)
{
    enum { STRANGERS = 4100 };
    struct shop *s = *state;
    struct claim *claims = memory_resize(NULL, STRANGERS, sizeof(*claims));
    assert_int_equal(store_begin(s->store), 0);
    for (int i = 0; i < STRANGERS; i++) {
        char id[32], type[32];
        struct accept_target target;
        snprintf(id, sizeof(id), "n-%d", i);
        snprintf(type, sizeof(type), "TYPE_%d", i);
        struct sample sample = {id, NULL, .type = type, .webhook = s->webhook};
        struct accept accept = fixture_accept(&sample, &target, NOW + (uint64_t)i);
        assert_int_equal(store_accept(s->store, &accept, NOW + (uint64_t)i), 0);
    }
    assert_int_equal(store_commit(s->store), 0);
    store_free(s->store);
    s->store = fixture_open(s->directory);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW + STRANGERS, claims, STRANGERS),
                     STRANGERS);
    for (int i = 0; i < STRANGERS; i++) {
        char type[32];
        snprintf(type, sizeof(type), "TYPE_%d", i);
        assert_string_equal(claims[i].type, type);
        claim_clear(&claims[i]);
    }
    free(claims);
}

static void what_is_rolled_back_was_never_there(void **state)
{
    struct shop *s = *state;
    struct accept_target target;
    const struct sample sample = {"n-1", "o-1", .type = "A_NEW_TYPE", .webhook = s->webhook};
    struct accept accept = fixture_accept(&sample, &target, NOW);
    store_count(s->store, "outside", 1);
    assert_int_equal(store_begin(s->store), 0);
    store_count(s->store, "inside", 1);
    assert_int_equal(store_accept(s->store, &accept, NOW), 0);
    store_rollback(s->store);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_READY), 0);
    assert_int_equal(counter(s->store, "received"), 0);
    assert_int_equal(counter(s->store, "inside"), 0);
    assert_int_equal(counter(s->store, "outside"), 1);
    assert_int_equal(fixture_store(s->store, &sample, NOW), ACCEPTED_NEW);
    store_free(s->store);
    s->store = fixture_open(s->directory);
    struct claim claim;
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, &claim, 1), 1);
    assert_int_equal(claim.delivery, 1);
    assert_string_equal(claim.type, "A_NEW_TYPE");
    claim_clear(&claim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_new_one_is_ready),
        IN_SHOP(a_copy_changes_nothing),
        IN_SHOP(a_copy_of_a_delivered_one_changes_nothing),
        IN_SHOP(a_copy_revives_what_died_of_its_outcome),
        IN_SHOP(what_cannot_be_read_is_a_dead_letter),
        IN_SHOP(an_id_with_another_payload_is_refused_and_known),
        IN_SHOP(targets_begin_as_they_are_told),
        IN_SHOP(one_notification_goes_to_two_webhooks),
        IN_SHOP(names_without_end_are_still_told_apart),
        IN_SHOP(what_is_rolled_back_was_never_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
