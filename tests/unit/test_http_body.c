/* SPDX-License-Identifier: MIT */
/* Answers of which status and headers are enough, and headers that are too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "raw_server.h"
#include "wire/http.h"

#define PATIENCE_USEC (20 * USEC_PER_SEC)

struct world {
    sd_event *event;
    struct http *http;
    struct raw_server *server;
    char url[64];
    const char *reply;
    bool closes; /* after the reply */
    struct http_answer answer;
    char *body;
    bool done;
};

static void on_request(struct raw_connection *connection, const char *request, void *userdata)
{
    struct world *world = userdata;
    (void)request;
    raw_send_string(connection, world->reply);
    if (world->closes)
        raw_close(connection);
}

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    if (sd_event_new(&world->event) < 0 || http_new(&world->http, world->event) < 0)
        return -1;
    world->server = raw_server_new(world->event, on_request, world);
    snprintf(world->url, sizeof(world->url), "http://127.0.0.1:%u/x",
             raw_server_port(world->server));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    http_free(world->http);
    raw_server_free(world->server);
    sd_event_unref(world->event);
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
    world->done = true;
}

static void call(struct world *world, const struct http_request *request)
{
    uint64_t end = clock_boot_usec() + PATIENCE_USEC;
    world->done = false;
    assert_int_equal(http_call(world->http, request, on_done, world, NULL), 0);
    while (!world->done) {
        assert_true(clock_boot_usec() < end);
        assert_true(sd_event_run(world->event, PATIENCE_USEC) >= 0);
    }
}

/* Headers that end, and a body that does not, or that is not what they say. */
static void an_optional_body_undoes_nothing(void **state)
{
    static const char *const replies[] = {
        "Content-Length: 70\r\n\r\n01234",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n01234",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n01234",
        "Content-Length: 70\r\n\r\n",
        "Content-Length: seventy\r\n\r\n01234",
        "Content-Length: 5\r\nContent-Length: 7\r\n\r\n01234",
    };
    static const int statuses[] = {200, 204, 400, 429, 503};
    struct world *world = *state;
    world->closes = true;
    for (size_t i = 0; i < ELEMENTS(replies) * ELEMENTS(statuses); i++) {
        int status = statuses[i % ELEMENTS(statuses)];
        AUTOFREE char *text = memory_format("HTTP/1.1 %d Whatever\r\nRetry-After: 3\r\n%s", status,
                                            replies[i / ELEMENTS(statuses)]);
        world->reply = text;
        call(world, &(struct http_request){.url = world->url, .body_optional = true});
        if (world->answer.error.kind != ERROR_NONE)
            fail_msg("%s: %s", text, world->answer.error.text);
        assert_int_equal(world->answer.status, status);
        assert_string_equal(world->answer.retry_after, "3");
    }
}

/* Half of the headers are no answer, nor are those of an interim one. */
static void an_optional_body_is_no_optional_header(void **state)
{
    static const char *const replies[] = {
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nContent-Length: x\r\n\r\n",
    };
    struct world *world = *state;
    world->closes = true;
    for (size_t i = 0; i < ELEMENTS(replies) * 2; i++) {
        world->reply = replies[i / 2];
        call(world, &(struct http_request){.url = world->url, .body_optional = i % 2});
        if (world->answer.error.kind == ERROR_NONE)
            fail_msg("%s: status %d", world->reply, world->answer.status);
    }
}

/* Long before the call's own limit; a body that comes at once keeps its connection. */
static void an_optional_body_is_not_waited_for(void **state)
{
    struct world *world = *state;
    struct http_request request = {
        .url = world->url, .timeout_ms = 10 * PATIENCE_USEC / 1000, .body_optional = true};
    world->reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n01234";
    call(world, &request);
    call(world, &request);
    assert_string_equal(world->body, "01234");
    assert_int_equal(raw_server_accepted(world->server), 1);
    world->reply = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nx";
    call(world, &request);
    assert_int_equal(world->answer.error.kind, ERROR_NONE);
    assert_int_equal(world->answer.status, 200);
    assert_string_equal(world->body, "x");
}

static void names_a_header_line_that_is_too_long(void **state)
{
    struct world *world = *state;
    AUTOFREE char *line = memory_new(200001);
    memset(line, 'x', 200000);
    AUTOFREE char *reply = memory_format("HTTP/1.1 200 OK\r\nX-Long: %s", line);
    world->reply = reply;
    call(world, &(struct http_request){.url = world->url});
    assert_int_equal(world->answer.error.kind, ERROR_TOO_LARGE);
    assert_non_null(strstr(world->answer.error.text, "a header line of 127.0.0.1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_optional_body_undoes_nothing),
        TEST(an_optional_body_is_no_optional_header),
        TEST(an_optional_body_is_not_waited_for),
        TEST(names_a_header_line_that_is_too_long),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
