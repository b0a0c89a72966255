/* SPDX-License-Identifier: MIT */
/* A libcurl that fails: the watchdog is not fed any more, and one event says why. */
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "../../src/daemon/daemon.h"
#include "base/clock.h"
#include "base/memory.h"
#include "capture.h"
#include "parts.h"
#include "scratch.h"
#include "wire/http.h"

/* What does not happen fails the test, after this. */
#define PATIENCE_USEC (30 * USEC_PER_SEC)

/* The service manager wants to be notified so often; the timer fires twice as often. */
#define WATCHDOG_USEC "20000"

/* So often the timer fires before a test says that nothing comes. */
#define LOOKS 3

static CURLMcode add_result, action_result;

/* In place of libcurl's, as wire calls it. */
__attribute__((visibility("default"))) CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
{
    CURLMcode (*real)(CURLM *, CURL *) = dlsym(RTLD_NEXT, "curl_multi_add_handle");
    return add_result == CURLM_OK ? real(multi, easy) : add_result;
}

/* The same. */
__attribute__((visibility("default"))) CURLMcode
curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int flags, int *running)
{
    CURLMcode (*real)(CURLM *, curl_socket_t, int, int *) =
        dlsym(RTLD_NEXT, "curl_multi_socket_action");
    return action_result == CURLM_OK ? real(multi, fd, flags, running) : action_result;
}

struct world {
    struct daemon daemon;
    char *directory;
    int manager; /* the socket of the service manager */
};

static int listen_in(const char *directory)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", directory);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -1;
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    setenv("WATCHDOG_USEC", WATCHDOG_USEC, 1);
    unsetenv("WATCHDOG_PID");
    return fd;
}

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    struct daemon *d = &world->daemon;
    add_result = action_result = CURLM_OK;
    *state = world;
    world->directory = scratch_new();
    world->manager = listen_in(world->directory);
    if (world->manager < 0 || sd_event_new(&d->event) < 0)
        return -1;
    return http_new(&d->http, d->event) < 0 || daemon_watch(d) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    struct daemon *d = &world->daemon;
    add_result = action_result = CURLM_OK;
    sd_event_source_disable_unref(d->watchdog_timer);
    http_free(d->http);
    sd_event_unref(d->event);
    close(world->manager);
    scratch_remove(world->directory);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    free(world);
    return 0;
}

/* Runs the loop until the timer of the watchdog has fired so often. */
static void look(struct world *world, unsigned times)
{
    struct daemon *d = &world->daemon;
    uint64_t end = clock_boot_usec() + PATIENCE_USEC, before, due;
    while (times > 0 && clock_boot_usec() < end) {
        assert_true(sd_event_source_get_time(d->watchdog_timer, &before) >= 0);
        assert_true(sd_event_run(d->event, PATIENCE_USEC) >= 0);
        assert_true(sd_event_source_get_time(d->watchdog_timer, &due) >= 0);
        times -= due != before;
    }
    assert_int_equal(times, 0);
}

/* Takes everything that has come to the service manager: how often the watchdog was fed. */
static unsigned take_fed(struct world *world)
{
    char message[256];
    unsigned fed = 0;
    ssize_t size;
    while ((size = recv(world->manager, message, sizeof(message) - 1, 0)) >= 0) {
        message[size] = '\0';
        fed += strstr(message, "WATCHDOG=1") != NULL;
    }
    assert_int_equal(errno, EAGAIN);
    return fed;
}

static void on_done(struct http_answer *answer, void *userdata)
{
    (void)answer;
    (void)userdata;
    fail_msg("a call ended");
}

static int call(struct world *world)
{
    struct http_request request = {.url = "http://127.0.0.1:9/", .timeout_ms = 600000};
    return http_call(world->daemon.http, &request, on_done, NULL, NULL);
}

/* The client stays broken, also if libcurl worked again. */
static void assert_stalled(struct world *world, const char *why)
{
    assert_non_null(http_broken(world->daemon.http));
    take_fed(world);
    capture_start(STDERR_FILENO);
    look(world, 1);
    add_result = action_result = CURLM_OK;
    look(world, LOOKS);
    AUTOFREE char *text = capture_end(STDERR_FILENO);
    assert_string_equal(http_broken(world->daemon.http), why);
    assert_int_equal(take_fed(world), 0);
    assert_true(world->daemon.stalled);
    assert_int_equal(count_parts(text, "Dockbell makes no progress"), 1);
    AUTOFREE char *reason = memory_format("libcurl can start no request: %s. The watchdog", why);
    assert_part(text, reason);
}

static void a_client_that_works_feeds_it(void **state)
{
    struct world *world = *state;
    assert_null(http_broken(world->daemon.http));
    look(world, LOOKS);
    assert_int_equal(take_fed(world), LOOKS);
    assert_false(world->daemon.stalled);
}

static void a_call_that_cannot_be_added(void **state)
{
    struct world *world = *state;
    look(world, 1);
    add_result = CURLM_INTERNAL_ERROR;
    assert_int_equal(call(world), -EIO);
    assert_int_equal(http_in_flight(world->daemon.http), 0);
    assert_stalled(world, curl_multi_strerror(CURLM_INTERNAL_ERROR));
}

static void a_turn_that_fails(void **state)
{
    struct world *world = *state;
    look(world, 1);
    action_result = CURLM_OUT_OF_MEMORY;
    assert_int_equal(call(world), 0);
    uint64_t end = clock_boot_usec() + PATIENCE_USEC;
    while (!http_broken(world->daemon.http) && clock_boot_usec() < end) {
        assert_true(sd_event_run(world->daemon.event, PATIENCE_USEC) > 0);
        take_fed(world); /* a full socket would hold sd_notify up */
    }
    assert_stalled(world, curl_multi_strerror(CURLM_OUT_OF_MEMORY));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_client_that_works_feeds_it),
        TEST(a_call_that_cannot_be_added),
        TEST(a_turn_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
