/* SPDX-License-Identifier: MIT */
/* What operators do, and what the clock of max_age makes of it. */
#include "fixture.h"

#define DAY USEC_PER_DAY

static void put(struct shop *s, const char *id, const char *order, uint64_t now)
{
    fixture_store(s->store, &(struct sample){id, order, .webhook = s->webhook}, now);
}

static enum delivery_state state_of(struct shop *s, int64_t id)
{
    return fixture_row(s->store, id).state;
}

static int refused(struct shop *s, enum operation operation, int64_t id)
{
    return REFUSED(s->store, store_operate(s->store, operation, id, NOW));
}

static void a_held_head_lets_the_next_pass(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", "o", NOW);
    put(s, "n-2", "o", NOW + 1);
    put(s, "n-3", "o", NOW + 2);
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 1, NOW));
    assert_int_equal(state_of(s, 1), DELIVERY_HELD);
    assert_int_equal(state_of(s, 2), DELIVERY_READY);
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 3, NOW)); /* one from behind */
    assert_int_equal(state_of(s, 2), DELIVERY_READY);
    IN(s->store, store_operate(s->store, OPERATE_RELEASE, 1, NOW)); /* older: takes its place */
    assert_int_equal(state_of(s, 1), DELIVERY_READY);
    assert_int_equal(state_of(s, 2), DELIVERY_BEHIND);
    IN(s->store, store_operate(s->store, OPERATE_RELEASE, 3, NOW));
    assert_int_equal(state_of(s, 3), DELIVERY_BEHIND);
}

static void what_is_dropped_is_done(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", "o", NOW);
    put(s, "n-2", "o", NOW + 1);
    IN(s->store, store_operate(s->store, OPERATE_DROP, 1, NOW + 7));
    assert_int_equal(state_of(s, 1), DELIVERY_DROPPED);
    assert_int_equal(fixture_row(s->store, 1).done_usec, NOW + 7);
    assert_int_equal(state_of(s, 2), DELIVERY_READY);
    assert_int_equal(refused(s, OPERATE_DROP, 1), STORE_UNFIT);
    assert_int_equal(refused(s, OPERATE_RETRY, 1), STORE_UNFIT);
    assert_int_equal(refused(s, OPERATE_HOLD, 1), STORE_UNFIT);
    assert_int_equal(refused(s, OPERATE_RELEASE, 2), STORE_UNFIT);
    assert_int_equal(refused(s, OPERATE_DROP, 99), STORE_NOT_FOUND);
}

static void what_is_in_flight_is_left_alone(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", "o", NOW);
    fixture_claim(s->store, s->webhook, NOW, &claim, 1);
    claim_clear(&claim);
    for (int operation = OPERATE_RETRY; operation <= OPERATE_DROP; operation++)
        assert_int_equal(refused(s, (enum operation)operation, 1), STORE_IN_FLIGHT);
}

static void a_retry_gives_a_fresh_budget(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    put(s, "n-1", "o", NOW);
    fixture_claim(s->store, s->webhook, NOW, &claim, 1);
    struct settle settle = {.delivery = 1,
                            .attempt = 1,
                            .to = DELIVERY_READY,
                            .faults = 4,
                            .event_faults = 2,
                            .next_usec = NOW + 900,
                            .not_before_usec = NOW + 900};
    IN(s->store, store_settle(s->store, &settle, NOW));
    claim_clear(&claim);
    IN(s->store, store_operate(s->store, OPERATE_RETRY, 1, NOW + 10));
    struct list_row row = fixture_row(s->store, 1);
    assert_int_equal(row.faults + row.event_faults, 0);
    assert_int_equal(row.next_usec, NOW + 10);
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW + 10, &claim, 1), 1);
    assert_int_equal(claim.attempt, 2);
    fixture_settle(s->store, &claim, DELIVERY_DEAD, 0, NOW + 11);
    claim_clear(&claim);
    IN(s->store, store_operate(s->store, OPERATE_RETRY, 1, NOW + 20));
    row = fixture_row(s->store, 1);
    assert_int_equal(row.state, DELIVERY_READY);
    assert_int_equal(row.cause, DEAD_NOT);
    assert_int_equal(row.done_usec, 0);
}

static void a_dead_letter_can_be_dropped(void **state)
{
    struct shop *s = *state;
    fixture_store(s->store,
                  &(struct sample){"sqs-1", NULL, .state = DELIVERY_DEAD, .cause = DEAD_UNREADABLE,
                                   .unreadable = true},
                  NOW);
    IN(s->store, store_operate(s->store, OPERATE_DROP, 1, NOW));
    assert_int_equal(state_of(s, 1), DELIVERY_DROPPED);
}

static void what_nobody_takes_cannot_be_released(void **state)
{
    struct shop *s = *state;
    fixture_store(s->store,
                  &(struct sample){"n-1", "o", .state = DELIVERY_HELD, .reason = "unknown seller"},
                  NOW);
    assert_int_equal(refused(s, OPERATE_RELEASE, 1), STORE_UNFIT);
    assert_non_null(strstr(store_why(s->store), "no webhook"));
}

static size_t n_expired;

static void count_expired(const struct expired *expired, void *userdata)
{
    (void)userdata;
    assert_non_null(expired->id);
    assert_string_equal(expired->seller, "acme");
    n_expired++;
}

static size_t expire(struct shop *s, uint64_t now, size_t limit)
{
    size_t count;
    n_expired = 0;
    IN(s->store,
       store_expire(s->store, s->webhook, now, 7 * DAY, limit, count_expired, NULL, &count));
    assert_int_equal(count, n_expired);
    return count;
}

static uint64_t expiring(struct shop *s, uint64_t now)
{
    uint64_t count;
    IN(s->store, store_expiring(s->store, s->webhook, now, 7 * DAY, USEC_PER_HOUR, &count));
    return count;
}

static void what_waits_too_long_expires(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", "o", NOW);
    put(s, "n-2", "o", NOW + 1);
    put(s, "n-3", "p", NOW + DAY);
    assert_int_equal(expiring(s, NOW + 7 * DAY - USEC_PER_HOUR), 0);
    assert_int_equal(expiring(s, NOW + 7 * DAY - USEC_PER_HOUR + 2), 2);
    assert_int_equal(expire(s, NOW + 7 * DAY, 9), 0);
    assert_int_equal(expire(s, NOW + 7 * DAY + 9, 1), 1);
    assert_int_equal(state_of(s, 1), DELIVERY_DEAD);
    assert_int_equal(fixture_row(s->store, 1).cause, DEAD_EXPIRED);
    assert_int_equal(state_of(s, 2), DELIVERY_READY);
    assert_int_equal(expire(s, NOW + 7 * DAY + 9, 9), 1);
    assert_int_equal(expire(s, NOW + 7 * DAY + 9, 9), 0);
    assert_int_equal(state_of(s, 3), DELIVERY_READY);
    /* time ran out, which is an outcome: somebody may try again, for as long as at first */
    IN(s->store, store_operate(s->store, OPERATE_RETRY, 1, NOW + 8 * DAY));
    assert_int_equal(expire(s, NOW + 14 * DAY, 9), 1);
    assert_int_equal(state_of(s, 1), DELIVERY_READY);
    assert_int_equal(expire(s, NOW + 15 * DAY + 1, 9), 1);
    assert_int_equal(state_of(s, 1), DELIVERY_DEAD);
}

static void no_clock_runs_while_held(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", "o", NOW);
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 1, NOW + 6 * DAY));
    assert_int_equal(expire(s, NOW + 30 * DAY, 9), 0);
    IN(s->store, store_operate(s->store, OPERATE_RELEASE, 1, NOW + 30 * DAY));
    assert_int_equal(expire(s, NOW + 31 * DAY, 9), 0);
    assert_int_equal(expire(s, NOW + 31 * DAY + 1, 9), 1);
}

static void no_clock_runs_while_paused(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", "o", NOW);
    IN(s->store, store_pause(s->store, s->webhook, "410", NOW + DAY));
    IN(s->store, store_pause(s->store, s->webhook, "again", NOW + 2 * DAY)); /* changes nothing */
    assert_int_equal(expire(s, NOW + 30 * DAY, 9), 0);
    assert_int_equal(expiring(s, NOW + 30 * DAY), 0);
    put(s, "n-2", "p", NOW + 20 * DAY);
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 1, NOW + 25 * DAY));
    IN(s->store, store_resume(s->store, s->webhook, NOW + 30 * DAY));
    IN(s->store, store_resume(s->store, s->webhook, NOW + 31 * DAY)); /* neither does this */
    IN(s->store, store_operate(s->store, OPERATE_RELEASE, 1, NOW + 40 * DAY));
    assert_int_equal(expire(s, NOW + 37 * DAY, 9), 0);
    assert_int_equal(expire(s, NOW + 37 * DAY + 1, 9), 1); /* n-2: its days began at the resume */
    assert_int_equal(state_of(s, 2), DELIVERY_DEAD);
    assert_int_equal(expire(s, NOW + 46 * DAY, 9), 0);
    assert_int_equal(expire(s, NOW + 46 * DAY + 1, 9), 1);
    assert_int_equal(state_of(s, 1), DELIVERY_DEAD);
}

static void orphans_do_not_expire(void **state)
{
    struct shop *s = *state;
    int64_t id;
    put(s, "n-1", "o", NOW);
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"erp"}, 1, &id));
    assert_int_not_equal(id, s->webhook);
    assert_int_equal(state_of(s, 1), DELIVERY_ORPHANED);
    assert_int_equal(expire(s, NOW + 30 * DAY, 9), 0);
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"wms"}, 1, &id));
    assert_int_equal(id, s->webhook);
    assert_int_equal(state_of(s, 1), DELIVERY_READY);
}

/* Sends what is due and answers 2xx. Returns the resend count of the last one. */
static unsigned deliver(struct shop *s, size_t expected)
{
    struct claim claims[4];
    unsigned resend = 0;
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW + DAY, claims, 4), expected);
    for (size_t i = 0; i < expected; i++) {
        resend = claims[i].resend;
        fixture_settle(s->store, &claims[i], DELIVERY_DELIVERED, 0, NOW + DAY);
        claim_clear(&claims[i]);
    }
    return resend;
}

static void what_was_delivered_goes_once_more(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", "o", NOW);
    put(s, "n-2", "o", NOW + 1);
    assert_int_equal(refused(s, OPERATE_RESEND, 1), STORE_UNFIT);
    assert_int_equal(deliver(s, 1), 0);
    IN(s->store, store_operate(s->store, OPERATE_RESEND, 1, NOW)); /* older than what waits */
    assert_int_equal(state_of(s, 1), DELIVERY_READY);
    assert_int_equal(state_of(s, 2), DELIVERY_BEHIND);
    assert_int_equal(deliver(s, 1), 1);
    assert_int_equal(deliver(s, 1), 0);
    IN(s->store, store_operate(s->store, OPERATE_RESEND, 1, NOW));
    assert_int_equal(deliver(s, 1), 2);
    assert_int_equal(state_of(s, 1), DELIVERY_DELIVERED);
}

static void without_its_body_nothing_is_resent(void **state)
{
    struct shop *s = *state;
    size_t count = 0;
    put(s, "n-1", "o", NOW);
    deliver(s, 1);
    IN(s->store, store_prune_bodies(s->store, UINT64_MAX, 9, &count));
    assert_int_equal(count, 1);
    assert_int_equal(refused(s, OPERATE_RESEND, 1), STORE_UNFIT);
    assert_int_equal(state_of(s, 1), DELIVERY_DELIVERED);
}

static int not_adopted(struct shop *s, int64_t delivery, int64_t webhook)
{
    return REFUSED(s->store, store_adopt(s->store, delivery, webhook, WEBHOOK_STANDARD, NOW));
}

static void orphans_find_another_webhook(void **state)
{
    struct shop *s = *state;
    int64_t erp;
    uint64_t waiting = 0;
    put(s, "n-1", "o", NOW);
    put(s, "n-2", "o", NOW + 1);
    put(s, "n-3", "p", NOW);
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 3, NOW));
    assert_int_equal(not_adopted(s, 1, s->webhook), STORE_UNFIT); /* no orphan yet */
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"erp"}, 1, &erp));
    assert_int_equal(not_adopted(s, 1, 99), STORE_UNFIT);
    assert_int_equal(not_adopted(s, 99, erp), STORE_NOT_FOUND);
    IN(s->store,
       store_adopt(s->store, 2, erp, WEBHOOK_STANDARD, NOW)); /* from behind; its head stays */
    assert_int_equal(state_of(s, 1), DELIVERY_ORPHANED);
    assert_int_equal(state_of(s, 2), DELIVERY_READY);
    IN(s->store, store_adopt(s->store, 1, erp, WEBHOOK_STANDARD, NOW));
    IN(s->store, store_adopt(s->store, 3, erp, WEBHOOK_STANDARD, NOW));
    assert_int_equal(state_of(s, 1), DELIVERY_READY);
    assert_int_equal(state_of(s, 2), DELIVERY_BEHIND);
    assert_int_equal(state_of(s, 3), DELIVERY_READY);
    assert_int_equal(not_adopted(s, 1, erp), STORE_UNFIT);
    assert_int_equal(store_waiting(s->store, &waiting), 0);
    assert_int_equal(waiting, 3);
    s->webhook = erp;
    deliver(s, 2);
    deliver(s, 1);
    assert_int_equal(state_of(s, 2), DELIVERY_DELIVERED);
}

/* Expiry goes through a long line in steps, and what is in flight is left to its settle. */
static void a_long_line_expires_in_steps(void **state)
{
    enum { MANY = 4500 };
    struct shop *s = *state;
    struct claim claim;
    size_t all = 0;
    assert_int_equal(store_begin(s->store), 0);
    for (int i = 0; i < MANY; i++) {
        char id[16];
        struct accept_target target;
        snprintf(id, sizeof(id), "n-%d", i);
        struct sample sample = {id, NULL, .webhook = s->webhook};
        struct accept accept = fixture_accept(&sample, &target, i < 4000 ? NOW + 5 * DAY : NOW);
        assert_int_equal(store_accept(s->store, &accept, accept.received_usec), 0);
    }
    assert_int_equal(store_commit(s->store), 0);
    fixture_claim(s->store, s->webhook, NOW + DAY, &claim, 1);
    for (int i = 0; i < 8; i++)
        all += expire(s, NOW + 8 * DAY, 100);
    assert_int_equal(all, 499); /* the 500 old ones at the end, less the one in flight */
    assert_int_equal(state_of(s, claim.delivery), DELIVERY_INFLIGHT);
    claim_clear(&claim);
}

/* A step that ended in the middle of the line does not keep its head from the next one. */
static void the_oldest_are_looked_at_every_time(void **state)
{
    enum { MANY = 3000 };
    struct shop *s = *state;
    assert_int_equal(store_begin(s->store), 0);
    for (int i = 0; i < MANY; i++) {
        char id[16];
        struct accept_target target;
        snprintf(id, sizeof(id), "n-%d", i);
        struct sample sample = {id, NULL, .webhook = s->webhook};
        struct accept accept = fixture_accept(&sample, &target, NOW);
        assert_int_equal(store_accept(s->store, &accept, accept.received_usec), 0);
    }
    assert_int_equal(store_commit(s->store), 0);
    assert_int_equal(expire(s, NOW + DAY, 5), 0);
    assert_int_equal(expire(s, NOW + 8 * DAY, 5), 5);
    assert_int_equal(state_of(s, 1), DELIVERY_DEAD);
    assert_int_equal(state_of(s, 5), DELIVERY_DEAD);
    assert_int_equal(state_of(s, 6), DELIVERY_READY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_held_head_lets_the_next_pass),      IN_SHOP(what_is_dropped_is_done),
        IN_SHOP(what_is_in_flight_is_left_alone),     IN_SHOP(a_retry_gives_a_fresh_budget),
        IN_SHOP(a_dead_letter_can_be_dropped),        IN_SHOP(what_nobody_takes_cannot_be_released),
        IN_SHOP(what_waits_too_long_expires),         IN_SHOP(no_clock_runs_while_held),
        IN_SHOP(no_clock_runs_while_paused),          IN_SHOP(orphans_do_not_expire),
        IN_SHOP(what_was_delivered_goes_once_more),   IN_SHOP(without_its_body_nothing_is_resent),
        IN_SHOP(orphans_find_another_webhook),        IN_SHOP(a_long_line_expires_in_steps),
        IN_SHOP(the_oldest_are_looked_at_every_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
