/* SPDX-License-Identifier: MIT */
/* What an operator sends again over a time, as with queue resend --rate: each keeps its moment,
 * whatever ends the waits of other deliveries. */
#include "fixture.h"

static uint64_t now;

static void put(struct shop *s, const char *id, const char *order, bool is_state)
{
    fixture_store(s->store,
                  &(struct sample){id, order, .webhook = s->webhook, .is_state = is_state}, now++);
}

/* Sends the only one that is due; where it fails it is tried again in a second. */
static void send_one(struct shop *s, bool works)
{
    struct claim claim;
    now += 2 * USEC_PER_SEC;
    assert_int_equal(fixture_claim(s->store, s->webhook, now, &claim, 1), 1);
    struct settle settle = {.delivery = claim.delivery,
                            .attempt = claim.attempt,
                            .to = works ? DELIVERY_DELIVERED : DELIVERY_READY,
                            .next_usec = works ? 0 : now + USEC_PER_SEC,
                            .faults = !works};
    strcpy(settle.error_class, works ? "" : "timeout");
    IN(s->store, store_settle(s->store, &settle, now));
    claim_clear(&claim);
}

static uint64_t hour(int64_t delivery)
{
    return now + (uint64_t)delivery * USEC_PER_HOUR;
}

/* All that ends waits is done for the webhook: those of the first three are the operator's. */
static void assert_spread(struct shop *s, int64_t webhook)
{
    bool more;
    IN(s->store, store_hasten(s->store, webhook, store_delay_usec(s->store)));
    IN(s->store, store_hurry(s->store, webhook, &more));
    for (int64_t i = 1; i <= 3; i++) {
        uint64_t next = fixture_row(s->store, i).next_usec;
        assert_true(next > hour(i) - USEC_PER_MIN && next < hour(i) + USEC_PER_MIN);
    }
}

/* One that was delivered at once, one after a failure, and one that failed and was
 * superseded then. */
static void what_is_resent_keeps_its_time(void **state)
{
    struct shop *s = *state;
    now = clock_trusted_usec();
    put(s, "n-1", "o", false);
    send_one(s, true);
    put(s, "n-2", "p", false);
    send_one(s, false);
    send_one(s, true);
    IN(s->store, store_set_coalesce(s->store, s->webhook, true));
    put(s, "n-3", "q", true);
    send_one(s, false);
    put(s, "n-4", "q", true);
    send_one(s, true);
    assert_int_equal(fixture_row(s->store, 3).state, DELIVERY_SUPERSEDED);
    IN(s->store, store_set_coalesce(s->store, s->webhook, false));
    for (int64_t i = 1; i <= 3; i++)
        IN(s->store, store_operate(s->store, OPERATE_RESEND, i, hour(i)));
    assert_spread(s, s->webhook);
}

static void what_another_webhook_gets_keeps_its_time(void **state)
{
    struct shop *s = *state;
    int64_t erp;
    now = clock_trusted_usec();
    put(s, "n-1", "o", false);
    send_one(s, false);
    put(s, "n-2", "p", false);
    put(s, "n-3", "q", false);
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"erp"}, 1, &erp));
    for (int64_t i = 1; i <= 3; i++)
        IN(s->store, store_adopt(s->store, i, erp, WEBHOOK_STANDARD, hour(i)));
    assert_spread(s, erp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(what_is_resent_keeps_its_time),
        IN_SHOP(what_another_webhook_gets_keeps_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
