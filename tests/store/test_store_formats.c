/* SPDX-License-Identifier: MIT */
/* A delivery has the format that its webhook had when it was accepted, and the same bytes whenever
 * and from wherever they are made: from memory, from the file, after kill -9, after an upgrade. */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PREFIX "{\"type\":\"amazon.order_change\",\"timestamp\":\"2023-11-14T22:13:20.000Z\","
#define DATA   "\"data\":{\"id\":\"n-1\",\"notification\":"
#define BYTES  "{ \"a\":\t1.50 }"

static const char *const bodies[WEBHOOK_FORMATS] = {
    [WEBHOOK_STANDARD] = PREFIX DATA BYTES "}}",
    [WEBHOOK_RAW] = BYTES,
    [WEBHOOK_CLOUDEVENTS] =
        "{\"specversion\":\"1.0\",\"id\":\"n-1\","
        "\"source\":\"urn:amazon:sp-api:seller:A297A7DJHEYXBY\",\"type\":\"amazon.order_change\","
        "\"time\":\"2023-11-14T22:13:20.000Z\",\"subject\":\"306-1\","
        "\"datacontenttype\":\"application/json\"," DATA BYTES "}}",
};

/* The notification n-1; an id of its own (NULL: that one) makes it another one. */
static struct accept notification(const char *id)
{
    struct accept_target unused;
    struct sample sample = {id ? id : "n-1", id ? id : "306-1", .payload = BYTES};
    struct accept accept = fixture_accept(&sample, &unused, NOW);
    accept.prefix = PREFIX DATA;
    accept.prefix_size = strlen(PREFIX DATA);
    return accept;
}

static enum accept_result accept_as(struct shop *s, const char *id, enum webhook_format format)
{
    struct accept_target target = {
        .webhook = s->webhook, .state = DELIVERY_READY, .format = format};
    struct accept accept = notification(id);
    accept.targets = &target;
    IN(s->store, store_accept(s->store, &accept, NOW));
    return accept.result;
}

static void expect(const struct claim *claim, enum webhook_format format)
{
    assert_int_equal(claim->format, format);
    assert_int_equal(claim->body_size, strlen(bodies[format]));
    assert_string_equal(claim->body, bodies[format]);
    assert_string_equal(claim->order_id, "306-1");
    assert_string_equal(claim->seller, "acme");
}

/* Claims the only one that is due and leaves it in flight. */
static struct claim expect_claim(struct shop *s, enum webhook_format format)
{
    struct claim claim;
    assert_int_equal(fixture_claim(s->store, s->webhook, NOW, &claim, 1), 1);
    expect(&claim, format);
    claim_clear(&claim);
    return claim;
}

static void keep_details(const struct delivery_details *details, void *userdata)
{
    struct delivery_details *kept = userdata;
    kept->format = details->format;
    kept->body = memory_copy(details->body, details->body_size);
}

static void no_attempt(const struct attempt_row *row, void *userdata)
{
    (void)row;
    (void)userdata;
}

static void expect_shown(struct shop *s, int64_t delivery, enum webhook_format format)
{
    struct delivery_details details = {0};
    IN(s->store, store_show(s->store, delivery, keep_details, no_attempt, &details));
    assert_int_equal(details.format, format);
    assert_string_equal(details.body, bodies[format]);
    free(details.body);
}

static void each_format_is_the_same_from_memory_and_from_the_file(void **state)
{
    struct shop *s = *state;
    for (unsigned i = 0; i < WEBHOOK_FORMATS; i++) {
        enum webhook_format format = (enum webhook_format)i;
        struct accept_target target = {
            .webhook = s->webhook, .state = DELIVERY_READY, .format = format};
        struct accept accept = notification(NULL);
        struct claim_query query = {
            .webhook = s->webhook, .now_usec = NOW, .first = 1, .bytes = 1 << 20};
        struct claim claim;
        size_t count;
        accept.targets = &target;
        fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
        fixture_ok(s->store, store_accept(s->store, &accept, NOW), "accept", __LINE__);
        fixture_ok(s->store, store_claim(s->store, &query, &claim, &count), "claim", __LINE__);
        assert_int_equal(count, 1);
        expect(&claim, format);
        claim_clear(&claim);
        store_rollback(s->store); /* it never was; now once more by way of the file */
        assert_int_equal(accept_as(s, NULL, format), ACCEPTED_NEW);
        shop_reopen(s, 0);
        claim = expect_claim(s, format);
        expect_shown(s, claim.delivery, format);
        /* Whatever comes with that id later is a copy; each round has its own store. */
        shop_close(state);
        shop_open(state);
        s = *state;
    }
}

static void whoever_was_killed_sends_the_same(void **state)
{
    struct shop *s = *state;
    for (unsigned i = 0; i < WEBHOOK_FORMATS; i++) {
        enum webhook_format format = (enum webhook_format)i;
        size_t in_flight;
        int status;
        store_free(s->store); /* a database does not go through a fork */
        pid_t child = fork();
        if (child == 0) {
            s->store = fixture_open(s->directory);
            accept_as(s, NULL, format);
            (void)expect_claim(s, format);
            kill(getpid(), SIGKILL);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        s->store = fixture_open(s->directory);
        IN(s->store, store_recover(s->store, NOW, &in_flight));
        assert_int_equal(in_flight, 1);
        (void)expect_claim(s, format);
        shop_close(state);
        shop_open(state);
        s = *state;
    }
}

/* A retry, a revival by a copy that would now go in another format, a retry by hand, a resend. */
static void every_repetition_has_the_first_format(void **state)
{
    struct shop *s = *state;
    assert_int_equal(accept_as(s, NULL, WEBHOOK_CLOUDEVENTS), ACCEPTED_NEW);
    struct claim claim = expect_claim(s, WEBHOOK_CLOUDEVENTS);
    fixture_settle(s->store, &claim, DELIVERY_READY, NOW, NOW);
    claim = expect_claim(s, WEBHOOK_CLOUDEVENTS);
    fixture_settle(s->store, &claim, DELIVERY_DEAD, 0, NOW);
    assert_int_equal(accept_as(s, NULL, WEBHOOK_RAW), ACCEPTED_REVIVED);
    claim = expect_claim(s, WEBHOOK_CLOUDEVENTS);
    fixture_settle(s->store, &claim, DELIVERY_DEAD, 0, NOW);
    IN(s->store, store_operate(s->store, OPERATE_RETRY, claim.delivery, NOW));
    IN(s->store, store_operate(s->store, OPERATE_HOLD, claim.delivery, NOW));
    IN(s->store, store_operate(s->store, OPERATE_RELEASE, claim.delivery, NOW));
    claim = expect_claim(s, WEBHOOK_CLOUDEVENTS);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    IN(s->store, store_operate(s->store, OPERATE_RESEND, claim.delivery, NOW));
    claim = expect_claim(s, WEBHOOK_CLOUDEVENTS);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    expect_shown(s, claim.delivery, WEBHOOK_CLOUDEVENTS);
}

static void one_notification_goes_out_in_several_formats(void **state)
{
    struct shop *s = *state;
    int64_t ids[WEBHOOK_FORMATS];
    struct accept_target targets[WEBHOOK_FORMATS];
    struct accept accept = notification(NULL);
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"wms", "erp", "bus"}, 3, ids));
    for (unsigned i = 0; i < WEBHOOK_FORMATS; i++)
        targets[i] = (struct accept_target){
            .webhook = ids[i], .state = DELIVERY_READY, .format = (enum webhook_format)i};
    accept.targets = targets;
    accept.n_targets = WEBHOOK_FORMATS;
    IN(s->store, store_accept(s->store, &accept, NOW));
    shop_reopen(s, 0);
    for (unsigned i = 0; i < WEBHOOK_FORMATS; i++) {
        s->webhook = ids[i];
        (void)expect_claim(s, (enum webhook_format)i);
    }
}

/* Who takes over what waited for another gets it as it wants it. */
static void an_adopted_delivery_has_the_new_webhooks_format(void **state)
{
    struct shop *s = *state;
    accept_as(s, NULL, WEBHOOK_STANDARD);
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"erp"}, 1, &s->webhook));
    expect_shown(s, 1, WEBHOOK_STANDARD);
    IN(s->store, store_adopt(s->store, 1, s->webhook, WEBHOOK_CLOUDEVENTS, NOW));
    shop_reopen(s, 0);
    struct claim claim = expect_claim(s, WEBHOOK_CLOUDEVENTS);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    IN(s->store, store_operate(s->store, OPERATE_RESEND, 1, NOW));
    (void)expect_claim(s, WEBHOOK_CLOUDEVENTS);
}

/* Versions before had one format. */
static void what_an_older_version_accepted_stays_standard(void **state)
{
    struct shop *s = *state;
    assert_int_equal(accept_as(s, NULL, WEBHOOK_STANDARD), ACCEPTED_NEW);
    struct claim claim = expect_claim(s, WEBHOOK_STANDARD);
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    accept_as(s, "n-2", WEBHOOK_STANDARD);
    shop_reopen(s, 2);
    expect_shown(s, 1, WEBHOOK_STANDARD);
    IN(s->store, store_operate(s->store, OPERATE_RESEND, 1, NOW));
    IN(s->store, store_operate(s->store, OPERATE_DROP, 2, NOW));
    (void)expect_claim(s, WEBHOOK_STANDARD);
    assert_int_equal(accept_as(s, NULL, WEBHOOK_RAW), ACCEPTED_COPY);
    assert_int_equal(accept_as(s, "n-3", WEBHOOK_RAW), ACCEPTED_NEW);
    expect_shown(s, 2, WEBHOOK_STANDARD);
    expect_shown(s, 3, WEBHOOK_RAW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(each_format_is_the_same_from_memory_and_from_the_file),
        IN_SHOP(whoever_was_killed_sends_the_same),
        IN_SHOP(every_repetition_has_the_first_format),
        IN_SHOP(one_notification_goes_out_in_several_formats),
        IN_SHOP(an_adopted_delivery_has_the_new_webhooks_format),
        IN_SHOP(what_an_older_version_accepted_stays_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
