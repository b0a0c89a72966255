/* SPDX-License-Identifier: MIT */
/* Claim and settle: what is due, whose turn it is, what an outcome does, what a crash leaves. */
#include "fixture.h"

#include <stdlib.h>

static void put(struct shop *s, const char *id, const char *order, uint64_t event, uint64_t now)
{
    fixture_store(s->store, &(struct sample){id, order, .event_usec = event, .webhook = s->webhook},
                  now);
}

static int64_t claim_one(struct shop *s, uint64_t now, struct claim *claim)
{
    return fixture_claim(s->store, s->webhook, now, claim, 1) ? claim->delivery : 0;
}

static int64_t claim_and_settle(struct shop *s, uint64_t now, enum delivery_state to, uint64_t next)
{
    struct claim claim;
    int64_t id = claim_one(s, now, &claim);
    if (!id)
        return 0;
    fixture_settle(s->store, &claim, to, next, now);
    claim_clear(&claim);
    return id;
}

static void a_lane_is_sent_in_event_order(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", "o", NOW + 30, NOW);
    put(s, "n-2", "o", NOW + 10, NOW);
    put(s, "n-3", "o", NOW + 20, NOW);
    assert_int_equal(claim_one(s, NOW, &claim), 2);
    put(s, "n-4", "o", NOW + 5, NOW); /* too late: one is in flight */
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, &claim, 9), 0);
    struct claim sent = {.delivery = 2, .attempt = 1};
    fixture_settle(s->store, &sent, DELIVERY_DELIVERED, 0, NOW);
    assert_int_equal(claim_and_settle(s, NOW, DELIVERY_DELIVERED, 0), 4);
    assert_int_equal(claim_and_settle(s, NOW, DELIVERY_DELIVERED, 0), 3);
    assert_int_equal(claim_and_settle(s, NOW, DELIVERY_DELIVERED, 0), 1);
    assert_int_equal(claim_and_settle(s, NOW, DELIVERY_DELIVERED, 0), 0);
    claim_clear(&claim);
}

static void lanes_do_not_wait_for_each_other(void **state)
{
    struct shop *s = *state;
    struct claim claims[9];
    put(s, "n-1", "o-1", NOW, NOW);
    put(s, "n-2", "o-1", NOW, NOW);
    put(s, "n-3", "o-2", NOW, NOW);
    put(s, "n-4", NULL, NOW, NOW);
    put(s, "n-5", NULL, NOW, NOW);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, claims, 9), 4);
    for (int i = 0; i < 4; i++) {
        assert_int_not_equal(claims[i].delivery, 2);
        claim_clear(&claims[i]);
    }
}

static void a_newcomer_that_is_older_waits_as_long_as_the_head(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", "o", NOW + 30, NOW);
    assert_int_equal(claim_and_settle(s, NOW, DELIVERY_READY, NOW + 1000), 1);
    put(s, "n-2", "o", NOW + 10, NOW + 1);
    assert_int_equal(claim_one(s, NOW + 999, &claim), 0);
    assert_int_equal(claim_one(s, NOW + 1000, &claim), 2);
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_BEHIND);
    claim_clear(&claim);
}

static void a_failed_head_lets_an_older_one_pass(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", "o", NOW + 30, NOW);
    assert_int_equal(claim_one(s, NOW, &claim), 1);
    put(s, "n-2", "o", NOW + 10, NOW);
    fixture_settle(s->store, &claim, DELIVERY_READY, NOW + 500, NOW);
    claim_clear(&claim);
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_BEHIND);
    assert_int_equal(claim_one(s, NOW + 499, &claim), 0);
    assert_int_equal(claim_one(s, NOW + 500, &claim), 2);
    claim_clear(&claim);
}

static void a_settle_counts_only_for_its_attempt(void **state)
{
    struct shop *s = *state;
    struct claim claim, late = {.delivery = 1, .attempt = 1};
    put(s, "n-1", "o", NOW, NOW);
    claim_and_settle(s, NOW, DELIVERY_READY, NOW);
    assert_int_equal(claim_one(s, NOW, &claim), 1);
    assert_int_equal(claim.attempt, 2);
    fixture_settle(s->store, &late, DELIVERY_DELIVERED, 0, NOW);
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_INFLIGHT);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    fixture_settle(s->store, &claim, DELIVERY_DEAD, 0, NOW);
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_DELIVERED);
    struct claim gone = {.delivery = 77, .attempt = 1};
    fixture_settle(s->store, &gone, DELIVERY_DELIVERED, 0, NOW);
    claim_clear(&claim);
}

static void a_claim_can_be_put_back_untouched(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", "o", NOW, NOW);
    assert_int_equal(claim_one(s, NOW, &claim), 1);
    claim_clear(&claim);
    IN(s->store, store_unclaim(s->store, 1, 2, NOW));
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_INFLIGHT);
    IN(s->store, store_unclaim(s->store, 1, 1, NOW));
    struct list_row row = fixture_row(s->store, 1);
    assert_int_equal(row.state, DELIVERY_READY);
    assert_int_equal(row.attempts, 0);
    assert_int_equal(row.next_usec, NOW);
    assert_int_equal(claim_one(s, NOW, &claim), 1);
    assert_int_equal(claim.attempt, 1);
    assert_int_equal(claim.sequence, 2);
    claim_clear(&claim);
}

static void what_was_in_flight_is_ready_after_a_crash(void **state)
{
    struct shop *s = *state;
    struct claim claims[3];
    size_t count;
    put(s, "n-1", "o-1", NOW, NOW);
    put(s, "n-2", "o-2", NOW + 9, NOW);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, claims, 2), 2);
    put(s, "n-3", "o-2", NOW + 3, NOW);
    store_free(s->store);
    s->store = fixture_open(s->directory);
    IN(s->store, store_recover(s->store, NOW + 7, &count));
    assert_int_equal(count, 2);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW + 7, claims + 2, 1), 1);
    assert_int_equal(fixture_row(s->store, 2).state, DELIVERY_BEHIND);
    for (int i = 0; i < 3; i++)
        claim_clear(&claims[i]);
    IN(s->store, store_recover(s->store, NOW + 8, &count));
    assert_int_equal(count, 1);
}

/* What comes after the share of first attempts is used up: the rest goes to the other kind. */
static void first_attempts_and_retries_share(void **state)
{
    struct shop *s = *state;
    struct claim claims[8];
    size_t count;
    for (int i = 0; i < 4; i++) {
        char id[8];
        snprintf(id, sizeof(id), "r-%d", i);
        put(s, id, NULL, NOW, NOW + (uint64_t)i);
        claim_and_settle(s, NOW + 10, DELIVERY_READY, NOW + 100 - (uint64_t)i);
    }
    for (int i = 0; i < 6; i++) {
        char id[8];
        snprintf(id, sizeof(id), "f-%d", i);
        put(s, id, NULL, NOW, NOW + 20 + (uint64_t)i);
    }
    struct claim_query query = {
        .webhook = s->webhook, .now_usec = NOW + 200, .first = 3, .retries = 1, .bytes = 1 << 20};
    IN(s->store, store_claim(s->store, &query, claims, &count));
    assert_int_equal(count, 4);
    assert_int_equal(claims[0].delivery, 5);
    assert_int_equal(claims[1].delivery, 6);
    assert_int_equal(claims[2].delivery, 7);
    assert_int_equal(claims[3].delivery, 4); /* the most overdue */
    for (size_t i = 0; i < count; i++)
        claim_clear(&claims[i]);
    query.first = 8;
    query.retries = 0;
    IN(s->store, store_claim(s->store, &query, claims, &count));
    assert_int_equal(count, 6); /* three first ones, three retries in their place */
    for (size_t i = 0; i < count; i++)
        claim_clear(&claims[i]);
}

static void a_claim_stops_after_enough_bytes(void **state)
{
    struct shop *s = *state;
    struct claim claims[4];
    size_t count;
    for (int i = 0; i < 4; i++) {
        char id[8];
        snprintf(id, sizeof(id), "n-%d", i);
        put(s, id, NULL, NOW, NOW);
    }
    struct claim_query query = {.webhook = s->webhook, .now_usec = NOW, .first = 4, .bytes = 40};
    IN(s->store, store_claim(s->store, &query, claims, &count));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++)
        claim_clear(&claims[i]);
    query.bytes = 0;
    IN(s->store, store_claim(s->store, &query, claims, &count));
    assert_int_equal(count, 1);
    claim_clear(&claims[0]);
}

static int64_t probe(struct shop *s, uint64_t now, int64_t avoid, int64_t *ret_lane)
{
    struct claim claim;
    size_t count;
    struct claim_query query = {.webhook = s->webhook,
                                .now_usec = now,
                                .probe = true,
                                .avoid_lane = avoid,
                                .bytes = 1 << 20};
    IN(s->store, store_claim(s->store, &query, &claim, &count));
    if (!count)
        return 0;
    int64_t delivery = claim.delivery;
    *ret_lane = claim.lane;
    fixture_settle(s->store, &claim, DELIVERY_READY, now + 1000000, now);
    claim_clear(&claim);
    return delivery;
}

static void probes_take_the_lanes_in_turn(void **state)
{
    struct shop *s = *state;
    int64_t lane = 0;
    put(s, "n-1", "o-1", NOW, NOW);
    put(s, "n-2", "o-2", NOW, NOW);
    assert_int_equal(probe(s, NOW, lane, &lane), 1);
    assert_int_equal(probe(s, NOW + 1, lane, &lane), 2); /* due or not */
    assert_int_equal(probe(s, NOW + 2, lane, &lane), 1);
    assert_int_equal(probe(s, NOW + 3, 0, &lane), 2);
    struct claim claim;
    IN(s->store, store_operate(s->store, OPERATE_DROP, 1, NOW));
    assert_int_equal(probe(s, NOW + 4, lane, &lane), 2); /* there is no other */
    assert_int_equal(claim_one(s, NOW + 5, &claim), 0);
}

static void a_probe_respects_retry_after(void **state)
{
    struct shop *s = *state;
    int64_t lane = 0;
    struct claim claim;
    put(s, "n-1", "o-1", NOW, NOW);
    assert_int_equal(claim_one(s, NOW, &claim), 1);
    struct settle settle = {.delivery = 1,
                            .attempt = 1,
                            .to = DELIVERY_READY,
                            .next_usec = NOW + 100,
                            .not_before_usec = NOW + 50};
    IN(s->store, store_settle(s->store, &settle, NOW));
    claim_clear(&claim);
    assert_int_equal(probe(s, NOW + 49, 0, &lane), 0);
    assert_int_equal(probe(s, NOW + 50, 0, &lane), 1);
}

static void a_paused_webhook_gives_nothing(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    int64_t lane;
    uint64_t due;
    put(s, "n-1", "o-1", NOW, NOW);
    IN(s->store, store_next_due(s->store, s->webhook, &due));
    assert_int_equal(due, NOW);
    IN(s->store, store_pause(s->store, s->webhook, "410 Gone", NOW));
    assert_int_equal(claim_one(s, NOW, &claim), 0);
    assert_int_equal(probe(s, NOW, 0, &lane), 0);
    IN(s->store, store_next_due(s->store, s->webhook, &due));
    assert_int_equal(due, 0);
    IN(s->store, store_resume(s->store, s->webhook, NOW + 5));
    assert_int_equal(claim_one(s, NOW + 5, &claim), 1);
    claim_clear(&claim);
    assert_int_equal(REFUSED(s->store, store_pause(s->store, 99, "", NOW)), STORE_NOT_FOUND);
}

static void keep_attempt(const struct attempt_row *row, void *userdata)
{
    unsigned *attempts = userdata;
    if (!attempts[0]++)
        attempts[1] = row->attempt;
    attempts[2] = row->attempt;
    attempts[3] = (unsigned)row->answer_size;
}

static void ignore_details(const struct delivery_details *details, void *userdata)
{
    (void)details;
    (void)userdata;
}

static void attempts_are_kept_up_to_a_limit(void **state)
{
    struct shop *s = *state;
    char answer[STORE_ANSWER_MAX + 100] = {0};
    unsigned attempts[4] = {0};
    put(s, "n-1", "o", NOW, NOW);
    assert_int_equal(claim_and_settle(s, NOW, DELIVERY_DELIVERED, 0), 1);
    IN(s->store, store_show(s->store, 1, ignore_details, keep_attempt, attempts));
    assert_int_equal(attempts[0], 0); /* delivered at the first attempt */
    put(s, "n-2", "o", NOW, NOW);
    for (int i = 0; i < STORE_ATTEMPTS_MAX + 5; i++) {
        struct claim claim;
        assert_int_equal(claim_one(s, NOW, &claim), 2);
        struct settle settle = {.delivery = 2,
                                .attempt = claim.attempt,
                                .to = DELIVERY_READY,
                                .next_usec = NOW,
                                .faults = claim.attempt,
                                .answer = answer,
                                .answer_size = sizeof(answer)};
        IN(s->store, store_settle(s->store, &settle, NOW));
        claim_clear(&claim);
    }
    IN(s->store, store_show(s->store, 2, ignore_details, keep_attempt, attempts));
    assert_int_equal(attempts[0], STORE_ATTEMPTS_MAX);
    assert_int_equal(attempts[1], 6);
    assert_int_equal(attempts[2], STORE_ATTEMPTS_MAX + 5);
    assert_int_equal(attempts[3], STORE_ANSWER_MAX);
}

static void faults_can_be_forgiven(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", "o", NOW, NOW);
    claim_one(s, NOW, &claim);
    struct settle settle = {.delivery = 1,
                            .attempt = 1,
                            .to = DELIVERY_READY,
                            .next_usec = NOW,
                            .faults = 1,
                            .event_faults = 2};
    IN(s->store, store_settle(s->store, &settle, NOW));
    claim_clear(&claim);
    IN(s->store, store_forgive(s->store, 1, false));
    IN(s->store, store_forgive(s->store, 1, false));
    IN(s->store, store_forgive(s->store, 1, true));
    assert_int_equal(fixture_row(s->store, 1).faults, 0);
    assert_int_equal(fixture_row(s->store, 1).event_faults, 1);
}

/* It keeps the faults that it died of. */
static void what_is_dead_is_not_forgiven(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", "o", NOW, NOW);
    claim_one(s, NOW, &claim);
    struct settle settle = {.delivery = 1,
                            .attempt = 1,
                            .to = DELIVERY_DEAD,
                            .cause = DEAD_ATTEMPTS,
                            .faults = 1,
                            .event_faults = 1};
    IN(s->store, store_settle(s->store, &settle, NOW));
    claim_clear(&claim);
    IN(s->store, store_forgive(s->store, 1, false));
    IN(s->store, store_forgive(s->store, 1, true));
    assert_int_equal(fixture_row(s->store, 1).faults, 1);
    assert_int_equal(fixture_row(s->store, 1).event_faults, 1);
}

static uint64_t wait_usec(struct shop *s, int64_t delivery)
{
    uint64_t next = fixture_row(s->store, delivery).next_usec, now = clock_trusted_usec();
    return next > now ? next - now : 0;
}

/* Everything that waits, also in the lane behind, but not what is sent again by an operator's will.
 */
static void nothing_waits_any_longer_for_a_new_destination(void **state)
{
    struct shop *s = *state;
    uint64_t now = clock_trusted_usec();
    struct claim claim;
    bool more;
    fixture_store(
        s->store,
        &(struct sample){.id = "a", .order = "o", .event_usec = 20, .webhook = s->webhook}, now);
    fixture_store(s->store, &(struct sample){.id = "b", .webhook = s->webhook}, now);
    fixture_store(s->store, &(struct sample){.id = "c", .webhook = s->webhook}, now);
    for (int i = 0; i < 3; i++) {
        uint64_t later = now + USEC_PER_DAY;
        assert_int_equal(fixture_claim(s->store, s->webhook, now, &claim, 1), 1);
        struct settle settle = {.delivery = claim.delivery,
                                .attempt = claim.attempt,
                                .to = i < 2 ? DELIVERY_READY : DELIVERY_DELIVERED,
                                .next_usec = later,
                                .not_before_usec = later,
                                .error_class = "status"};
        if (i == 2)
            settle.error_class[0] = '\0';
        IN(s->store, store_settle(s->store, &settle, now));
        claim_clear(&claim);
    }
    IN(s->store, store_operate(s->store, OPERATE_RESEND, 3, now + USEC_PER_HOUR));
    fixture_store(
        s->store,
        &(struct sample){.id = "older", .order = "o", .event_usec = 10, .webhook = s->webhook},
        now);
    assert_true(wait_usec(s, 2) > USEC_PER_HOUR && wait_usec(s, 4) > USEC_PER_HOUR);
    IN(s->store, store_hurry(s->store, s->webhook, &more));
    assert_false(more);
    assert_int_equal(wait_usec(s, 1) + wait_usec(s, 2) + wait_usec(s, 4), 0);
    assert_true(wait_usec(s, 3) > USEC_PER_MIN);
}

static void a_destination_that_works_again_hastens_its_retries(void **state)
{
    struct shop *s = *state;
    struct claim claims[4];
    struct settle outcomes[] = {
        {.delivery = 1, .to = DELIVERY_READY, .next_usec = NOW + 900, .faults = 1},
        {.delivery = 2, .to = DELIVERY_READY, .next_usec = NOW + 900, .event_faults = 1},
        {.delivery = 3, .to = DELIVERY_READY, .next_usec = NOW + 900, .not_before_usec = NOW + 50},
        {.delivery = 4, .to = DELIVERY_READY, .next_usec = NOW + 5, .not_before_usec = NOW + 5},
    };
    for (int i = 0; i < 4; i++) {
        char id[8];
        snprintf(id, sizeof(id), "n-%d", i);
        put(s, id, id, NOW, NOW);
    }
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, claims, 4), 4);
    for (int i = 0; i < 4; i++) {
        outcomes[i].attempt = 1;
        strcpy(outcomes[i].error_class, "timeout");
        IN(s->store, store_settle(s->store, &outcomes[i], NOW));
        claim_clear(&claims[i]);
    }
    IN(s->store, store_hasten(s->store, s->webhook, NOW + 10));
    assert_int_equal(fixture_row(s->store, 1).next_usec, NOW + 10);
    assert_int_equal(fixture_row(s->store, 2).next_usec, NOW + 900);
    assert_int_equal(fixture_row(s->store, 3).next_usec, NOW + 900);
    assert_int_equal(fixture_row(s->store, 4).next_usec, NOW + 5);
}

static void accepted_deliveries_are_due_within_their_transaction(void **state)
{
    struct shop *s = *state;
    struct accept_target target;
    uint64_t due;
    struct sample sample = {"n-1", "o", .event_usec = NOW, .webhook = s->webhook};
    struct accept accept = fixture_accept(&sample, &target, NOW);
    fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
    fixture_ok(s->store, store_accept(s->store, &accept, NOW), "accept", __LINE__);
    fixture_ok(s->store, store_next_due(s->store, s->webhook, &due), "next due", __LINE__);
    fixture_ok(s->store, store_commit(s->store), "commit", __LINE__);
    assert_int_equal(due, NOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(accepted_deliveries_are_due_within_their_transaction),
        IN_SHOP(a_lane_is_sent_in_event_order),
        IN_SHOP(lanes_do_not_wait_for_each_other),
        IN_SHOP(a_newcomer_that_is_older_waits_as_long_as_the_head),
        IN_SHOP(a_failed_head_lets_an_older_one_pass),
        IN_SHOP(a_settle_counts_only_for_its_attempt),
        IN_SHOP(a_claim_can_be_put_back_untouched),
        IN_SHOP(what_was_in_flight_is_ready_after_a_crash),
        IN_SHOP(first_attempts_and_retries_share),
        IN_SHOP(a_claim_stops_after_enough_bytes),
        IN_SHOP(probes_take_the_lanes_in_turn),
        IN_SHOP(a_probe_respects_retry_after),
        IN_SHOP(a_paused_webhook_gives_nothing),
        IN_SHOP(attempts_are_kept_up_to_a_limit),
        IN_SHOP(faults_can_be_forgiven),
        IN_SHOP(what_is_dead_is_not_forgiven),
        IN_SHOP(a_destination_that_works_again_hastens_its_retries),
        IN_SHOP(nothing_waits_any_longer_for_a_new_destination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
