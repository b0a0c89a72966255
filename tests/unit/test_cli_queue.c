/* SPDX-License-Identifier: MIT */
/* status and the queue commands on a store that the daemon left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "command.h"
#include "daemon/lock.h"
#include "daemon/wake.h"
#include "scratch.h"
#include "store/store.h"

#define AGE_S 4000 /* of everything in the store */

static char *directory, *config;
static struct store *store; /* the daemon's */
static int64_t webhooks[2];
static struct command_result result;
static struct text journal;

/* Stands in for journald's socket. */
int journal_socket_send(const struct iovec iov[], size_t n, bool important);
int journal_socket_send(const struct iovec iov[], size_t n, bool important)
{
    (void)important;
    for (size_t i = 0; i < n; i++) {
        text_append(&journal, iov[i].iov_base, iov[i].iov_len);
        text_append_char(&journal, '\n');
    }
    return 0;
}

/* ---- a store with a little of everything ---- */

static void begin(void)
{
    assert_int_equal(store_begin(store), 0);
}

static void commit(void)
{
    assert_int_equal(store_commit(store), 0);
}

static void accept_one(const char *id, const char *order, struct accept_target target)
{
    uint64_t now = clock_now_usec() - AGE_S * USEC_PER_SEC;
    static const char bytes[] = "{\"NotificationType\":\"ORDER_CHANGE\"}";
    struct accept accept = {
        .id = id,
        .queue = "q",
        .message_id = "m-1",
        .seller = "acme",
        .seller_id = "A1",
        .type = "ORDER_CHANGE",
        .order_id = order,
        .event_usec = now,
        .received_usec = now,
        .prefix = "{\"data\":",
        .prefix_size = target.cause == DEAD_UNREADABLE ? 0 : 8,
        .bytes = bytes,
        .bytes_size = sizeof(bytes) - 1,
        .unreadable = target.cause == DEAD_UNREADABLE,
        .targets = &target,
        .n_targets = 1,
    };
    digest_sha256(accept.payload_sha256, id, strlen(id));
    begin();
    assert_int_equal(store_accept(store, &accept, now), 0);
    commit();
}

static void accept_ready(const char *id, const char *order, int64_t webhook)
{
    accept_one(id, order, (struct accept_target){.webhook = webhook, .state = DELIVERY_READY});
}

/* Claims one delivery; without an outcome it stays in flight. */
static void attempt(enum delivery_state to)
{
    struct claim claim;
    struct claim_query query = {
        .webhook = webhooks[0], .now_usec = clock_now_usec(), .first = 1, .bytes = 1 << 20};
    size_t count;
    begin();
    assert_int_equal(store_claim(store, &query, &claim, &count), 0);
    assert_int_equal(count, 1);
    struct settle settle = {.delivery = claim.delivery,
                            .attempt = claim.attempt,
                            .to = to,
                            .cause = to == DELIVERY_DEAD ? DEAD_REFUSED : DEAD_NOT,
                            .status = to == DELIVERY_DEAD ? 422 : 200,
                            .started_usec = clock_now_usec(),
                            .duration_usec = 12000};
    if (to == DELIVERY_DEAD) {
        strcpy(settle.error_class, "status");
        strcpy(settle.reason, "it answered 422: \033[2Jno");
        settle.answer = memory_string("bad\nsku");
        settle.answer_size = 7;
    }
    if (to != DELIVERY_INFLIGHT)
        assert_int_equal(store_settle(store, &settle, clock_now_usec()), 0);
    free(settle.answer);
    commit();
    claim_clear(&claim);
}

/* 1 dead, 2 delivered, 3 inflight, 4 ready, 5 behind (of 4), 6 held, 7 unreadable, 8 orphaned. */
static void fill(void)
{
    accept_ready("n-1", "o-1", webhooks[0]);
    attempt(DELIVERY_DEAD);
    accept_ready("n-2", "o-2", webhooks[0]);
    attempt(DELIVERY_DELIVERED);
    accept_ready("n-3", "o-3", webhooks[0]);
    attempt(DELIVERY_INFLIGHT);
    accept_ready("n-4", "o-4", webhooks[0]);
    accept_ready("n-5", "o-4", webhooks[0]);
    accept_one("n-6", "o-6",
               (struct accept_target){
                   .webhook = webhooks[0], .state = DELIVERY_HELD, .reason = "unknown seller"});
    accept_one("n-7", NULL,
               (struct accept_target){
                   .state = DELIVERY_DEAD, .cause = DEAD_UNREADABLE, .reason = "not JSON"});
    accept_ready("n-8", NULL, webhooks[1]);
}

static int start_empty(void **state)
{
    (void)state;
    directory = scratch_new();
    AUTOFREE char *text = memory_format(
        "[daemon]\nstate_directory = %s\n[queue q]\narn = arn:aws:sqs:eu-west-1:444455556666:q\n"
        "[seller acme]\nseller_id = A1\nqueue = q\n"
        "[webhook wms]\nurl = https://wms.example.com/\nsecret = env:NEVER_READ\nformat = raw\n",
        directory);
    config = scratch_write(directory, "dockbell.conf", text);
    return 0;
}

static int start(void **state)
{
    start_empty(state);
    struct error error;
    assert_int_equal(store_open(&store, directory, STORE_DAEMON, &error), 0);
    begin();
    assert_int_equal(store_set_webhooks(store, (const char *[]){"wms", "old"}, 2, webhooks), 0);
    commit();
    fill();
    begin();
    assert_int_equal(store_set_webhooks(store, (const char *[]){"wms"}, 1, webhooks), 0);
    commit();
    return 0;
}

static int end(void **state)
{
    (void)state;
    store_free(TAKE(store));
    command_clear(&result);
    text_clear(&journal);
    free(TAKE(config));
    scratch_remove(TAKE(directory));
    return 0;
}

static void run_with(const char *words, const char *input)
{
    command_clear(&result);
    text_reset(&journal);
    result = command_run_words(config, words, input);
}

static void expect(const char *words, int status, const char *out, const char *err)
{
    run_with(words, NULL);
    assert_string_equal(result.err, err);
    assert_string_equal(result.out, out);
    assert_int_equal(result.status, status);
}

/* The ids of a list and their states: "4 ready, 5 behind". The caller frees it. */
static char *listed(const char *words)
{
    AUTOTEXT struct text ids = {0};
    run_with(words, NULL);
    assert_int_equal(result.status, 0);
    for (char *line = strtok(result.out, "\n"); line; line = strtok(NULL, "\n")) {
        AUTOJSON cJSON *row = json_parse(line, strlen(line), 65536);
        text_appendf(&ids, "%s%d %s", ids.size ? ", " : "",
                     cJSON_GetObjectItem(row, "id")->valueint, json_get_string(row, "state"));
    }
    return text_take(&ids);
}

static void expect_list(const char *options, const char *expected)
{
    AUTOFREE char *words = memory_format("queue list --output=json %s", options);
    AUTOFREE char *got = listed(words);
    assert_string_equal(got ? got : "", expected);
}

/* ---- list and show ---- */

static void the_list_is_what_is_not_delivered(void **state)
{
    (void)state;
    expect_list("", "1 dead, 3 inflight, 4 ready, 5 behind, 6 held, 7 dead, 8 orphaned");
    expect_list("--state=delivered", "2 delivered");
    expect_list("--state=dead,held", "1 dead, 6 held, 7 dead");
    expect_list("--state=all --webhook=old", "8 orphaned");
    expect_list("--webhook=wms --state=dead", "1 dead");
}

static void a_piped_list_is_for_programs(void **state)
{
    (void)state;
    run_with("queue list --state=dead --webhook=wms", NULL);
    AUTOFREE char *expected = memory_string(
        "1\tdead\twms\tacme\tORDER_CHANGE\to-1\t1h 6m\t1\t-\tit answered 422: \\x1b[2Jno\n");
    assert_string_equal(result.out, expected);
}

static void every_member_of_a_row_is_there(void **state)
{
    (void)state;
    static const char *const names[] = {"id",           "notification_id", "webhook", "seller",
                                        "type",         "order_id",        "state",   "attempts",
                                        "next_attempt", "last_error"};
    run_with("queue list --state=dead --webhook=wms --output=json", NULL);
    AUTOJSON cJSON *row = json_parse(result.out, strlen(result.out), 65536);
    for (size_t i = 0; i < ELEMENTS(names); i++)
        assert_non_null(cJSON_GetObjectItemCaseSensitive(row, names[i]));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "next_attempt")));
    assert_string_equal(json_get_string(row, "cause"), "refused");
    assert_int_equal(cJSON_GetObjectItem(row, "http_status")->valueint, 422);
    assert_in_range(cJSON_GetObjectItem(row, "age")->valueint, AGE_S, AGE_S + 60);
}

static void show_tells_everything_safely(void **state)
{
    (void)state;
    run_with("queue show 1", NULL);
    assert_int_equal(result.status, 0);
    static const char *const parts[] = {"Delivery:      1\n",
                                        "State:         dead\n",
                                        "Cause:         refused\n",
                                        "Order:         o-1\n",
                                        "Format:        standard\n",
                                        "answer: bad\\nsku",
                                        "12 ms",
                                        "422",
                                        "\n{\"data\":{\"NotificationType\":\"ORDER_CHANGE\"}"};
    for (size_t i = 0; i < ELEMENTS(parts); i++)
        if (!strstr(result.out, parts[i]))
            fail_msg("%s is not in\n%s", parts[i], result.out);
    assert_null(strchr(result.out, '\033'));

    run_with("queue show 1 --output=json", NULL);
    AUTOJSON cJSON *shown = json_parse(result.out, strlen(result.out), 65536);
    assert_ptr_equal(strstr(json_get_string(shown, "body"), "{\"data\":{\"NotificationType\""),
                     json_get_string(shown, "body"));
    assert_string_equal(json_get_string(shown, "format"), "standard");
    const cJSON *tried = cJSON_GetArrayItem(json_get_array(shown, "history"), 0);
    assert_string_equal(json_get_string(tried, "answer"), "bad\nsku");

    run_with("queue show 99 2", NULL);
    assert_int_equal(result.status, 1);
    assert_string_equal(result.err, "dockbell: 99: there is no such delivery\n");
    assert_non_null(strstr(result.out, "State:         delivered\n"));
}

/* The attempts of the first cannot be read: no half of it stands before the second. */
static void a_delivery_that_cannot_be_read_is_not_half_shown(void **state)
{
    (void)state;
    static const char damage[] =
        "ALTER TABLE attempt RENAME TO whole; CREATE VIEW attempt AS SELECT delivery, attempt,"
        " started, duration, status, error_class, reason, peer,"
        " abs(-9223372036854775807 - delivery) AS answer FROM whole";
    sqlite3 *db = NULL;
    AUTOFREE char *path = memory_format("%s/" STORE_FILE, directory);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, damage, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    run_with("queue show 1 4 --output=json", NULL);
    assert_int_equal(result.status, 1);
    assert_non_null(strstr(result.err, "integer overflow"));
    AUTOJSON cJSON *shown = json_parse(result.out, strlen(result.out), 65536);
    assert_non_null(shown);
    assert_int_equal(cJSON_GetObjectItem(shown, "id")->valueint, 4);
}

/* ---- changes ---- */

static void verbs_change_what_they_may(void **state)
{
    (void)state;
    expect("queue hold 4", 0, "1 delivery held\n", "");
    expect_list("--webhook=wms --state=held,ready", "4 held, 5 ready, 6 held");
    expect("queue release 4 6", 0, "2 deliveries released\n", "");
    expect("queue retry 1", 0, "1 delivery will be sent again\n", "");
    expect("queue drop 1", 0, "1 delivery dropped\n", "");
    expect_list("--state=dropped", "1 dropped");
}

static void refusals_name_the_id_and_exit_with_1(void **state)
{
    (void)state;
    expect("queue hold 3 4 99 2", 1, "1 delivery held\n",
           "dockbell: 3: in flight, try again\n"
           "dockbell: 99: there is no such delivery\n"
           "dockbell: 2: its state does not allow hold (see: dockbell queue show 2)\n");
    expect("queue retry 7", 1, "0 deliveries will be sent again\n",
           "dockbell: 7: its state does not allow retry (see: dockbell queue show 7)\n");
    run_with("queue hold 3 --output=json", NULL);
    assert_string_equal(result.out, "{\"operation\":\"hold\",\"changed\":0,\"dry_run\":false,"
                                    "\"failed\":1,\"skipped\":0,\"superseded\":0}\n");
}

static void all_takes_what_the_verb_is_for(void **state)
{
    (void)state;
    expect("queue retry ALL", 0,
           "3 deliveries will be sent again, 1 left as they are (see: dockbell queue show ID)\n",
           "");
    expect("queue release ALL", 0, "1 delivery released\n", "");
    expect("queue hold ALL --webhook=wms --state=ready", 0, "3 deliveries held\n", "");
    expect("queue drop ALL --webhook=old", 0, "1 delivery dropped\n", "");
    expect("queue drop ALL", 1, "5 deliveries dropped\n",
           "dockbell: 1 in flight and not changed, try again\n");
    expect_list("", "3 inflight");
}

/* Delivery 8 waits for a webhook that has left; wms takes it, in its own format. */
static void what_waits_for_a_webhook_that_left_is_given_away(void **state)
{
    (void)state;
    expect("queue resend ALL --from=old --webhook=old", 2, "",
           "dockbell: webhook old is not in the configuration: nothing is sent to it\n");
    expect("queue resend ALL --from=wms --webhook=old", 2, "",
           "dockbell: webhook wms is in the configuration: what waits for it is sent to it\n");
    expect("queue resend ALL --from=older --webhook=wms", 2, "",
           "dockbell: the store knows no webhook older\n");
    expect("queue resend ALL --from=old --webhook=wms", 0, "1 delivery sent once more\n", "");
    run_with("queue show 8 --output=json", NULL);
    AUTOJSON cJSON *shown = json_parse(result.out, strlen(result.out), 65536);
    assert_string_equal(json_get_string(shown, "webhook"), "wms");
    assert_string_equal(json_get_string(shown, "format"), "raw");
    assert_string_equal(json_get_string(shown, "body"), json_get_string(shown, "raw"));
}

static void ids_come_from_stdin(void **state)
{
    (void)state;
    run_with("queue hold -", "4\tready\twms\n\n  6 held\nnonsense\n5\n99999999999999999999\n");
    assert_int_equal(result.status, 1);
    assert_string_equal(result.out, "2 deliveries held\n");
    assert_string_equal(
        result.err, "dockbell: standard input, line 4: does not begin with the id of a "
                    "delivery\n"
                    "dockbell: standard input, line 6: does not begin with the id of a "
                    "delivery\n"
                    "dockbell: 6: its state does not allow hold (see: dockbell queue show 6)\n");
}

static void more_than_a_transaction_is_changed_in_several(void **state)
{
    (void)state;
    AUTOTEXT struct text ids = {0};
    for (int i = 0; i < 2 * STORE_OPERATE_MAX + 7; i++) {
        AUTOFREE char *id = memory_format("many-%d", i);
        accept_ready(id, NULL, webhooks[0]);
        text_appendf(&ids, "%d\n", 9 + i);
    }
    expect("queue retry ALL --state=ready", 0, "408 deliveries will be sent again\n", "");
    run_with("queue hold -", ids.data);
    assert_string_equal(result.out, "407 deliveries held\n");
    expect("queue drop ALL --state=held", 0, "408 deliveries dropped\n", "");
}

static void the_daemon_is_woken_and_the_journal_told(void **state)
{
    (void)state;
    int fd;
    char byte;
    assert_int_equal(wake_listen(directory, &fd), 0);
    run_with("queue hold 99", NULL);
    assert_true(recv(fd, &byte, 1, 0) < 0);
    assert_int_equal(journal.size, 0);
    run_with("queue hold 4 99", NULL);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    assert_non_null(strstr(journal.data, "DOCKBELL_VERB=hold\nDOCKBELL_TARGET=4 99\n"));
    assert_non_null(strstr(journal.data, "DOCKBELL_COUNT=1\n"));
    run_with("queue drop ALL --webhook=wms --state=held,dead", NULL);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    assert_non_null(strstr(journal.data, "DOCKBELL_TARGET=ALL --webhook=wms --state=held,dead\n"));
    close(fd);
}

static void resume_takes_the_pause_off(void **state)
{
    (void)state;
    begin();
    assert_int_equal(store_pause(store, webhooks[0], "it answered 410", clock_now_usec()), 0);
    commit();
    run_with("status", NULL);
    assert_non_null(strstr(result.out, "wms      paused"));
    assert_non_null(strstr(result.out, "it answered 410"));
    expect("queue resume wms", 0, "webhook wms: resumed\n", "");
    run_with("status --output=json", NULL);
    AUTOJSON cJSON *status = json_parse(result.out, strlen(result.out), 65536);
    const cJSON *webhook = cJSON_GetArrayItem(json_get_array(status, "webhooks"), 0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(webhook, "paused")));
}

/* ---- status ---- */

static int number(const cJSON *object, const char *key)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_true(cJSON_IsNumber(value));
    return value->valueint;
}

static void status_counts_everything(void **state)
{
    (void)state;
    run_with("status --output=json", NULL);
    AUTOJSON cJSON *status = json_parse(result.out, strlen(result.out), 65536);
    const cJSON *notifications = json_get_object(status, "notifications");
    const cJSON *deliveries = json_get_object(status, "deliveries");
    assert_int_equal(number(notifications, "received"), 8);
    assert_int_equal(number(notifications, "accepted"), 7);
    assert_int_equal(number(notifications, "duplicates"), 0);
    assert_int_equal(number(notifications, "rejected"), 1);
    const struct {
        const char *state;
        int count;
    } counts[] = {{"ready", 1},    {"inflight", 1},  {"behind", 1},     {"held", 1},
                  {"orphaned", 1}, {"delivered", 1}, {"superseded", 0}, {"filtered", 0},
                  {"dropped", 0},  {"dead", 2}};
    for (size_t i = 0; i < ELEMENTS(counts); i++)
        assert_int_equal(number(deliveries, counts[i].state), counts[i].count);
    assert_int_equal(cJSON_GetArraySize(deliveries), ELEMENTS(counts));
    const cJSON *wms = cJSON_GetArrayItem(json_get_array(status, "webhooks"), 0);
    assert_int_equal(number(wms, "waiting"), 3);
    assert_in_range(number(wms, "oldest_age"), AGE_S, AGE_S + 60);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json_get_object(status, "daemon"), "running")));
}

static void set_fact(const char *section, const char *name, const char *key, const char *value)
{
    begin();
    assert_int_equal(store_set_fact(store, section, name, key, value), 0);
    commit();
}

static void status_tells_what_the_daemon_noted(void **state)
{
    (void)state;
    struct lock lock;
    pid_t other;
    char when[CLOCK_TEXT_MAX];
    clock_rfc3339(when, clock_now_usec() - 90 * USEC_PER_SEC);
    set_fact("queue", "q", "last_receive", when);
    set_fact("queue", "q", "last_error", "AccessDenied\033");
    set_fact("queue", "q", "depth", "17");
    set_fact("queue", "q", "pollers", "2");
    set_fact("webhook", "wms", "breaker", "open");
    set_fact("webhook", "wms", "last_error", "connection refused");
    set_fact("daemon", "", "version", "9.9");
    run_with("status --output=json", NULL);
    AUTOJSON cJSON *down = json_parse(result.out, strlen(result.out), 65536);
    const cJSON *queue = cJSON_GetArrayItem(json_get_array(down, "queues"), 0);
    assert_in_range(number(queue, "last_receive_age"), 90, 150);
    assert_int_equal(number(queue, "depth"), 17);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(queue, "pollers")));

    assert_int_equal(lock_take(directory, &lock, &other), 0);
    run_with("status", NULL);
    lock_drop(&lock);
    AUTOFREE char *first = memory_format("Daemon: running, pid %d, version 9.9", (int)getpid());
    assert_ptr_equal(strstr(result.out, first), result.out);
    assert_non_null(strstr(result.out, "1m 30s ago  "));
    assert_non_null(strstr(result.out, "AccessDenied\\x1b\n"));
    assert_non_null(strstr(result.out, "connection refused\n"));
    assert_non_null(strstr(result.out, "wms      failing"));
    assert_non_null(strstr(result.out, "old      orphaned  1"));
    assert_non_null(strstr(result.out, "Of no webhook: 0 held, 1 dead"));
}

static void without_a_store_everything_is_empty(void **state)
{
    (void)state;
    expect("queue list", 0, "", "");
    expect("queue list --output=json", 0, "", "");
    expect("queue drop ALL", 0, "0 deliveries dropped\n", "");
    expect("queue drop 1", 1, "0 deliveries dropped\n", "dockbell: 1: there is no such delivery\n");
    expect("queue show 1", 1, "", "dockbell: 1: there is no such delivery\n");
    expect("queue resume wms", 0, "webhook wms: resumed\n", "");
    run_with("status --output=json", NULL);
    AUTOJSON cJSON *status = json_parse(result.out, strlen(result.out), 65536);
    assert_int_equal(number(json_get_object(status, "notifications"), "received"), 0);
    assert_int_equal(number(json_get_object(status, "deliveries"), "dead"), 0);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(status, "store")));
    run_with("status", NULL);
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.out, "There is no store in"));
    AUTOFREE char *path = memory_format("%s/" STORE_FILE, directory);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_broken_store_is_a_failure(void **state)
{
    (void)state;
    free(
        scratch_write(directory, STORE_FILE, "this is not a database, not even a short one ....."));
    run_with("queue list", NULL);
    assert_int_equal(result.status, 1);
    assert_non_null(strstr(result.err, STORE_FILE));
}

#define TEST(function)  cmocka_unit_test_setup_teardown(function, start, end)
#define EMPTY(function) cmocka_unit_test_setup_teardown(function, start_empty, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_list_is_what_is_not_delivered),
        TEST(a_piped_list_is_for_programs),
        TEST(every_member_of_a_row_is_there),
        TEST(show_tells_everything_safely),
        TEST(a_delivery_that_cannot_be_read_is_not_half_shown),
        TEST(verbs_change_what_they_may),
        TEST(refusals_name_the_id_and_exit_with_1),
        TEST(all_takes_what_the_verb_is_for),
        TEST(what_waits_for_a_webhook_that_left_is_given_away),
        TEST(ids_come_from_stdin),
        TEST(more_than_a_transaction_is_changed_in_several),
        TEST(the_daemon_is_woken_and_the_journal_told),
        TEST(resume_takes_the_pause_off),
        TEST(status_counts_everything),
        TEST(status_tells_what_the_daemon_noted),
        EMPTY(without_a_store_everything_is_empty),
        EMPTY(a_broken_store_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
