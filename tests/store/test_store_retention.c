/* SPDX-License-Identifier: MIT */
/* The end of what is dead or held: by the time since when it is so, oldest first, orphans never. */
#include "fixture.h"

#include "store/retention.h"

#define DAY USEC_PER_DAY

static void put(struct shop *s, const char *id, uint64_t now)
{
    fixture_store(s->store, &(struct sample){id, NULL, .webhook = s->webhook}, now);
}

static void put_dead(struct shop *s, const char *id, uint64_t now)
{
    fixture_store(s->store,
                  &(struct sample){id, NULL, .webhook = s->webhook, .state = DELIVERY_DEAD,
                                   .cause = DEAD_REFUSED},
                  now);
}

static void put_held(struct shop *s, const char *id, uint64_t now)
{
    fixture_store(s->store,
                  &(struct sample){id, NULL, .webhook = s->webhook, .state = DELIVERY_HELD}, now);
}

static struct store_aside find(struct shop *s, int64_t webhook, enum delivery_state state,
                               uint64_t before)
{
    struct store_aside ret;
    IN(s->store, store_find_aside(s->store, webhook, state, before, &ret));
    return ret;
}

static struct removed last;
static unsigned heard;

static void hear(const struct removed *removed, void *userdata)
{
    assert_ptr_equal(userdata, &last);
    assert_string_equal(removed->seller, "acme");
    last = *removed;
    last.webhook = last.seller = last.id = last.order_id = NULL;
    heard++;
}

static size_t drop(struct shop *s, enum delivery_state state, uint64_t before, size_t limit)
{
    size_t count;
    heard = 0;
    IN(s->store, store_remove_aside(s->store, state, before, limit, hear, &last, &count));
    assert_int_equal(heard, count);
    return count;
}

static uint64_t counter(struct shop *s, const char *name)
{
    uint64_t value;
    IN(s->store, store_counter(s->store, name, &value));
    return value;
}

static bool body;

static void see(const struct delivery_details *details, void *userdata)
{
    (void)userdata;
    body = details->body != NULL;
}

static void ignore(const struct attempt_row *row, void *userdata)
{
    (void)row;
    (void)userdata;
}

static bool has_body(struct shop *s, int64_t delivery)
{
    IN(s->store, store_show(s->store, delivery, see, ignore, NULL));
    return body;
}

static void what_is_dead_goes_by_the_time_of_its_death(void **state)
{
    struct shop *s = *state;
    put_dead(s, "n-1", NOW + 2 * DAY);
    put_dead(s, "n-2", NOW + DAY);
    put(s, "n-3", NOW);
    struct store_aside found = find(s, s->webhook, DELIVERY_DEAD, NOW + 9 * DAY);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.delivery, 2);
    assert_int_equal(found.notification, 2);
    assert_true(found.since_usec == NOW + DAY);
    assert_int_equal(find(s, s->webhook, DELIVERY_DEAD, NOW + DAY).count, 0);
    assert_int_equal(find(s, s->webhook, DELIVERY_HELD, NOW + 9 * DAY).count, 0);
    assert_int_equal(drop(s, DELIVERY_DEAD, NOW + DAY, 9), 0);
    assert_int_equal(drop(s, DELIVERY_DEAD, NOW + DAY + 1, 9), 1);
    assert_int_equal(last.delivery, 2);
    assert_false(has_body(s, 2));
    assert_true(has_body(s, 1));
    struct list_row row = fixture_row(s->store, 2);
    assert_int_equal(row.state, DELIVERY_DROPPED);
    assert_true(row.done_usec == NOW + DAY);
    assert_int_equal(fixture_row(s->store, 3).state, DELIVERY_READY);
    assert_int_equal(counter(s, "removed_dead"), 1);
    assert_int_equal(counter(s, "removed_held"), 0);
}

static void what_is_held_goes_by_the_time_since_when_it_is(void **state)
{
    struct shop *s = *state;
    put(s, "n-1", NOW);
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 1, NOW + 5 * DAY));
    put_held(s, "n-2", NOW + DAY);
    assert_true(fixture_row(s->store, 1).done_usec == 0);
    assert_true(find(s, s->webhook, DELIVERY_HELD, NOW + 9 * DAY).since_usec == NOW + DAY);
    assert_int_equal(drop(s, DELIVERY_HELD, NOW + 5 * DAY, 9), 1);
    assert_int_equal(last.delivery, 2);
    /* Released and held once more, its time begins again. */
    IN(s->store, store_operate(s->store, OPERATE_RELEASE, 1, NOW + 6 * DAY));
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 1, NOW + 7 * DAY));
    assert_int_equal(drop(s, DELIVERY_HELD, NOW + 7 * DAY, 9), 0);
    assert_int_equal(drop(s, DELIVERY_HELD, NOW + 7 * DAY + 1, 9), 1);
    assert_int_equal(counter(s, "removed_held"), 2);
}

static void so_many_go_in_a_step(void **state)
{
    struct shop *s = *state;
    for (int i = 0; i < 7; i++) {
        char id[16];
        snprintf(id, sizeof(id), "n-%d", i);
        put_dead(s, id, NOW + (uint64_t)i);
    }
    assert_int_equal(drop(s, DELIVERY_DEAD, NOW + DAY, 3), 3);
    assert_int_equal(last.delivery, 3);
    assert_int_equal(drop(s, DELIVERY_DEAD, NOW + DAY, 3), 3);
    assert_int_equal(drop(s, DELIVERY_DEAD, NOW + DAY, 3), 1);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_DROPPED), 7);
}

static void a_body_that_another_webhook_needs_stays(void **state)
{
    struct shop *s = *state;
    int64_t ids[2];
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"wms", "erp"}, 2, ids));
    struct accept_target targets[2];
    struct sample sample = {"n-1", NULL, .webhook = ids[0], .state = DELIVERY_DEAD,
                            .cause = DEAD_REFUSED};
    struct accept accept = fixture_accept(&sample, &targets[0], NOW);
    targets[1] = (struct accept_target){.webhook = ids[1], .state = DELIVERY_HELD};
    accept.n_targets = 2;
    IN(s->store, store_accept(s->store, &accept, NOW));
    assert_int_equal(drop(s, DELIVERY_DEAD, NOW + DAY, 9), 1);
    assert_true(has_body(s, 2));
    assert_int_equal(drop(s, DELIVERY_HELD, NOW + DAY, 9), 1);
    assert_false(has_body(s, 2));
}

static void orphans_stay_but_their_dead_letters_go(void **state)
{
    struct shop *s = *state;
    int64_t id;
    put_dead(s, "n-1", NOW);
    put_held(s, "n-2", NOW);
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"erp"}, 1, &id));
    assert_int_equal(find(s, 0, DELIVERY_HELD, NOW + DAY).count, 0);
    assert_int_equal(find(s, 0, DELIVERY_DEAD, NOW + DAY).count, 1);
    assert_int_equal(drop(s, DELIVERY_HELD, NOW + DAY, 9), 0);
    assert_int_equal(drop(s, DELIVERY_DEAD, NOW + DAY, 9), 1);
    assert_int_equal(fixture_row(s->store, 2).state, DELIVERY_ORPHANED);
}

static void unreadable_ones_belong_to_no_webhook(void **state)
{
    struct shop *s = *state;
    char *queue = NULL;
    fixture_store(s->store,
                  &(struct sample){"sqs-1", NULL, .state = DELIVERY_DEAD, .unreadable = true,
                                   .cause = DEAD_UNREADABLE},
                  NOW);
    struct store_aside found = find(s, 0, DELIVERY_DEAD, NOW + DAY);
    assert_int_equal(found.count, 1);
    IN(s->store, store_queue_of(s->store, found.notification, &queue));
    assert_string_equal(queue, "orders-eu");
    free(queue);
    assert_int_equal(drop(s, DELIVERY_DEAD, NOW + DAY, 9), 1);
}

/* Those of unknown senders have a time of their own, keep_unknown. */
static void unknown_senders_are_left_alone(void **state)
{
    struct shop *s = *state;
    static const struct accept_limits limits = {10, 100000};
    struct accept_target target;
    struct sample sample = {"n-1", NULL, .webhook = s->webhook, .state = DELIVERY_HELD};
    struct accept accept = fixture_accept(&sample, &target, NOW);
    accept.sender = SENDER_FOREIGN;
    accept.limits = &limits;
    accept.seller = NULL;
    IN(s->store, store_accept(s->store, &accept, NOW));
    assert_int_equal(find(s, s->webhook, DELIVERY_HELD, NOW + DAY).count, 0);
    assert_int_equal(drop(s, DELIVERY_HELD, NOW + DAY, 9), 0);
}

/* An earlier layout did not know since when something is held: since it was received. */
static void after_an_upgrade_what_was_held_has_a_time(void **state)
{
    struct shop *s = *state;
    put_held(s, "n-1", NOW);
    put_dead(s, "n-2", NOW + DAY);
    shop_reopen(s, 5);
    assert_true(find(s, s->webhook, DELIVERY_HELD, NOW + DAY).since_usec == NOW);
    assert_true(find(s, s->webhook, DELIVERY_DEAD, NOW + 2 * DAY).since_usec == NOW + DAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(what_is_dead_goes_by_the_time_of_its_death),
        IN_SHOP(what_is_held_goes_by_the_time_since_when_it_is),
        IN_SHOP(so_many_go_in_a_step),
        IN_SHOP(a_body_that_another_webhook_needs_stays),
        IN_SHOP(orphans_stay_but_their_dead_letters_go),
        IN_SHOP(unreadable_ones_belong_to_no_webhook),
        IN_SHOP(unknown_senders_are_left_alone),
        IN_SHOP(after_an_upgrade_what_was_held_has_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
