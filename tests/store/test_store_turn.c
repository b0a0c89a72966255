/* SPDX-License-Identifier: MIT */
/* The group commit on a real event loop: what goes together, what waits, what a failure does. */
#include "fixture.h"

#include <errno.h>
#include <sqlite3.h>
#include <systemd/sd-event.h>

#include "inside.h"
#include "store/turn.h"

struct desk {
    struct shop shop;
    sd_event *event;
    struct turn *turn;
    int decisions, claims, commits, elsewhere, failures, last_failure;
    char why[256];
    int fact_writes;     /* how often the hook write_facts ran */
    int fail_claim;      /* what the claim hook returns */
    int fail_facts;      /* what the hook write_facts returns */
    bool claim_settles;  /* the claim hook queues an outcome */
    bool request_again;  /* `committed` asks for another turn, once */
    int done, last_done; /* accepts that are done */
    int busy;            /* how often the busy source ran */
    int locked;          /* how often the busy hook did */
};

/* Before the claims, in every transaction. */
static int on_decide(struct store *store, void *userdata)
{
    struct desk *desk = userdata;
    char count[16];
    snprintf(count, sizeof(count), "%d", ++desk->decisions);
    return store_set_fact(store, "a", "b", "decided", count);
}

static int on_claim(struct store *store, void *userdata)
{
    struct desk *desk = userdata;
    desk->claims++;
    assert_true(desk->decisions >= desk->claims);
    if (desk->claim_settles) {
        struct settle settle = {.delivery = 77, .attempt = 1, .answer = memory_string("late")};
        desk->claim_settles = false;
        turn_settle(desk->turn, &settle);
        assert_null(settle.answer);
    }
    return desk->fail_claim ? desk->fail_claim : store_set_fact(store, "a", "b", "c", "claimed");
}

static int on_write_facts(struct store *store, void *userdata)
{
    struct desk *desk = userdata;
    AUTOFREE char *claimed = NULL;
    desk->fact_writes++;
    assert_int_equal(store_get_fact(store, "a", "b", "c", &claimed), 0);
    assert_string_equal(claimed, "claimed");
    return desk->fail_facts;
}

static void on_committed(bool elsewhere, void *userdata)
{
    struct desk *desk = userdata;
    desk->commits++;
    desk->elsewhere += elsewhere;
    if (desk->request_again)
        turn_request(desk->turn);
    desk->request_again = false;
}

static void on_failed(int result, const char *why, void *userdata)
{
    struct desk *desk = userdata;
    desk->failures++;
    desk->last_failure = result;
    snprintf(desk->why, sizeof(desk->why), "%s", why);
}

static void on_locked(uint64_t for_usec, void *userdata)
{
    struct desk *desk = userdata;
    assert_true(desk->locked++ > 0 || for_usec == 0);
}

static void on_done(struct accept *accept, int result)
{
    struct desk *desk = accept->userdata;
    desk->done++;
    desk->last_done = result;
}

static int open_desk(void **state)
{
    struct desk *desk = NEW(struct desk);
    struct shop *shop = NULL;
    assert_int_equal(shop_open((void **)&shop), 0);
    desk->shop = *shop;
    free(shop);
    struct turn_hooks hooks = {on_decide, on_claim, on_write_facts, on_committed, on_failed,
                               on_locked, desk};
    assert_true(sd_event_new(&desk->event) >= 0);
    assert_int_equal(turn_new(&desk->turn, desk->event, desk->shop.store, &hooks), 0);
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    turn_free(desk->turn);
    sd_event_unref(desk->event);
    AUTOFREE char *path = memory_format("%s/%s", desk->shop.directory, STORE_FILE);
    store_free(desk->shop.store);
    fixture_check(path, NULL);
    fixture_remove(desk->shop.directory);
    free(desk);
    return 0;
}

/* Runs the loop until there is nothing to do at once. */
static void run_idle(struct desk *desk)
{
    while (sd_event_run(desk->event, 0) > 0)
        ;
}

/* Runs the loop until the condition holds; the loop's own timers bring it about. */
#define RUN_UNTIL(desk, condition)                                                                 \
    do {                                                                                           \
        while (!(condition))                                                                       \
            assert_true(sd_event_run((desk)->event, 10 * USEC_PER_SEC) > 0);                       \
    } while (0)

struct batch {
    struct desk *desk;
    int first, count;
    struct accept accepts[32];
    struct accept_target targets[32];
    char ids[32][16];
};

static void queue_accepts(struct batch *b)
{
    for (int i = 0; i < b->count; i++) {
        snprintf(b->ids[i], sizeof(b->ids[i]), "n-%d", b->first + i);
        struct sample sample = {b->ids[i], b->ids[i], .webhook = b->desk->shop.webhook};
        b->accepts[i] = fixture_accept(&sample, &b->targets[i], NOW);
        b->accepts[i].done = on_done;
        b->accepts[i].userdata = b->desk;
        turn_accept(b->desk->turn, &b->accepts[i]);
    }
}

static int on_defer(sd_event_source *source, void *userdata)
{
    (void)source;
    queue_accepts(userdata);
    return 0;
}

static int on_answers(sd_event_source *source, void *userdata)
{
    struct batch *batches = userdata;
    (void)source;
    for (int i = 0; i < 5; i++)
        queue_accepts(&batches[i]);
    return 0;
}

/* Ten messages that one dispatch brings (curl's is one for all its sockets) make one commit. */
static void what_one_dispatch_brings_is_one_commit(void **state)
{
    struct desk *desk = *state;
    struct batch batches[5];
    for (int i = 0; i < 5; i++)
        batches[i] = (struct batch){.desk = desk, .first = i * 10, .count = 2};
    assert_true(sd_event_add_defer(desk->event, NULL, on_answers, batches) >= 0);
    run_idle(desk);
    assert_int_equal(desk->done, 10);
    assert_int_equal(desk->last_done, 0);
    assert_int_equal(desk->commits, 1);
    assert_int_equal(desk->claims, 1);
    assert_int_equal(fixture_count(desk->shop.store, desk->shop.webhook, DELIVERY_READY), 10);
}

/* A source that is always ready and always first among its equals. */
static int on_busy(sd_event_source *source, void *userdata)
{
    struct desk *desk = userdata;
    assert_true(desk->busy++ < 10);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void a_busy_source_does_not_keep_the_commit_back(void **state)
{
    struct desk *desk = *state;
    struct batch batch = {.desk = desk, .count = 2};
    sd_event_source *busy = NULL;
    assert_true(sd_event_add_defer(desk->event, &busy, on_busy, desk) >= 0);
    queue_accepts(&batch);
    RUN_UNTIL(desk, desk->commits == 1);
    assert_int_equal(desk->done, 2);
    sd_event_source_disable_unref(busy);
}

static void a_quiet_loop_commits_nothing(void **state)
{
    struct desk *desk = *state;
    uint64_t before = turn_progress_usec(desk->turn);
    struct batch none = {.desk = desk, .count = 0};
    assert_true(sd_event_add_defer(desk->event, NULL, on_defer, &none) >= 0);
    run_idle(desk);
    assert_int_equal(desk->commits, 0);
    assert_true(turn_progress_usec(desk->turn) >= before);
    turn_request(desk->turn);
    run_idle(desk);
    assert_int_equal(desk->commits, 1);
    assert_int_equal(desk->claims, 1);
}

static void a_request_after_a_commit_gets_its_own(void **state)
{
    struct desk *desk = *state;
    desk->request_again = true;
    turn_request(desk->turn);
    run_idle(desk);
    assert_int_equal(desk->commits, 2);
}

/* Accepts and claims one, so that there is something to settle. */
static void take_one(struct desk *desk, struct claim *claim)
{
    fixture_store(desk->shop.store, &(struct sample){"n-0", "o", .webhook = desk->shop.webhook},
                  NOW);
    assert_int_equal(fixture_claim(desk->shop.store, desk->shop.webhook, NOW, claim, 1), 1);
}

static void queue_settle(struct desk *desk, const struct claim *claim)
{
    struct settle settle = {.delivery = claim->delivery,
                            .attempt = claim->attempt,
                            .to = DELIVERY_DELIVERED,
                            .answer = memory_string("ok"),
                            .answer_size = 2};
    turn_settle(desk->turn, &settle);
    assert_null(settle.answer);
}

static void a_settle_waits_for_company_but_not_long(void **state)
{
    struct desk *desk = *state;
    struct claim claim;
    take_one(desk, &claim);
    uint64_t before = clock_boot_usec();
    queue_settle(desk, &claim);
    assert_int_equal(turn_unsettled(desk->turn), 1);
    RUN_UNTIL(desk, desk->commits == 1);
    assert_true(clock_boot_usec() - before >= TURN_SETTLE_DELAY_USEC);
    assert_int_equal(turn_unsettled(desk->turn), 0);
    assert_int_equal(fixture_row(desk->shop.store, 1).state, DELIVERY_DELIVERED);
    claim_clear(&claim);
}

static void a_settle_joins_the_next_commit(void **state)
{
    struct desk *desk = *state;
    struct claim claim;
    take_one(desk, &claim);
    queue_settle(desk, &claim);
    turn_request(desk->turn);
    run_idle(desk);
    assert_int_equal(desk->commits, 1);
    assert_int_equal(turn_unsettled(desk->turn), 0);
    claim_clear(&claim);
}

static void a_group_of_settles_does_not_wait(void **state)
{
    struct desk *desk = *state;
    struct claim nobody = {.delivery = 77, .attempt = 1};
    for (int i = 0; i < TURN_SETTLE_GROUP; i++)
        queue_settle(desk, &nobody);
    run_idle(desk);
    assert_int_equal(desk->commits, 1);
}

static void accepts_gather_but_not_long(void **state)
{
    struct desk *desk = *state;
    struct batch batch = {.desk = desk, .first = 1, .count = 3};
    turn_gather(desk->turn, true);
    uint64_t before = clock_boot_usec();
    queue_accepts(&batch);
    RUN_UNTIL(desk, desk->commits == 1);
    assert_true(clock_boot_usec() - before >= TURN_SETTLE_DELAY_USEC);
    assert_int_equal(desk->done, 3);
    turn_gather(desk->turn, false);
    batch.first = 4;
    queue_accepts(&batch);
    run_idle(desk);
    assert_int_equal(desk->commits, 2);
    assert_int_equal(desk->done, 6);
}

static void who_asks_for_a_commit_takes_them_along(void **state)
{
    struct desk *desk = *state;
    struct batch batch = {.desk = desk, .first = 1, .count = 3};
    turn_gather(desk->turn, true);
    queue_accepts(&batch);
    turn_request(desk->turn);
    run_idle(desk);
    assert_int_equal(desk->commits, 1);
    assert_int_equal(desk->done, 3);
}

static void a_full_group_does_not_wait(void **state)
{
    struct desk *desk = *state;
    struct claim nobody = {.delivery = 77, .attempt = 1};
    struct batch batch = {.desk = desk, .first = 1, .count = 32};
    turn_gather(desk->turn, true);
    queue_accepts(&batch);
    for (int i = 32; i < TURN_GATHER_GROUP; i++)
        queue_settle(desk, &nobody);
    run_idle(desk);
    assert_int_equal(desk->commits, 1);
    assert_int_equal(desk->done, 32);
    assert_int_equal(turn_unsettled(desk->turn), 0);
}

static void what_the_claim_hook_settles_comes_next(void **state)
{
    struct desk *desk = *state;
    desk->claim_settles = true;
    turn_request(desk->turn);
    RUN_UNTIL(desk, desk->commits == 1);
    assert_int_equal(turn_unsettled(desk->turn), 1);
    RUN_UNTIL(desk, desk->commits == 2);
    assert_int_equal(turn_unsettled(desk->turn), 0);
}

static void a_failed_turn_is_rolled_back_whole(void **state)
{
    struct desk *desk = *state;
    struct claim claim;
    struct batch batch = {.desk = desk, .first = 1, .count = 3};
    take_one(desk, &claim);
    queue_settle(desk, &claim);
    desk->fail_claim = STORE_FULL;
    queue_accepts(&batch);
    run_idle(desk);
    assert_int_equal(desk->commits, 0);
    assert_int_equal(desk->failures, 1);
    assert_int_equal(desk->last_failure, STORE_FULL);
    assert_int_equal(desk->done, 3);
    assert_int_equal(desk->last_done, STORE_FULL);
    assert_int_equal(turn_unsettled(desk->turn), 1);
    assert_int_equal(fixture_row(desk->shop.store, 1).state, DELIVERY_INFLIGHT);
    assert_int_equal(fixture_count(desk->shop.store, desk->shop.webhook, DELIVERY_READY), 0);
    /* nothing is tried while it pauses */
    turn_request(desk->turn);
    run_idle(desk);
    assert_int_equal(desk->claims, 1);
    /* and then everything, without anybody asking */
    desk->fail_claim = 0;
    RUN_UNTIL(desk, desk->commits == 1);
    assert_int_equal(turn_unsettled(desk->turn), 0);
    assert_int_equal(fixture_row(desk->shop.store, 1).state, DELIVERY_DELIVERED);
    const struct turn_tally *tally = turn_tally(desk->turn);
    assert_int_equal(tally->full, 1);
    assert_int_equal(tally->failed + tally->busy, 0);
    assert_int_equal(tally->committed, desk->commits);
    assert_int_equal(tally->settles, 1);
    assert_int_equal(tally->accepts, 0);
    claim_clear(&claim);
}

static void facts_that_cannot_be_written_void_the_claims(void **state)
{
    struct desk *desk = *state;
    AUTOFREE char *claimed = NULL;
    desk->fail_facts = STORE_FULL;
    turn_request(desk->turn);
    run_idle(desk);
    assert_int_equal(desk->fact_writes, 1);
    assert_int_equal(desk->failures, 1);
    IN(desk->shop.store, store_get_fact(desk->shop.store, "a", "b", "c", &claimed));
    assert_null(claimed);
    desk->fail_facts = 0;
    RUN_UNTIL(desk, desk->commits == 1);
    assert_int_equal(desk->fact_writes, 2);
}

static void a_busy_store_is_tried_again_in_silence(void **state)
{
    struct desk *desk = *state;
    struct batch batch = {.desk = desk, .first = 1, .count = 2};
    struct store *command;
    struct error error;
    assert_int_equal(store_open(&command, desk->shop.directory, STORE_COMMAND, &error), 0);
    IN(command, store_set_fact(command, "x", "y", "z", "1"));
    assert_int_equal(store_begin(command), 0);
    queue_accepts(&batch);
    run_idle(desk);
    assert_int_equal(desk->done, 0);
    assert_int_equal(desk->failures, 0);
    assert_true(desk->locked > 0);
    batch.first = 11; /* more come while it is busy */
    struct batch more = {.desk = desk, .first = 11, .count = 2};
    queue_accepts(&more);
    store_rollback(command);
    RUN_UNTIL(desk, desk->done == 4);
    assert_int_equal(desk->last_done, 0);
    assert_int_equal(desk->commits, 1);
    assert_int_equal(desk->elsewhere, 1); /* the fact */
    store_free(command);
}

static void a_flush_writes_at_once(void **state)
{
    struct desk *desk = *state;
    struct claim claim;
    struct batch batch = {.desk = desk, .first = 1, .count = 3};
    assert_int_equal(turn_flush(desk->turn), 0);
    assert_int_equal(desk->commits, 0);
    take_one(desk, &claim);
    queue_settle(desk, &claim);
    queue_accepts(&batch);
    assert_int_equal(turn_flush(desk->turn), 0);
    assert_int_equal(desk->commits, 1);
    assert_int_equal(desk->claims, 0);
    assert_int_equal(desk->fact_writes, 0);
    assert_int_equal(desk->decisions, 1);
    assert_int_equal(desk->done, 3);
    assert_int_equal(fixture_row(desk->shop.store, 1).state, DELIVERY_DELIVERED);
    claim_clear(&claim);
}

/* A decision has been made, and there is nothing else to be written. */
static void a_flush_writes_what_was_asked_for(void **state)
{
    struct desk *desk = *state;
    AUTOFREE char *decided = NULL;
    turn_request(desk->turn);
    assert_int_equal(turn_flush(desk->turn), 0);
    assert_int_equal(desk->claims, 0);
    IN(desk->shop.store, store_get_fact(desk->shop.store, "a", "b", "decided", &decided));
    assert_string_equal(decided, "1");
    assert_int_equal(turn_flush(desk->turn), 0);
    assert_int_equal(desk->decisions, 1);
}

static void a_flush_of_a_busy_store_can_be_repeated(void **state)
{
    struct desk *desk = *state;
    struct store *command;
    struct error error;
    assert_int_equal(store_open(&command, desk->shop.directory, STORE_COMMAND, &error), 0);
    assert_int_equal(store_begin(command), 0);
    turn_request(desk->turn);
    assert_int_equal(turn_flush(desk->turn), STORE_BUSY);
    store_rollback(command);
    assert_int_equal(turn_flush(desk->turn), 0);
    assert_int_equal(desk->commits, 1);
    assert_int_equal(desk->failures, 0);
    store_free(command);
}

static void what_is_left_is_cancelled(void **state)
{
    struct desk *desk = *state;
    struct batch batch = {.desk = desk, .first = 1, .count = 3};
    struct claim nobody = {.delivery = 77, .attempt = 1};
    queue_accepts(&batch);
    queue_settle(desk, &nobody);
    turn_free(desk->turn);
    desk->turn = NULL;
    assert_int_equal(desk->done, 3);
    assert_int_equal(desk->last_done, -ECANCELED);
}

/* The log is emptied between transactions, before it reaches the length at which a commit would. */
static void the_log_stays_short(void **state)
{
    struct desk *desk = *state;
    int longest = 0;
    for (int i = 0; i < 150; i++) {
        struct batch batch = {.desk = desk, .first = i * 32, .count = 32};
        queue_accepts(&batch);
        run_idle(desk);
        if (longest < desk->shop.store->log_pages)
            longest = desk->shop.store->log_pages;
    }
    assert_int_equal(desk->done, 150 * 32);
    assert_in_range(longest, 100, STORE_CHECKPOINT_PAGES + 400);
}

#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_DESK(what_one_dispatch_brings_is_one_commit),
        AT_DESK(a_busy_source_does_not_keep_the_commit_back),
        AT_DESK(a_quiet_loop_commits_nothing),
        AT_DESK(a_request_after_a_commit_gets_its_own),
        AT_DESK(a_settle_waits_for_company_but_not_long),
        AT_DESK(a_settle_joins_the_next_commit),
        AT_DESK(a_group_of_settles_does_not_wait),
        AT_DESK(accepts_gather_but_not_long),
        AT_DESK(who_asks_for_a_commit_takes_them_along),
        AT_DESK(a_full_group_does_not_wait),
        AT_DESK(what_the_claim_hook_settles_comes_next),
        AT_DESK(a_failed_turn_is_rolled_back_whole),
        AT_DESK(facts_that_cannot_be_written_void_the_claims),
        AT_DESK(a_busy_store_is_tried_again_in_silence),
        AT_DESK(a_flush_writes_at_once),
        AT_DESK(a_flush_writes_what_was_asked_for),
        AT_DESK(a_flush_of_a_busy_store_can_be_repeated),
        AT_DESK(what_is_left_is_cancelled),
        AT_DESK(the_log_stays_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
