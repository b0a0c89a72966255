/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "raw_server.h"
#include "wire/http.h"

/* A call that is not answered at all fails the test, after this. */
#define PATIENCE_USEC (20 * USEC_PER_SEC)

struct world {
    sd_event *event;
    struct http *http;
    struct raw_server *server;
    char url[64];
    /* what the server does */
    void (*behave)(struct world *world, struct raw_connection *connection, const char *request);
    const char *reply;
    char *request; /* the last one */
    unsigned requests;
    struct raw_connection *held;
    sd_event_source *drip;
    /* what came back */
    struct http_answer answer;
    char *body;
    unsigned done;
};

static void on_request(struct raw_connection *connection, const char *request, void *userdata)
{
    struct world *world = userdata;
    free(world->request);
    world->request = memory_string(request);
    world->requests++;
    world->behave(world, connection, request);
}

static void reply(struct world *world, struct raw_connection *connection, const char *request)
{
    (void)request;
    raw_send_string(connection, world->reply);
}

static void reply_and_close(struct world *world, struct raw_connection *connection,
                            const char *request)
{
    reply(world, connection, request);
    raw_close(connection);
}

static void reply_and_reset(struct world *world, struct raw_connection *connection,
                            const char *request)
{
    reply(world, connection, request);
    raw_reset(connection);
}

static void hold(struct world *world, struct raw_connection *connection, const char *request)
{
    (void)request;
    world->held = connection;
}

static void reply_and_hold(struct world *world, struct raw_connection *connection,
                           const char *request)
{
    reply(world, connection, request);
    world->held = connection;
}

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    if (sd_event_new(&world->event) < 0 || http_new(&world->http, world->event) < 0)
        return -1;
    world->server = raw_server_new(world->event, on_request, world);
    snprintf(world->url, sizeof(world->url), "http://127.0.0.1:%u/x",
             raw_server_port(world->server));
    world->behave = reply;
    world->reply = "HTTP/1.1 204 No Content\r\n\r\n";
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    http_free(world->http);
    sd_event_source_disable_unref(world->drip);
    raw_server_free(world->server);
    sd_event_unref(world->event);
    free(world->request);
    free(world->body);
    free(world);
    return 0;
}

static void on_done(struct http_answer *answer, void *userdata)
{
    struct world *world = userdata;
    free(world->body);
    world->body = TAKE(answer->body);
    world->answer = *answer;
    world->done++;
}

/* Turns the loop until `count` calls are done. */
static void wait_done(struct world *world, unsigned count)
{
    uint64_t end = clock_boot_usec() + PATIENCE_USEC;
    while (world->done < count) {
        if (clock_boot_usec() > end)
            fail_msg("%u of %u calls done", world->done, count);
        assert_true(sd_event_run(world->event, PATIENCE_USEC) >= 0);
    }
}

/* Turns the loop until the server has seen `count` requests. */
static void wait_requests(struct world *world, unsigned count)
{
    uint64_t end = clock_boot_usec() + PATIENCE_USEC;
    while (world->requests < count && clock_boot_usec() < end)
        assert_true(sd_event_run(world->event, PATIENCE_USEC) >= 0);
    assert_int_equal(world->requests, count);
}

static void call(struct world *world, const struct http_request *request)
{
    unsigned before = world->done;
    assert_int_equal(http_call(world->http, request, on_done, world, NULL), 0);
    assert_int_equal(world->done, before); /* never from inside */
    wait_done(world, before + 1);
}

static void get(struct world *world)
{
    call(world, &(struct http_request){.url = world->url});
}

static void assert_failed(struct world *world, enum error_kind kind, const char *text)
{
    if (!strstr(world->answer.error.text, text))
        fail_msg("\"%s\" is not in \"%s\"", text, world->answer.error.text);
    assert_string_equal(error_kind_name(world->answer.error.kind), error_kind_name(kind));
    assert_null(world->body);
    assert_int_equal(http_in_flight(world->http), 0);
}

static void brings_the_answer(void **state)
{
    struct world *world = *state;
    world->reply = "HTTP/1.1 100 Continue\r\nRetry-After: 9\r\n\r\n"
                   "HTTP/1.1 429 Slow\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                   "LOCATION:  /elsewhere \r\nX-Amzn-RequestId: id-1\r\n"
                   "x-amzn-query-error: Code;Sender\r\nx-amzn-ratelimit-limit: 0.5\r\n"
                   "Content-Type: text/plain\r\nContent-Length: 5\r\nX-Amzn: no\r\n\r\nhello";
    get(world);
    assert_int_equal(world->answer.error.kind, ERROR_NONE);
    assert_int_equal(world->answer.status, 429);
    assert_int_equal(world->answer.body_size, 5);
    assert_string_equal(world->body, "hello");
    assert_int_equal(world->answer.date_usec, 784111777000000);
    assert_string_equal(world->answer.retry_after, ""); /* that was the interim answer's */
    assert_string_equal(world->answer.location, "/elsewhere");
    assert_string_equal(world->answer.request_id, "id-1");
    assert_string_equal(world->answer.query_error, "Code;Sender");
    assert_string_equal(world->answer.rate_limit, "0.5");
    assert_string_equal(world->answer.content_type, "text/plain");
    assert_memory_equal(world->answer.peer, "127.0.0.1:", 10);
    assert_in_range(world->answer.started_usec, clock_now_usec() - PATIENCE_USEC, clock_now_usec());
    assert_in_range(world->answer.duration_usec, 1, PATIENCE_USEC);
    assert_non_null(strstr(world->request, "GET /x HTTP/1.1\r\n"));
    assert_non_null(strstr(world->request, "User-Agent: dockbell/" DOCKBELL_VERSION "\r\n"));
}

static void sends_what_it_is_told(void **state)
{
    struct world *world = *state;
    const char *headers[] = {"Content-Type: application/json", "X-One: 1", NULL};
    call(world, &(struct http_request){
                    .url = world->url, .headers = headers, .body = "{\"a\":1}", .body_size = 7});
    assert_memory_equal(world->request, "POST /x HTTP/1.1\r\n", 18);
    assert_non_null(strstr(world->request, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(world->request, "\r\nX-One: 1\r\n"));
    assert_non_null(strstr(world->request, "\r\n\r\n{\"a\":1}"));
    assert_null(world->body);
    call(world, &(struct http_request){.url = world->url, .method = "DELETE"});
    assert_memory_equal(world->request, "DELETE /x HTTP/1.1\r\n", 20);
    assert_null(strstr(world->request, "X-One"));
    call(world, &(struct http_request){.url = world->url, .method = "POST"});
    assert_memory_equal(world->request, "POST /x HTTP/1.1\r\n", 18);
    assert_non_null(strstr(world->request, "Content-Length: 0\r\n"));
    call(world,
         &(struct http_request){.url = world->url, .method = "PUT", .body = "abc", .body_size = 3});
    assert_memory_equal(world->request, "PUT /x HTTP/1.1\r\n", 17);
    get(world);
    assert_memory_equal(world->request, "GET /x HTTP/1.1\r\n", 17);
}

static void big_bodies_are_sent_without_asking(void **state)
{
    struct world *world = *state;
    size_t size = 3 * 1024 * 1024;
    AUTOFREE char *body = memory_new(size + 1);
    memset(body, 'x', size);
    call(world, &(struct http_request){.url = world->url, .body = body, .body_size = size});
    assert_int_equal(world->answer.status, 204);
    assert_null(strstr(world->request, "Expect"));
    assert_string_equal(strstr(world->request, "\r\n\r\n") + 4, body);
}

static void keeps_the_connection(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 50; i++)
        get(world);
    assert_int_equal(raw_server_accepted(world->server), 1);
    assert_int_equal(raw_server_open(world->server), 1);
}

static void many_at_once_share_few_handles(void **state)
{
    struct world *world = *state;
    for (int round = 0; round < 3; round++) {
        unsigned before = world->done;
        for (int i = 0; i < 40; i++)
            assert_int_equal(http_call(world->http, &(struct http_request){.url = world->url},
                                       on_done, world, NULL),
                             0);
        assert_int_equal(http_in_flight(world->http), 40);
        wait_done(world, before + 40);
        assert_int_equal(http_in_flight(world->http), 0);
    }
    assert_in_range(raw_server_accepted(world->server), 1, 40);
}

static void outlives_a_connection_closed_while_idle(void **state)
{
    struct world *world = *state;
    world->behave = reply_and_close;
    world->reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for (int i = 0; i < 20; i++) {
        get(world);
        assert_int_equal(world->answer.status, 200);
    }
    assert_int_equal(raw_server_accepted(world->server), 20);
}

/* An idle connection that was closed must not keep the loop turning. */
static void an_idle_connection_costs_no_turns(void **state)
{
    struct world *world = *state;
    world->behave = reply_and_close;
    world->reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    get(world);
    int turns = 0;
    while (turns < 100 && sd_event_run(world->event, 0) > 0)
        turns++;
    assert_in_range(turns, 0, 20);
}

static void bounds_the_answer(void **state)
{
    struct world *world = *state;
    world->reply = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
    call(world, &(struct http_request){.url = world->url, .answer_limit = 10});
    assert_string_equal(world->body, "0123456789");
    call(world, &(struct http_request){.url = world->url, .answer_limit = 9, .answer_cut = true});
    assert_int_equal(world->answer.error.kind, ERROR_NONE);
    assert_string_equal(world->body, "012345678");
    assert_int_equal(raw_server_accepted(world->server), 1);
    call(world, &(struct http_request){.url = world->url, .answer_limit = 9});
    assert_failed(world, ERROR_TOO_LARGE, "is larger than 9 bytes");
}

static void reply_without_end(struct world *world, struct raw_connection *connection,
                              const char *request)
{
    static char block[10 * 1024];
    (void)request;
    memset(block, 'x', sizeof(block));
    raw_send_string(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    for (int i = 0; i < 10; i++)
        raw_send(connection, block, sizeof(block));
    world->held = connection;
}

/* What is beyond need not end for the answer to count. */
static void a_rest_without_end_is_not_read(void **state)
{
    struct world *world = *state;
    world->behave = reply_without_end;
    call(world, &(struct http_request){.url = world->url, .answer_limit = 9, .answer_cut = true});
    assert_int_equal(world->answer.error.kind, ERROR_NONE);
    assert_int_equal(world->answer.status, 200);
    assert_string_equal(world->body, "xxxxxxxxx");
    world->behave = reply;
    call(world, &(struct http_request){.url = world->url});
    assert_int_equal(world->answer.status, 204);
    assert_int_equal(raw_server_accepted(world->server), 2);
}

static void flood_headers(struct world *world, struct raw_connection *connection,
                          const char *request)
{
    (void)request;
    raw_send_string(connection, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 3000; i++)
        raw_send_string(connection, "X-Filler: 0123456789012345678901234567890123456789\r\n");
    world->held = connection;
}

static void bounds_the_headers(void **state)
{
    struct world *world = *state;
    world->behave = flood_headers;
    get(world);
    assert_failed(world, ERROR_TOO_LARGE, "headers");
}

static void gives_up_in_time(void **state)
{
    struct world *world = *state;
    char text[96];
    world->behave = hold;
    call(world, &(struct http_request){.url = world->url, .timeout_ms = 150});
    snprintf(text, sizeof(text), "no answer from 127.0.0.1:%u within 150 ms",
             raw_server_port(world->server));
    assert_failed(world, ERROR_TIMEOUT, text);
    assert_in_range(world->answer.duration_usec, 149000, PATIENCE_USEC);
}

static int on_drip(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct world *world = userdata;
    raw_send(world->held, "x", 1);
    assert_true(sd_event_source_set_time(source, usec + 10000) >= 0);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Bytes that trickle in do not postpone the deadline of the whole call. */
static void gives_up_on_a_slow_drip(void **state)
{
    struct world *world = *state;
    world->behave = reply_and_hold;
    world->reply = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nx";
    assert_int_equal(http_call(world->http,
                               &(struct http_request){.url = world->url, .timeout_ms = 300},
                               on_done, world, NULL),
                     0);
    wait_requests(world, 1);
    assert_true(sd_event_add_time_relative(world->event, &world->drip, CLOCK_MONOTONIC, 1000, 1,
                                           on_drip, world) >= 0);
    wait_done(world, 1);
    assert_failed(world, ERROR_TIMEOUT, "was not complete within 300 ms");
}

static void says_refused(void **state)
{
    struct world *world = *state;
    char text[96];
    uint16_t port = raw_server_port(world->server);
    raw_server_free(TAKE(world->server));
    snprintf(world->url, sizeof(world->url), "http://u:secret@127.0.0.1:%u/x?token=t#f", port);
    get(world);
    snprintf(text, sizeof(text), "connection to 127.0.0.1:%u refused", port);
    assert_failed(world, ERROR_CONNECT, text);
    assert_null(strstr(world->answer.error.text, "secret"));
    assert_null(strstr(world->answer.error.text, "token"));
    assert_string_equal(world->answer.peer, "");
}

static void says_what_is_not_a_name(void **state)
{
    struct world *world = *state;
    call(world, &(struct http_request){.url = "https://no-such-host.invalid/"});
    assert_failed(world, ERROR_DNS, "the name no-such-host.invalid does not resolve");
}

static void says_broken_without_an_answer(void **state)
{
    struct world *world = *state;
    world->behave = reply_and_close;
    world->reply = "";
    get(world);
    assert_failed(world, ERROR_RESET, "without an answer");
}

static void says_broken_in_the_middle(void **state)
{
    struct world *world = *state;
    world->reply = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234";
    world->behave = reply_and_close;
    get(world);
    assert_failed(world, ERROR_RESET, "before its answer was complete");
    world->behave = reply_and_reset;
    get(world);
    assert_int_equal(world->answer.error.kind, ERROR_RESET);
    world->reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n";
    world->behave = reply_and_close;
    get(world);
    assert_failed(world, ERROR_RESET, "before its answer was complete");
}

static void says_what_is_not_http(void **state)
{
    struct world *world = *state;
    world->behave = reply_and_close;
    world->reply = "220 mail.example ESMTP\r\n";
    get(world);
    assert_failed(world, ERROR_PROTOCOL, "is not HTTP");
}

static void speak_first(struct raw_connection *connection)
{
    raw_send_string(connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

static void speak_alert(struct raw_connection *connection)
{
    raw_send(connection, "\x15\x03\x03\0\2\2\x28", 7); /* TLS 1.2: handshake failure */
}

/* A TLS hello is no HTTP request, so the server has to speak first. */
static void expect_no_tls(struct world *world, void (*speak)(struct raw_connection *),
                          enum error_kind kind, const char *before, const char *behind)
{
    unsigned port = raw_server_port(world->server);
    AUTOFREE char *text = memory_format("%s127.0.0.1:%u%s", before, port, behind);
    raw_server_on_accept(world->server, speak);
    snprintf(world->url, sizeof(world->url), "https://127.0.0.1:%u/", port);
    get(world);
    assert_failed(world, kind, text);
}

static void says_why_there_is_no_tls(void **state)
{
    expect_no_tls(*state, speak_first, ERROR_NO_TLS, "", " does not speak TLS on this");
    expect_no_tls(*state, speak_alert, ERROR_TLS, "no TLS with ", ": ");
}

static void refuses_other_schemes(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {"file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1", "",
                                      "httpx://127.0.0.1/"};
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        assert_int_equal(
            http_call(world->http, &(struct http_request){.url = bad[i]}, on_done, world, NULL),
            -EINVAL);
    const char *headers[] = {"X-One: 1\r\nX-Two: 2", NULL};
    assert_int_equal(http_call(world->http,
                               &(struct http_request){.url = world->url, .headers = headers},
                               on_done, world, NULL),
                     -EINVAL);
    assert_int_equal(http_in_flight(world->http), 0);
}

static void does_not_follow(void **state)
{
    struct world *world = *state;
    world->reply = "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n";
    get(world);
    assert_int_equal(world->answer.status, 302);
    assert_int_equal(world->requests, 1);
}

static void cancels(void **state)
{
    struct world *world = *state;
    struct http_slot *slot;
    http_cancel(NULL);
    world->behave = hold;
    assert_int_equal(
        http_call(world->http, &(struct http_request){.url = world->url}, on_done, world, &slot),
        0);
    http_cancel(slot); /* before anything was sent */
    assert_int_equal(
        http_call(world->http, &(struct http_request){.url = world->url}, on_done, world, &slot),
        0);
    wait_requests(world, 1);
    assert_int_equal(http_in_flight(world->http), 1);
    http_cancel(slot);
    assert_int_equal(http_in_flight(world->http), 0);
    world->behave = reply;
    get(world);
    assert_int_equal(world->done, 1);
    assert_int_equal(raw_server_accepted(world->server), 2);
}

struct chain {
    struct world *world;
    struct http_slot *own, *other;
    unsigned called;
};

static void on_chain(struct http_answer *answer, void *userdata)
{
    struct chain *chain = userdata;
    (void)answer;
    chain->called++;
    http_cancel(chain->own); /* has ended: nothing happens */
    http_cancel(TAKE(chain->other));
    assert_int_equal(http_call(chain->world->http, &(struct http_request){.url = chain->world->url},
                               on_done, chain->world, NULL),
                     0);
}

static void callbacks_may_call_and_cancel(void **state)
{
    struct world *world = *state;
    struct chain chain = {.world = world};
    const struct http_request request = {.url = world->url};
    assert_int_equal(http_call(world->http, &request, on_chain, &chain, &chain.own), 0);
    assert_int_equal(http_call(world->http, &request, on_done, world, &chain.other), 0);
    wait_done(world, 1);
    assert_int_equal(chain.called, 1);
    assert_int_equal(http_in_flight(world->http), 0);
}

static void ends_with_calls_in_flight(void **state)
{
    struct world *world = *state;
    get(world);
    world->behave = hold;
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            http_call(world->http, &(struct http_request){.url = world->url}, on_done, world, NULL),
            0);
    wait_requests(world, 3);
    http_free(TAKE(world->http));
    assert_int_equal(world->done, 1);
    http_free(NULL);
}

/* A short deadline armed after a long one, and the other way round. */
static void deadlines_of_different_length(void **state)
{
    struct world *world = *state;
    struct http_slot *slow;
    world->behave = hold;
    assert_int_equal(http_call(world->http,
                               &(struct http_request){.url = world->url, .timeout_ms = 60000},
                               on_done, world, &slow),
                     0);
    wait_requests(world, 1);
    for (int i = 0; i < 3; i++)
        call(world, &(struct http_request){.url = world->url, .timeout_ms = 50});
    assert_int_equal(http_in_flight(world->http), 1);
    http_cancel(slow);
    call(world, &(struct http_request){.url = world->url, .timeout_ms = 50});
    assert_int_equal(world->answer.error.kind, ERROR_TIMEOUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(brings_the_answer),
        TEST(sends_what_it_is_told),
        TEST(big_bodies_are_sent_without_asking),
        TEST(keeps_the_connection),
        TEST(many_at_once_share_few_handles),
        TEST(outlives_a_connection_closed_while_idle),
        TEST(an_idle_connection_costs_no_turns),
        TEST(bounds_the_answer),
        TEST(a_rest_without_end_is_not_read),
        TEST(bounds_the_headers),
        TEST(gives_up_in_time),
        TEST(gives_up_on_a_slow_drip),
        TEST(says_refused),
        TEST(says_what_is_not_a_name),
        TEST(says_broken_without_an_answer),
        TEST(says_broken_in_the_middle),
        TEST(says_what_is_not_http),
        TEST(says_why_there_is_no_tls),
        TEST(refuses_other_schemes),
        TEST(does_not_follow),
        TEST(cancels),
        TEST(callbacks_may_call_and_cancel),
        TEST(ends_with_calls_in_flight),
        TEST(deadlines_of_different_length),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
