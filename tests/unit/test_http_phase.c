/* SPDX-License-Identifier: MIT */
/* Where the time of a call ran out, and limits of single phases. */
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/wire/http_phase.h"
#include "base/clock.h"
#include "base/memory.h"
#include "raw_server.h"
#include "wire/http.h"

/* A call that does not end fails the test, after this. */
#define PATIENCE_USEC (60 * USEC_PER_SEC)

#define SLOW_NAME "slow.example"

/* In place of libc's, as curl's resolver calls it: one name never resolves. */
__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **result)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    while (name && strcmp(name, SLOW_NAME) == 0)
        pause();
    return real(name, service, hints, result);
}

struct world {
    sd_event *event;
    struct http *http;
    struct raw_server *server;
    struct http_transport *transport;
    struct raw_connection *held;
    char url[64];
    struct error error;
    uint64_t duration_usec;
    unsigned done;
};

static void on_request(struct raw_connection *connection, const char *request, void *userdata)
{
    struct world *world = userdata;
    (void)request;
    world->held = connection;
}

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    if (sd_event_new(&world->event) < 0 || http_new(&world->http, world->event) < 0)
        return -1;
    world->server = raw_server_new(world->event, on_request, world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    http_free(world->http);
    http_transport_free(world->transport);
    raw_server_free(world->server);
    sd_event_unref(world->event);
    free(world);
    return 0;
}

static void use_way(struct world *world, const struct http_transport_options *options)
{
    http_transport_free(world->transport);
    world->transport = http_transport_new(options);
}

static void on_done(struct http_answer *answer, void *userdata)
{
    struct world *world = userdata;
    world->error = answer->error;
    world->duration_usec = answer->duration_usec;
    world->done++;
}

static void begin(struct world *world, const char *url, uint64_t timeout_ms)
{
    struct http_request request = {
        .url = url, .transport = world->transport, .timeout_ms = timeout_ms};
    assert_int_equal(http_call(world->http, &request, on_done, world, NULL), 0);
}

static void wait_done(struct world *world, unsigned count)
{
    uint64_t end = clock_boot_usec() + PATIENCE_USEC;
    while (world->done < count && clock_boot_usec() < end)
        assert_true(sd_event_run(world->event, PATIENCE_USEC) >= 0);
    assert_int_equal(world->done, count);
}

static void assert_timeout(struct world *world, const char *url, uint64_t timeout_ms,
                           const char *text)
{
    unsigned before = world->done;
    begin(world, url, timeout_ms);
    wait_done(world, before + 1);
    assert_int_equal(world->error.kind, ERROR_TIMEOUT);
    assert_string_equal(world->error.text, text);
}

static char *url_of(struct world *world, const char *scheme)
{
    snprintf(world->url, sizeof(world->url), "%s://127.0.0.1:%u/x", scheme,
             raw_server_port(world->server));
    return world->url;
}

static char *text_of(const struct world *world, const char *before, const char *after)
{
    return memory_format("%s127.0.0.1:%u%s", before, raw_server_port(world->server), after);
}

static void looking_up(void **state)
{
    struct world *world = *state;
    use_way(world, &(struct http_transport_options){.connect_timeout_ms = 120});
    assert_timeout(world, "https://" SLOW_NAME "/", 60000,
                   "no connection to " SLOW_NAME ":443 within 120 ms: its name was not resolved");
    use_way(world, &(struct http_transport_options){.lookup_timeout_ms = 130});
    assert_timeout(world, "https://" SLOW_NAME "/", 60000,
                   "no connection to " SLOW_NAME ":443 within 130 ms: its name was not resolved");
    /* The other limits are far away: which of two close ones a slow machine sees first is open. */
    use_way(world, &(struct http_transport_options){.lookup_timeout_ms = 60000});
    assert_timeout(world, "https://" SLOW_NAME "/", 110,
                   "no connection to " SLOW_NAME ":443 within 110 ms: its name was not resolved");
}

/* A port whose queue is full: the kernel drops what else wants to connect. */
static void connecting(void **state)
{
    struct world *world = *state;
    int waiting[8], full = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    assert_int_equal(bind(full, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(full, 0), 0);
    assert_int_equal(getsockname(full, (struct sockaddr *)&address, &size), 0);
    for (size_t i = 0; i < ELEMENTS(waiting); i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(waiting[i], (struct sockaddr *)&address, size);
    }
    AUTOFREE char *url = memory_format("https://127.0.0.1:%u/", ntohs(address.sin_port));
    AUTOFREE char *text =
        memory_format("no connection to 127.0.0.1:%u within 1400 ms", ntohs(address.sin_port));
    use_way(world, &(struct http_transport_options){.connect_timeout_ms = 1400,
                                                    .lookup_timeout_ms = 1000,
                                                    .tls_timeout_ms = 1000});
    assert_timeout(world, url, 60000, text);
    assert_true(world->duration_usec >= 1399 * USEC_PER_MSEC);
    for (size_t i = 0; i < ELEMENTS(waiting); i++)
        close(waiting[i]);
    close(full);
}

static void shaking_hands(void **state)
{
    struct world *world = *state;
    const char *url = url_of(world, "https");
    AUTOFREE char *all =
        text_of(world, "no connection to ", " within 1 s: the TLS handshake was not complete");
    AUTOFREE char *alone =
        text_of(world, "no connection to ", " within 160 ms: the TLS handshake was not complete");
    use_way(world, &(struct http_transport_options){.connect_timeout_ms = 1000});
    assert_timeout(world, url, 60000, all);
    use_way(world, &(struct http_transport_options){.tls_timeout_ms = 160});
    assert_timeout(world, url, 60000, alone);
    assert_in_range(world->duration_usec, 159 * USEC_PER_MSEC, 9 * USEC_PER_SEC);
}

static void a_silent_proxy(void **state)
{
    struct world *world = *state;
    AUTOFREE char *proxy = memory_format("http://127.0.0.1:%u", raw_server_port(world->server));
    use_way(world, &(struct http_transport_options){.connect_timeout_ms = 1000, .proxy = proxy});
    AUTOFREE char *text = memory_format("no connection to wms.example:443 within 1 s: the proxy "
                                        "127.0.0.1:%u did not open the way",
                                        raw_server_port(world->server));
    assert_timeout(world, "https://wms.example/", 60000, text);
}

static void waiting_and_reading(void **state)
{
    struct world *world = *state;
    const char *url = url_of(world, "http");
    AUTOFREE char *waiting = text_of(world, "no answer from ", " within 1500 ms");
    AUTOFREE char *reading = text_of(world, "the answer of ", " was not complete within 1600 ms");
    /* Limits of the way to a connection do not hold behind it. */
    use_way(world, &(struct http_transport_options){.connect_timeout_ms = 1000,
                                                    .lookup_timeout_ms = 1000,
                                                    .tls_timeout_ms = 1000});
    assert_timeout(world, url, 1500, waiting);
    world->held = NULL;
    begin(world, url, 1600);
    while (!world->held)
        assert_true(sd_event_run(world->event, PATIENCE_USEC) >= 0);
    raw_send_string(world->held, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
    wait_done(world, 2);
    assert_string_equal(world->error.text, reading);
}

/* Several at once, of which only those end whose phase is over; and one that its callback ends. */
static void each_by_its_own(void **state)
{
    struct world *world = *state;
    struct http_transport *slow = http_transport_new(&(struct http_transport_options){
        .connect_timeout_ms = PATIENCE_USEC / USEC_PER_MSEC, .tls_timeout_ms = 2 * 60000});
    struct http_slot *slot = NULL;
    struct http_request patient = {
        .url = url_of(world, "https"), .transport = slow, .timeout_ms = 60000};
    assert_int_equal(http_call(world->http, &patient, on_done, world, &slot), 0);
    use_way(world, &(struct http_transport_options){.tls_timeout_ms = 100});
    for (int i = 0; i < 10; i++)
        begin(world, world->url, 60000);
    wait_done(world, 10);
    assert_int_equal(http_in_flight(world->http), 1);
    http_cancel(slot);
    http_transport_free(slow);
}

static void when_to_look(void **state)
{
    const struct http_limits both = {.lookup = 5, .tls = 7}, tls = {.tls = 7},
                             lookup = {.lookup = 5};
    (void)state;
    assert_int_equal(http_phase_due(&both, HTTP_LOOKUP, 0), 5000);
    assert_int_equal(http_phase_due(&both, HTTP_TLS, 300), 7300);
    assert_int_equal(http_phase_due(&both, HTTP_CONNECT, 300), UINT64_MAX);
    assert_int_equal(http_phase_due(&lookup, HTTP_TLS, 300), UINT64_MAX);
    assert_int_equal(http_phase_look(&both, HTTP_LOOKUP, 0, 0), 5000);
    assert_int_equal(http_phase_look(&tls, HTTP_LOOKUP, 0, 0), 7000);
    assert_int_equal(http_phase_look(&tls, HTTP_CONNECT, 10, 2000), 9000);
    assert_int_equal(http_phase_look(&lookup, HTTP_CONNECT, 10, 2000), UINT64_MAX);
    assert_int_equal(http_phase_look(&both, HTTP_WAIT, 10, 2000), UINT64_MAX);
    assert_int_equal(http_phase_look(&both, HTTP_READ, 10, 2000), UINT64_MAX);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(looking_up),
        TEST(connecting),
        TEST(shaking_hands),
        TEST(a_silent_proxy),
        TEST(waiting_and_reading),
        TEST(each_by_its_own),
        cmocka_unit_test(when_to_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
