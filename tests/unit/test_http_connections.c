/* SPDX-License-Identifier: MIT */
/* Which connection a call takes, and how long one lives. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "raw_server.h"
#include "silent_host.h"
#include "wire/http.h"

#define PATIENCE_USEC (20 * USEC_PER_SEC)

/* So much later than the clock says it is for libcurl. */
static time_t ahead_s;

/* In place of libc's, as libcurl calls it. */
__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *time)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int r = real(id, time);
    if (id == CLOCK_MONOTONIC)
        time->tv_sec += ahead_s;
    return r;
}

struct world {
    sd_event *event;
    struct http *http;
    struct raw_server *server;
    char url[64];
    unsigned requests, done;
    bool breaks; /* the server ends connections without an answer */
    struct raw_connection *held;
    bool holds;
    const char *reply; /* NULL: one without header lines */
    struct http_answer answer;
};

static void on_request(struct raw_connection *connection, const char *request, void *userdata)
{
    struct world *world = userdata;
    (void)request;
    world->requests++;
    if (world->holds)
        world->held = connection;
    else if (world->breaks)
        raw_close(connection);
    else
        raw_send_string(connection,
                        world->reply ? world->reply : "HTTP/1.1 204 No Content\r\n\r\n");
}

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    ahead_s = 0;
    if (sd_event_new(&world->event) < 0 || http_new(&world->http, world->event) < 0)
        return -1;
    world->server = raw_server_new(world->event, on_request, world);
    snprintf(world->url, sizeof(world->url), "http://127.0.0.1:%u/",
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
    free(world);
    return 0;
}

static void on_done(struct http_answer *answer, void *userdata)
{
    struct world *world = userdata;
    world->answer = *answer;
    world->done++;
}

static void turn(struct world *world, const unsigned *count, unsigned wanted)
{
    uint64_t end = clock_boot_usec() + PATIENCE_USEC;
    while (*count < wanted) {
        if (clock_boot_usec() > end)
            fail_msg("%u instead of %u", *count, wanted);
        assert_true(sd_event_run(world->event, PATIENCE_USEC) >= 0);
    }
}

static void begin(struct world *world, struct http_request request)
{
    if (!request.url)
        request.url = world->url;
    assert_int_equal(http_call(world->http, &request, on_done, world, NULL), 0);
}

static void call(struct world *world, struct http_request request)
{
    unsigned before = world->done;
    begin(world, request);
    turn(world, &world->done, before + 1);
}

static void assert_good(struct world *world, unsigned connections)
{
    assert_string_equal(world->answer.error.text, "");
    assert_int_equal(world->answer.status, 204);
    assert_int_equal(raw_server_accepted(world->server), connections);
}

static void a_kept_connection_that_breaks_is_an_end_of_the_call(void **state)
{
    struct world *world = *state;
    struct http_request once = {.method = "POST", .once = true};
    call(world, once);
    assert_false(world->answer.kept_broke);
    world->breaks = true;
    call(world, once);
    assert_true(world->answer.kept_broke);
    assert_int_equal(world->answer.error.kind, ERROR_RESET);
    assert_int_equal(world->requests, 2);
    /* On a new connection it is the server's own doing. */
    once.fresh = true;
    call(world, once);
    assert_false(world->answer.kept_broke);
    assert_int_equal(world->answer.error.kind, ERROR_RESET);
    assert_int_equal(world->requests, 3);
    world->breaks = false;
    call(world, once);
    assert_string_equal(world->answer.error.text, "");
    assert_int_equal(world->requests, 4);
}

static void without_once_the_call_is_made_again(void **state)
{
    struct world *world = *state;
    call(world, (struct http_request){.method = "POST"});
    world->breaks = true;
    call(world, (struct http_request){.method = "POST"});
    assert_false(world->answer.kept_broke);
    assert_int_equal(world->answer.error.kind, ERROR_RESET);
    assert_int_equal(world->requests, 3);
}

/* libcurl 7.88 would add it to the last header of the call before, in memory that was given back:
 * the sanitizers and valgrind see that, and a plain build may not. */
static void a_first_line_that_is_folded_belongs_to_no_header(void **state)
{
    struct world *world = *state;
    struct http_request request = {.body_optional = true};
    world->reply = "HTTP/1.1 204 No Content\r\nX-First: 1\r\nRetry-After: 7\r\n\r\n";
    call(world, request);
    assert_string_equal(world->answer.retry_after, "7");
    world->reply = "HTTP/1.1 204 No Content\r\n X-Folded: 1\r\n\r\n";
    call(world, request);
    assert_good(world, 1);
}

static void fresh_leaves_what_is_kept(void **state)
{
    struct world *world = *state;
    call(world, (struct http_request){0});
    call(world, (struct http_request){.fresh = true});
    assert_good(world, 2);
    call(world, (struct http_request){0});
    assert_good(world, 2);
}

static void lives_five_minutes(void **state)
{
    struct world *world = *state;
    for (; ahead_s < 300; ahead_s += 60) {
        call(world, (struct http_request){0});
        assert_good(world, 1);
    }
    ahead_s = 302;
    call(world, (struct http_request){0});
    assert_good(world, 2);
    ahead_s += 60;
    call(world, (struct http_request){0});
    assert_good(world, 2);
}

static void renewed_between_two_calls(void **state)
{
    struct world *world = *state;
    call(world, (struct http_request){0});
    http_renew(world->http);
    call(world, (struct http_request){0});
    assert_good(world, 2);
    call(world, (struct http_request){0});
    assert_good(world, 2);
    assert_int_equal(raw_server_open(world->server), 1);
}

static void renewed_within_a_call(void **state)
{
    struct world *world = *state;
    world->holds = true;
    begin(world, (struct http_request){0});
    turn(world, &world->requests, 1);
    http_renew(world->http);
    world->holds = false;
    raw_send_string(world->held, "HTTP/1.1 204 No Content\r\n\r\n");
    turn(world, &world->done, 1);
    assert_good(world, 1);
    call(world, (struct http_request){0});
    assert_good(world, 2);
}

/* libcurl closes sockets that never connected without a callback, and their numbers come back. */
static void a_silent_host_costs_its_own_calls(void **state)
{
    struct world *world = *state;
    struct silent_host host;
    char url[64];
    assert_int_equal(silent_host_begin(&host, 0), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", host.port);
    unsigned silent = 0;
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 8; i++)
            begin(world, (struct http_request){.url = url, .connect_timeout_ms = 100});
        silent += 8;
        for (int i = 0; i < 8; i++)
            begin(world, (struct http_request){0});
        turn(world, &world->done, 2 * silent);
        assert_int_equal(world->requests, silent);
    }
    assert_null(http_broken(world->http));
    assert_int_equal(http_overdue_usec(world->http), 0);
    assert_int_equal(http_in_flight(world->http), 0);
    silent_host_end(&host);
}

static void what_is_overdue(void **state)
{
    struct world *world = *state;
    world->holds = true;
    begin(world, (struct http_request){.timeout_ms = 1});
    assert_int_equal(http_overdue_usec(world->http), 0);
    uint64_t end = clock_boot_usec() + PATIENCE_USEC;
    while (http_overdue_usec(world->http) == 0) /* as the loop does not turn */
        assert_true(clock_boot_usec() < end);
    turn(world, &world->done, 1);
    assert_int_equal(world->answer.error.kind, ERROR_TIMEOUT);
    assert_int_equal(http_overdue_usec(world->http), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kept_connection_that_breaks_is_an_end_of_the_call, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_once_the_call_is_made_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_first_line_that_is_folded_belongs_to_no_header, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(fresh_leaves_what_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(lives_five_minutes, setup, teardown),
        cmocka_unit_test_setup_teardown(renewed_between_two_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(renewed_within_a_call, setup, teardown),
        cmocka_unit_test_setup_teardown(a_silent_host_costs_its_own_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_overdue, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
