/* SPDX-License-Identifier: MIT */
/* Notifications from unknown senders: their keys, their limits, and how they become ours. */
#include "base/text.h"
#include "fixture.h"
#include "store/subscriptions.h"
#include "store/unknown.h"

/* "{\"a\":1}" and the prefix that the fixture gives it, three times over, and not a byte more. */
#define ROOM_OF_THREE 3

static const struct accept_limits wide = {1000, 1 << 20};

static uint64_t counter(struct store *store, const char *name)
{
    uint64_t value;
    IN(store, store_counter(store, name, &value));
    return value;
}

struct stranger {
    const char *id, *seller_id, *payload; /* seller_id NULL: none */
    const struct accept_limits *limits;
    bool may_leave, unreadable;
};

static struct accept accept_of(struct shop *s, const struct stranger *x,
                               struct accept_target *target)
{
    struct sample sample = {
        .id = x->id,
        .order = "o",
        .payload = x->payload,
        .webhook = x->unreadable ? 0 : s->webhook,
        .state = x->unreadable ? DELIVERY_DEAD : DELIVERY_HELD,
        .cause = x->unreadable ? DEAD_UNREADABLE : DEAD_NOT,
        .reason = "unknown seller",
        .unreadable = x->unreadable,
    };
    struct accept accept = fixture_accept(&sample, target, NOW);
    accept.seller = NULL;
    accept.seller_id = x->seller_id;
    accept.sender = x->seller_id ? SENDER_FOREIGN : SENDER_NAMELESS;
    accept.limits = x->limits ? x->limits : &wide;
    accept.may_leave = x->may_leave;
    return accept;
}

static enum accept_result bring(struct shop *s, struct stranger x)
{
    struct accept_target target;
    struct accept accept = accept_of(s, &x, &target);
    IN(s->store, store_accept(s->store, &accept, NOW));
    return accept.result;
}
#define BRING(id_, seller_, ...)                                                                   \
    bring(s, (struct stranger){.id = (id_), .seller_id = (seller_), ##__VA_ARGS__})

static enum accept_result bring_ours(struct shop *s, const char *id, const char *payload)
{
    return fixture_store(s->store,
                         &(struct sample){id, "o", .webhook = s->webhook, .payload = payload}, NOW);
}

static uint64_t kept(struct shop *s, uint64_t *ret_bytes)
{
    uint64_t count, bytes;
    IN(s->store, store_unknown(s->store, &count, &bytes));
    if (ret_bytes)
        *ret_bytes = bytes;
    return count;
}

static void a_stranger_takes_no_id_of_ours(void **state)
{
    struct shop *s = *state;
    assert_int_equal(BRING("n-1", "STRANGER", .payload = "{\"b\":2}"), ACCEPTED_NEW);
    assert_int_equal(BRING("n-1", NULL, .payload = "{\"b\":3}"), ACCEPTED_NEW);
    assert_int_equal(bring_ours(s, "n-1", NULL), ACCEPTED_NEW);
    assert_int_equal(BRING("n-1", "OTHER", .payload = "{\"b\":4}"), ACCEPTED_NEW);
    assert_int_equal(bring_ours(s, "n-1", NULL), ACCEPTED_COPY);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_READY), 1);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_HELD), 3);
    shop_reopen(s, 0);
    assert_int_equal(BRING("n-1", "STRANGER", .payload = "{\"b\":2}"), ACCEPTED_COPY);
    assert_int_equal(bring_ours(s, "n-1", NULL), ACCEPTED_COPY);
    assert_int_equal(kept(s, NULL), 3);
}

static void beyond_the_number_they_are_counted_or_left(void **state)
{
    struct shop *s = *state;
    const struct accept_limits two = {2, 1 << 20};
    assert_int_equal(BRING("n-1", "X", .limits = &two), ACCEPTED_NEW);
    assert_int_equal(BRING("n-2", NULL, .limits = &two), ACCEPTED_NEW);
    assert_int_equal(BRING("n-3", "X", .limits = &two, .may_leave = true), ACCEPTED_OVER_LIMIT);
    assert_int_equal(BRING("n-4", NULL, .limits = &two, .may_leave = true), ACCEPTED_LEFT);
    assert_int_equal(BRING("n-4", NULL, .limits = &two), ACCEPTED_OVER_LIMIT);
    assert_int_equal(BRING("n-1", "X", .limits = &two), ACCEPTED_COPY);
    assert_int_equal(BRING("n-1", "X", .payload = "{\"c\":3}", .limits = &two),
                     ACCEPTED_OVER_LIMIT);
    assert_int_equal(BRING("sqs-1", NULL, .limits = &two, .unreadable = true), ACCEPTED_OVER_LIMIT);
    assert_int_equal(bring_ours(s, "n-5", NULL), ACCEPTED_NEW);
    assert_int_equal(counter(s->store, "received"), 8);
    assert_int_equal(counter(s->store, "over_limit"), 4);
    assert_int_equal(counter(s->store, "accepted"), 3);
    assert_int_equal(kept(s, NULL), 2);
}

static void beyond_the_size_they_are_counted(void **state)
{
    struct shop *s = *state;
    uint64_t bytes;
    assert_int_equal(BRING("n-0", "X"), ACCEPTED_NEW);
    assert_int_equal(kept(s, &bytes), 1);
    const struct accept_limits size = {1000, ROOM_OF_THREE * bytes};
    assert_int_equal(BRING("n-1", "X", .limits = &size), ACCEPTED_NEW);
    assert_int_equal(BRING("n-2", "X", .limits = &size), ACCEPTED_NEW);
    assert_int_equal(BRING("n-3", "X", .limits = &size), ACCEPTED_OVER_LIMIT);
    shop_reopen(s, 0);
    assert_int_equal(BRING("n-3", "X", .limits = &size), ACCEPTED_OVER_LIMIT);
    assert_int_equal(kept(s, &bytes), ROOM_OF_THREE);
}

static void they_are_no_backlog(void **state)
{
    struct shop *s = *state;
    uint64_t waiting;
    BRING("n-1", "X");
    BRING("sqs-2", NULL, .unreadable = true);
    bring_ours(s, "n-3", NULL);
    bring_ours(s, "n-3", "{\"b\":2}"); /* a conflict: a dead letter of ours */
    IN(s->store, store_backlog(s->store, &waiting));
    assert_int_equal(waiting, 2);
}

static void dropped_ones_free_their_room(void **state)
{
    struct shop *s = *state;
    size_t deleted;
    BRING("n-1", "X");
    BRING("n-2", "X");
    IN(s->store, store_operate(s->store, OPERATE_DROP, 1, NOW));
    IN(s->store, store_prune_unknown(s->store, 0, 10, &deleted));
    assert_int_equal(deleted, 0);
    assert_int_equal(kept(s, NULL), 1);
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_DROPPED);
}

static void old_ones_go(void **state)
{
    struct shop *s = *state;
    size_t deleted;
    uint64_t bytes;
    BRING("n-1", "X");
    BRING("sqs-2", NULL, .unreadable = true); /* a dead letter stays until keep_dead ends */
    IN(s->store, store_prune_unknown(s->store, NOW, 10, &deleted));
    assert_int_equal(deleted, 0);
    IN(s->store, store_prune_unknown(s->store, NOW + 1, 10, &deleted));
    assert_int_equal(deleted, 1);
    assert_int_equal(kept(s, &bytes), 1);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_HELD), 0);
    assert_int_equal(BRING("n-1", "X"), ACCEPTED_NEW);
}

/* The one that is held, as the daemon takes it again. */
static enum accept_result take_over(struct shop *s, const char *id, const char *payload)
{
    struct unknown_row row;
    struct accept_target target;
    IN(s->store, store_next_unknown(s->store, 0, &row));
    struct sample sample = {id, "o", .webhook = s->webhook, .payload = payload};
    struct accept accept = fixture_accept(&sample, &target, NOW);
    accept.replaces = row.notification;
    unknown_row_clear(&row);
    IN(s->store, store_accept(s->store, &accept, NOW));
    return accept.result;
}

static void a_held_one_becomes_ours(void **state)
{
    struct shop *s = *state;
    BRING("n-1", "X");
    assert_int_equal(take_over(s, "n-1", NULL), ACCEPTED_NEW);
    assert_int_equal(kept(s, NULL), 0);
    assert_int_equal(fixture_row(s->store, 2).state, DELIVERY_READY);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_HELD), 0);
    assert_int_equal(bring_ours(s, "n-1", NULL), ACCEPTED_COPY);
    assert_int_equal(counter(s->store, "received"), 2);
    assert_int_equal(counter(s->store, "accepted"), 1);
}

static void a_held_one_is_a_copy_if_its_id_is_taken(void **state)
{
    struct shop *s = *state;
    BRING("n-1", "X");
    bring_ours(s, "n-1", NULL);
    assert_int_equal(take_over(s, "n-1", NULL), ACCEPTED_COPY);
    assert_int_equal(kept(s, NULL), 0);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_READY), 1);
    assert_int_equal(counter(s->store, "received"), 2);
    assert_int_equal(counter(s->store, "duplicates"), 1);
}

static void what_an_operator_decided_is_not_taken_over(void **state)
{
    struct shop *s = *state;
    struct unknown_row row;
    struct accept_target target;
    BRING("n-1", "X");
    IN(s->store, store_operate(s->store, OPERATE_DROP, 1, NOW));
    assert_int_equal(REFUSED(s->store, store_next_unknown(s->store, 0, &row)), STORE_NOT_FOUND);
    struct sample sample = {"n-1", "o", .webhook = s->webhook};
    struct accept accept = fixture_accept(&sample, &target, NOW);
    accept.replaces = 1;
    IN(s->store, store_accept(s->store, &accept, NOW));
    assert_int_equal(fixture_row(s->store, 1).state, DELIVERY_DROPPED);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_READY), 0);
}

static int is_ours_after_all(struct accept *accept)
{
    accept->sender = SENDER_OURS;
    accept->limits = NULL;
    return 0;
}

static void a_nameless_one_is_looked_at_again(void **state)
{
    struct shop *s = *state;
    struct accept_target target;
    struct accept accept = accept_of(s, &(struct stranger){.id = "n-1"}, &target);
    accept.look_again = is_ours_after_all;
    IN(s->store, store_accept(s->store, &accept, NOW));
    assert_int_equal(kept(s, NULL), 0);
    assert_int_equal(bring_ours(s, "n-1", NULL), ACCEPTED_COPY);
}

static void a_rollback_takes_its_room_back(void **state)
{
    struct shop *s = *state;
    struct accept_target target;
    struct accept accept = accept_of(s, &(struct stranger){.id = "n-1", .seller_id = "X"}, &target);
    BRING("n-0", "X");
    assert_int_equal(REFUSED(s->store, store_accept(s->store, &accept, NOW)), 0);
    assert_int_equal(kept(s, NULL), 1);
}

/* Layout 3 had the plain key for them, and subscriptions among the facts. */
static void a_store_of_layout_3_is_taken_over(void **state)
{
    struct shop *s = *state;
    char *seller = NULL;
    struct sample held = {"n-1",
                          "o",
                          .webhook = s->webhook,
                          .state = DELIVERY_HELD,
                          .reason = "unknown seller",
                          .payload = "{\"b\":2}"};
    struct accept_target target;
    struct accept accept = fixture_accept(&held, &target, NOW);
    accept.seller = NULL;
    accept.seller_id = "X";
    IN(s->store, store_accept(s->store, &accept, NOW));
    fixture_store(s->store,
                  &(struct sample){"sqs-2", .state = DELIVERY_DEAD, .unreadable = true,
                                   .cause = DEAD_UNREADABLE, .reason = "?"},
                  NOW);
    bring_ours(s, "n-3", NULL);
    IN(s->store, store_put_subscription(s->store, "sub-1", "acme", "ORDER_CHANGE"));
    shop_reopen(s, 3);
    assert_int_equal(kept(s, NULL), 1);
    assert_int_equal(BRING("n-1", "X", .payload = "{\"b\":2}"), ACCEPTED_COPY);
    assert_int_equal(bring_ours(s, "n-1", NULL), ACCEPTED_NEW);
    assert_int_equal(bring_ours(s, "n-3", NULL), ACCEPTED_COPY);
    IN(s->store, store_find_subscription(s->store, "sub-1", &seller));
    assert_string_equal(seller, "acme");
    free(seller);
}

static void note(const struct store_subscription *subscription, void *userdata)
{
    AUTOFREE char *line =
        memory_format("%s %s %s %llu\n", subscription->id, subscription->seller, subscription->type,
                      (unsigned long long)subscription->gone_usec);
    text_append_string(userdata, line);
}

static void note_id(const char *id, void *userdata)
{
    text_append_string(userdata, id);
}

static void subscriptions_are_known_until_they_are_pruned(void **state)
{
    struct shop *s = *state;
    AUTOTEXT struct text all = {0}, pruned = {0};
    IN(s->store, store_put_subscription(s->store, "a", "acme", "T"));
    IN(s->store, store_put_subscription(s->store, "b", "acme", "T"));
    IN(s->store, store_put_subscription(s->store, "c", "acme", "U"));
    IN(s->store, store_put_subscription(s->store, "d", "other", "T"));
    IN(s->store, store_end_other_subscriptions(s->store, "b", "acme", "T", 5));
    IN(s->store, store_end_subscription(s->store, "d", 7));
    IN(s->store, store_prune_subscriptions(s->store, 5, note_id, &pruned));
    assert_int_equal(pruned.size, 0);
    IN(s->store, store_each_subscription(s->store, note, &all));
    assert_string_equal(all.data, "a acme T 5\nb acme T 0\nc acme U 0\nd other T 7\n");
    IN(s->store, store_put_subscription(s->store, "d", "other", "T"));
    IN(s->store, store_prune_subscriptions(s->store, 8, note_id, &pruned));
    assert_string_equal(pruned.data, "a");
    text_reset(&all);
    IN(s->store, store_each_subscription(s->store, note, &all));
    assert_string_equal(all.data, "b acme T 0\nc acme U 0\nd other T 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_stranger_takes_no_id_of_ours),
        IN_SHOP(beyond_the_number_they_are_counted_or_left),
        IN_SHOP(beyond_the_size_they_are_counted),
        IN_SHOP(they_are_no_backlog),
        IN_SHOP(dropped_ones_free_their_room),
        IN_SHOP(old_ones_go),
        IN_SHOP(a_held_one_becomes_ours),
        IN_SHOP(a_held_one_is_a_copy_if_its_id_is_taken),
        IN_SHOP(what_an_operator_decided_is_not_taken_over),
        IN_SHOP(a_nameless_one_is_looked_at_again),
        IN_SHOP(a_rollback_takes_its_room_back),
        IN_SHOP(a_store_of_layout_3_is_taken_over),
        IN_SHOP(subscriptions_are_known_until_they_are_pruned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
