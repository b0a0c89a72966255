/* SPDX-License-Identifier: MIT */
/* The program, as the daemon's own clients of SQS, LWA and the Notifications API meet it. Its path
 * is the argument. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/sqs.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "spapi/lwa.h"
#include "spapi/notifications.h"
#include "wire/http.h"

#define DEADLINE_USEC (20 * USEC_PER_SEC)
#define ARN           "arn:aws:sqs:eu-west-1:444455556666:amazon-orders"
#define LINE_MAX_SIZE 1024

static const char *program;

struct fixture {
    pid_t pid;
    FILE *out;
    char url[64];
    sd_event *event;
    struct http *http;
    struct aws_credentials credentials;
    struct sqs *sqs;
    /* What the last call brought; the control endpoint has a flag of its own. */
    bool done, controlled;
    struct error error;
    struct sqs_batch *batch;
    struct sqs_entry_result results[SQS_BATCH_MAX];
    size_t result_count;
    cJSON *json;
    char token[2200], id[64];
    size_t destinations;
};

/* Starts the program with one more argument (NULL: none); returns the read end of its output. */
static FILE *spawn(const char *argument, pid_t *ret)
{
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    *ret = fork();
    assert_true(*ret >= 0);
    if (*ret == 0) {
        dup2(pipe_fds[1], STDOUT_FILENO);
        dup2(pipe_fds[1], STDERR_FILENO);
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        execl(program, program, argument, NULL);
        _exit(127);
    }
    close(pipe_fds[1]);
    return fdopen(pipe_fds[0], "re");
}

static int wait_for(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void use_keys(struct fixture *f, const char *id, const char *secret, const char *token)
{
    aws_credentials_clear(&f->credentials);
    f->credentials.access_key_id = memory_string(id);
    secret_set(&f->credentials.secret_access_key, secret, strlen(secret));
    if (token)
        secret_set(&f->credentials.session_token, token, strlen(token));
}

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    char line[LINE_MAX_SIZE];
    f->out = spawn(NULL, &f->pid);
    assert_non_null(fgets(line, sizeof(line), f->out));
    assert_int_equal(sscanf(line, "dockbell-sandbox: ready on %63[^ ]", f->url), 1);
    f->url[strlen(f->url) - 1] = '\0'; /* the colon behind it */
    assert_true(sd_event_new(&f->event) >= 0);
    assert_int_equal(http_new(&f->http, f->event), 0);
    use_keys(f, "AKIADOCKBELLSANDBOX0", "DockbellSandbox/Secret+Access+Key/000001", NULL);
    struct sqs_options options = {
        .name = "q", .arn = ARN, .endpoint = f->url, .credentials = &f->credentials};
    assert_int_equal(sqs_new(&f->sqs, f->http, &options), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    sqs_free(f->sqs);
    sqs_batch_free(f->batch);
    http_free(f->http);
    aws_credentials_clear(&f->credentials);
    cJSON_Delete(f->json);
    sd_event_unref(f->event);
    kill(f->pid, SIGTERM);
    assert_int_equal(wait_for(f->pid), 0);
    fclose(f->out);
    free(f);
    return 0;
}

static void run_until(struct fixture *f, const bool *flag)
{
    uint64_t give_up_usec = clock_boot_usec() + DEADLINE_USEC;
    while (!*flag) {
        assert_true(clock_boot_usec() < give_up_usec);
        assert_true(sd_event_run(f->event, 10 * USEC_PER_MSEC) >= 0);
    }
}

static void run_until_done(struct fixture *f)
{
    run_until(f, &f->done);
}

static void on_control(struct http_answer *answer, void *userdata)
{
    struct fixture *f = userdata;
    assert_int_equal(answer->error.kind, ERROR_NONE);
    assert_int_equal(answer->status, 200);
    cJSON_Delete(f->json);
    f->json = json_parse(answer->body, answer->body_size, 1024 * 1024);
    assert_non_null(f->json);
    f->controlled = true;
}

/* A call of the control endpoint; the answer is in f->json. */
static void control(struct fixture *f, const char *path, const char *body)
{
    AUTOFREE char *url = memory_format("%s/_sandbox/%s", f->url, path);
    struct http_request request = {.url = url, .body = body, .body_size = body ? strlen(body) : 0};
    f->controlled = false;
    assert_int_equal(http_call(f->http, &request, on_control, f, NULL), 0);
    run_until(f, &f->controlled);
}

/* A number of an object; 0 when it is not there. */
static int number_in(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return item ? item->valueint : 0;
}

static int number(struct fixture *f, const char *name)
{
    return number_in(f->json, name);
}

static int calls(struct fixture *f, const char *op)
{
    control(f, "state", NULL);
    return number_in(json_get_object(f->json, "calls"), op);
}

static void on_received(struct sqs_batch *batch, const struct error *error, void *userdata)
{
    struct fixture *f = userdata;
    sqs_batch_free(f->batch);
    f->batch = batch;
    f->error = *error;
    f->done = true;
}

static enum error_kind receive(struct fixture *f, unsigned wait_s)
{
    f->done = false;
    assert_int_equal(sqs_receive(f->sqs, 10, wait_s, 60, on_received, f, NULL), 0);
    run_until_done(f);
    return f->error.kind;
}

static void on_deleted(const struct sqs_entry_result *results, size_t count,
                       const struct error *error, void *userdata)
{
    struct fixture *f = userdata;
    f->error = *error;
    f->result_count = count;
    if (results)
        memcpy(f->results, results, count * sizeof(*results));
    f->done = true;
}

static enum error_kind delete_batch(struct fixture *f)
{
    const char *receipts[SQS_BATCH_MAX];
    for (size_t i = 0; i < f->batch->count; i++)
        receipts[i] = f->batch->messages[i].receipt;
    f->done = false;
    assert_int_equal(sqs_delete(f->sqs, receipts, f->batch->count, on_deleted, f, NULL), 0);
    run_until_done(f);
    return f->error.kind;
}

static void everything_published_can_be_received_and_deleted(void **state)
{
    struct fixture *f = *state;
    control(f, "publish", "{\"count\":100,\"duplicates\":0.1,\"disorder\":0.2,\"seed\":1}");
    assert_int_equal(number(f, "sent"), 110);
    assert_int_equal(number(f, "unique"), 100);
    size_t received = 0;
    while (receive(f, 0) == ERROR_NONE && f->batch->count > 0) {
        received += f->batch->count;
        assert_int_equal(f->batch->damaged, 0);
        assert_int_equal(f->batch->messages[0].receive_count, 1);
        assert_int_equal(delete_batch(f), ERROR_NONE);
        for (size_t i = 0; i < f->result_count; i++)
            assert_true(f->results[i].ok);
    }
    assert_int_equal(received, 110);
    control(f, "state", NULL);
    assert_int_equal(number(f, "deletes"), 110);
    assert_int_equal(number(f, "in_flight"), 0);
    assert_int_equal(cJSON_GetArraySize(json_get_array(f->json, "ids")), 100);
    control(f, "reset", "{}");
    control(f, "state", NULL);
    assert_int_equal(number(f, "deletes"), 0);
}

static void a_long_poll_is_woken(void **state)
{
    struct fixture *f = *state;
    uint64_t started_usec = clock_boot_usec();
    f->done = false;
    assert_int_equal(sqs_receive(f->sqs, 10, 20, 60, on_received, f, NULL), 0);
    while (calls(f, "ReceiveMessage") == 0)
        ;
    control(f, "publish", "{\"count\":3}");
    run_until_done(f);
    assert_int_equal(f->batch->count, 3);
    assert_true(clock_boot_usec() - started_usec < DEADLINE_USEC / 2);
    /* What is in flight comes back when the sandbox's clock says so. */
    assert_int_equal(receive(f, 0), ERROR_NONE);
    assert_int_equal(f->batch->count, 0);
    control(f, "clock", "{\"offset_s\":61}");
    assert_int_equal(receive(f, 0), ERROR_NONE);
    assert_int_equal(f->batch->count, 3);
    assert_int_equal(f->batch->messages[0].receive_count, 2);
}

/* A ghost keeps what it is handed; without the fault an abandoned poll takes nothing along. */
static void abandoned_polls_swallow_only_as_ghosts(void **state)
{
    struct fixture *f = *state;
    for (unsigned ghosts = 0; ghosts < 2; ghosts++) {
        struct sqs_call *poll;
        if (ghosts)
            control(f, "faults", "{\"op\":\"ReceiveMessage\",\"kind\":\"ghost\",\"count\":1}");
        int before = calls(f, "ReceiveMessage");
        assert_int_equal(sqs_receive(f->sqs, 10, 20, 60, on_received, f, &poll), 0);
        while (calls(f, "ReceiveMessage") == before)
            ;
        sqs_cancel(poll);
        if (!ghosts) { /* its end is noticed, and then nobody waits */
            const cJSON *queue;
            do {
                control(f, "state", NULL);
                queue = json_get_array(f->json, "queues")->child;
            } while (number_in(queue, "waiting") > 0);
        }
        control(f, "publish", "{\"count\":1}");
        assert_int_equal(receive(f, 0), ERROR_NONE);
        assert_int_equal(f->batch->count, ghosts ? 0 : 1);
    }
    control(f, "state", NULL);
    assert_int_equal(number(f, "swallowed"), 1);
}

static void keys_are_checked(void **state)
{
    struct fixture *f = *state;
    use_keys(f, "AKIADOCKBELLSANDBOX0", "wrong", NULL);
    assert_int_equal(receive(f, 0), ERROR_CREDENTIALS);
    use_keys(f, "AKIANOBODY", "wrong", NULL);
    assert_int_equal(receive(f, 0), ERROR_CREDENTIALS);
    use_keys(f, "ASIADOCKBELLSANDBOX0", "DockbellSandbox/Secret+Access+Key/000002", "wrong");
    assert_int_equal(receive(f, 0), ERROR_CREDENTIALS);
    use_keys(f, "ASIADOCKBELLSANDBOX0", "DockbellSandbox/Secret+Access+Key/000002",
             "IQoJb3JpZ2luX2VjDockbellSandbox/Session+Token/0000000001==");
    assert_int_equal(receive(f, 0), ERROR_NONE);
}

static void a_clock_that_is_off_can_be_corrected(void **state)
{
    struct fixture *f = *state;
    control(f, "clock", "{\"offset_s\":3600}");
    assert_int_equal(receive(f, 0), ERROR_NONE);
    assert_true(sqs_is_dated(f->sqs));
    assert_in_range(clock_offset_usec() / (int64_t)USEC_PER_SEC, 3590, 3610);
    control(f, "state", NULL);
    assert_int_equal(number_in(json_get_object(f->json, "refused"), "ReceiveMessage"), 1);
}

static void faults_arrive_as_what_they_are(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *kind;
        enum error_kind expected;
    } cases[] = {
        {"500", ERROR_STATUS},         {"503", ERROR_STATUS},
        {"throttle", ERROR_THROTTLED}, {"access_denied", ERROR_REFUSED},
        {"close", ERROR_RESET},        {"half", ERROR_RESET},
        {"garbage", ERROR_PROTOCOL},   {"expired_token", ERROR_CREDENTIALS},
        {"slow", ERROR_NONE},          {"empty", ERROR_NONE},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        AUTOFREE char *fault = memory_format(
            "{\"op\":\"ReceiveMessage\",\"kind\":\"%s\",\"delay_ms\":1}", cases[i].kind);
        control(f, "publish", "{}");
        control(f, "faults", fault);
        assert_int_equal(receive(f, 0), cases[i].expected);
        control(f, "reset", "{}"); /* ends the fault too */
    }
}

static void messages_can_be_spoilt(void **state)
{
    struct fixture *f = *state;
    control(f, "publish", "{\"count\":4}");
    control(f, "faults", "{\"op\":\"ReceiveMessage\",\"kind\":\"md5\",\"count\":1}");
    assert_int_equal(receive(f, 0), ERROR_NONE);
    assert_int_equal(f->batch->damaged, 4);
    control(f, "clock", "{\"offset_s\":61}");
    control(f, "faults", "{\"op\":\"ReceiveMessage\",\"kind\":\"duplicate\",\"count\":1}");
    assert_int_equal(receive(f, 0), ERROR_NONE);
    assert_int_equal(f->batch->count, 8);
    assert_string_equal(f->batch->messages[0].id, f->batch->messages[1].id);
    assert_string_not_equal(f->batch->messages[0].receipt, f->batch->messages[1].receipt);
    control(f, "faults", "{\"op\":\"DeleteMessageBatch\",\"kind\":\"partial\",\"count\":1}");
    assert_int_equal(delete_batch(f), ERROR_NONE);
    assert_true(!f->results[0].ok && f->results[0].retry);
    assert_true(f->results[1].ok);
    assert_int_equal(delete_batch(f), ERROR_NONE); /* stale and repeated handles succeed */
    control(f, "state", NULL);
    assert_int_equal(number(f, "deletes"), 4);
}

static void on_token(const char *token, const struct error *error, void *userdata)
{
    struct fixture *f = userdata;
    f->error = *error;
    snprintf(f->token, sizeof(f->token), "%s", token ? token : "");
    f->done = true;
}

static void on_notifications(const struct notifications_answer *answer, void *userdata)
{
    struct fixture *f = userdata;
    f->error = answer->error;
    f->destinations = answer->destination_count;
    f->id[0] = '\0';
    if (answer->destination_count > 0)
        snprintf(f->id, sizeof(f->id), "%s", answer->destinations[0].id);
    if (answer->subscription)
        snprintf(f->id, sizeof(f->id), "%s", answer->subscription->id);
    f->done = true;
}

static struct lwa *new_lwa(struct fixture *f)
{
    struct lwa *lwa;
    struct secret secret = {0};
    const char text[] = "amzn1.oa2-cs.v1.dockbell-sandbox-client-secret";
    AUTOFREE char *endpoint = memory_format("%s/auth/o2/token", f->url);
    secret_set(&secret, text, strlen(text));
    struct lwa_options options = {.event = f->event,
                                  .http = f->http,
                                  .endpoint = endpoint,
                                  .client_id = "amzn1.application-oa2-client.dockbell-sandbox",
                                  .client_secret = &secret};
    assert_int_equal(lwa_new(&lwa, &options), 0);
    secret_clear(&secret);
    return lwa;
}

static enum error_kind seller_token(struct fixture *f, struct lwa *lwa, const char *refresh)
{
    struct secret token = {0};
    secret_set(&token, refresh, strlen(refresh));
    f->done = false;
    assert_int_equal(lwa_seller(lwa, refresh, &token, on_token, f, NULL), 0);
    run_until_done(f);
    secret_clear(&token);
    return f->error.kind;
}

/* Waits for the call that was just made. */
#define EXPECT(f, call, expected)                                                                  \
    do {                                                                                           \
        (f)->done = false;                                                                         \
        assert_int_equal(call, 0);                                                                 \
        run_until_done(f);                                                                         \
        assert_int_equal((f)->error.kind, expected);                                               \
    } while (0)

static void a_seller_can_be_registered(void **state)
{
    struct fixture *f = *state;
    char grantless[sizeof(f->token)], seller[sizeof(f->token)], destination[sizeof(f->id)];
    struct notifications *api;
    struct lwa *lwa = new_lwa(f);
    assert_int_equal(notifications_new(&api, f->http, f->url), 0);
    EXPECT(f, lwa_grantless(lwa, on_token, f, NULL), ERROR_NONE);
    strcpy(grantless, f->token);
    assert_int_equal(
        seller_token(f, lwa, "Atzr|dockbell-sandbox-refresh-token-of-seller-A297A7DJHEYXBY"),
        ERROR_NONE);
    strcpy(seller, f->token);
    assert_int_equal(seller_token(f, lwa, "Atzr|nobody"), ERROR_CREDENTIALS);

    EXPECT(f, notifications_get_destinations(api, grantless, on_notifications, f, NULL),
           ERROR_NONE);
    assert_int_equal(f->destinations, 0);
    EXPECT(f,
           notifications_create_destination(api, grantless, "wms", ARN, on_notifications, f, NULL),
           ERROR_NONE);
    strcpy(destination, f->id);
    EXPECT(f,
           notifications_create_destination(api, grantless, "wms", ARN, on_notifications, f, NULL),
           ERROR_REFUSED);
    assert_string_equal(f->error.code, "Conflict");

    struct notifications_subscribe subscribe = {
        .type = "ORDER_CHANGE", .payload_version = "1.0", .destination_id = destination};
    EXPECT(f,
           notifications_get_subscription(api, seller, "ORDER_CHANGE", NULL, on_notifications, f,
                                          NULL),
           ERROR_NONE);
    assert_string_equal(f->id, "");
    EXPECT(f, notifications_create_subscription(api, seller, &subscribe, on_notifications, f, NULL),
           ERROR_NONE);
    assert_string_not_equal(f->id, "");
    EXPECT(f, notifications_create_subscription(api, seller, &subscribe, on_notifications, f, NULL),
           ERROR_REFUSED);
    assert_string_equal(f->error.code, "StateConflict");

    /* A token of the wrong kind, and one that has expired. */
    EXPECT(f, notifications_get_destinations(api, seller, on_notifications, f, NULL),
           f->error.kind);
    assert_int_equal(f->error.status, 403);
    control(f, "clock", "{\"offset_s\":3601}");
    EXPECT(f, notifications_get_destinations(api, grantless, on_notifications, f, NULL),
           ERROR_CREDENTIALS);
    notifications_free(api);
    lwa_free(lwa);
}

static void quotas_are_enforced(void **state)
{
    struct fixture *f = *state;
    struct notifications *api;
    struct lwa *lwa = new_lwa(f);
    assert_int_equal(notifications_new(&api, f->http, f->url), 0);
    EXPECT(f, lwa_grantless(lwa, on_token, f, NULL), ERROR_NONE);
    unsigned granted = 0;
    do {
        f->done = false;
        assert_int_equal(notifications_get_destinations(api, f->token, on_notifications, f, NULL),
                         0);
        run_until_done(f);
        granted += f->error.kind == ERROR_NONE;
    } while (f->error.kind == ERROR_NONE && granted < 1000);
    assert_int_equal(f->error.kind, ERROR_THROTTLED);
    assert_true(granted >= 5);
    control(f, "clock", "{\"offset_s\":10}");
    EXPECT(f, notifications_get_destinations(api, f->token, on_notifications, f, NULL), ERROR_NONE);
    notifications_free(api);
    lwa_free(lwa);
}

/* Runs the program with one argument to its end; its output is in `out`. */
static int run(const char *argument, struct text *out)
{
    pid_t pid;
    char line[LINE_MAX_SIZE];
    FILE *file = spawn(argument, &pid);
    while (fgets(line, sizeof(line), file))
        text_append_string(out, line);
    fclose(file);
    return wait_for(pid);
}

static void the_command_line_is_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"--listen=0.0.0.0:0", "--listen=192.168.1.1:80",
                                      "--listen=[::]:0",    "--latency-ms=x",
                                      "--nonsense",         "argument"};
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        AUTOTEXT struct text out = {0};
        assert_int_equal(run(bad[i], &out), 2);
        assert_non_null(strstr(out.data, "--help"));
    }
    AUTOTEXT struct text help = {0}, version = {0};
    assert_int_equal(run("--help", &help), 0);
    assert_non_null(strstr(help.data, "AKIADOCKBELLSANDBOX0"));
    assert_non_null(strstr(help.data, ARN));
    assert_int_equal(run("--version", &version), 0);
    assert_non_null(strstr(version.data, "dockbell-sandbox "));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_published_can_be_received_and_deleted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_long_poll_is_woken, setup, teardown),
        cmocka_unit_test_setup_teardown(abandoned_polls_swallow_only_as_ghosts, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_is_off_can_be_corrected, setup, teardown),
        cmocka_unit_test_setup_teardown(faults_arrive_as_what_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(messages_can_be_spoilt, setup, teardown),
        cmocka_unit_test_setup_teardown(a_seller_can_be_registered, setup, teardown),
        cmocka_unit_test_setup_teardown(quotas_are_enforced, setup, teardown),
        cmocka_unit_test(the_command_line_is_checked),
    };
    if (argc != 2) {
        fprintf(stderr, "Usage: %s PROGRAM\n", argv[0]);
        return 2;
    }
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
