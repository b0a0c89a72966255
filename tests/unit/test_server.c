/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "wire/http.h"
#include "wire/server.h"

#define DEADLINE_USEC (10 * USEC_PER_SEC)
#define BODY_LIMIT    1000

/* One server, one client, one loop. */
struct fixture {
    sd_event *event;
    struct server *server;
    struct http *http;
    struct exchange *waiting; /* the request on /later */
    unsigned gone;
    bool done;
    struct error error;
    int status;
    struct text body;
};

static void handler(struct exchange *exchange, void *userdata)
{
    struct fixture *f = userdata;
    const char *path = exchange_path(exchange);
    size_t size;
    const char *body = exchange_body(exchange, &size);
    if (text_equal(path, "/later")) {
        exchange_set_context(exchange, f);
        f->waiting = exchange;
        return;
    }
    if (text_equal(path, "/drop")) {
        exchange_drop(exchange);
        return;
    }
    if (text_starts(path, "/flow")) {
        bool half = text_equal(path, "/flow/half");
        struct exchange_flow flow = {half ? 10 : SIZE_MAX, 5, USEC_PER_MSEC};
        exchange_answer_flow(exchange, 200, "text/plain", "12345678901234567890", 20, &flow);
        return;
    }
    AUTOTEXT struct text out = {0};
    const char *query = exchange_query(exchange, "q");
    const char *header = exchange_header(exchange, "X-Test");
    text_appendf(&out, "%s|%s|%s|%s|%s|%.*s", exchange_method(exchange), path,
                 exchange_target(exchange), query ? query : "-", header ? header : "-", (int)size,
                 body);
    exchange_add_header(exchange, "Retry-After", "17");
    exchange_add_header(exchange, "Date", "Sun, 30 Aug 2015 12:36:00 GMT");
    exchange_answer(exchange, 418, "text/plain", out.data, out.size);
}

static void gone(struct exchange *exchange, void *userdata)
{
    struct fixture *f = userdata;
    assert_ptr_equal(exchange_context(exchange), f);
    assert_ptr_equal(exchange, f->waiting);
    f->waiting = NULL;
    f->gone++;
}

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    struct server_options options = {.listen = "127.0.0.1:0",
                                     .body_limit = BODY_LIMIT,
                                     .handler = handler,
                                     .gone = gone,
                                     .userdata = f};
    assert_true(sd_event_new(&f->event) >= 0);
    assert_int_equal(server_new(&f->server, f->event, &options), 0);
    assert_int_equal(http_new(&f->http, f->event), 0);
    assert_int_not_equal(server_port(f->server), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    http_free(f->http);
    server_free(f->server);
    text_clear(&f->body);
    sd_event_unref(f->event);
    free(f);
    return 0;
}

/* Runs the loop until the condition holds; a test that waits for ever fails. */
#define RUN_UNTIL(f, condition)                                                                    \
    do {                                                                                           \
        uint64_t give_up_usec = clock_boot_usec() + DEADLINE_USEC;                                 \
        while (!(condition)) {                                                                     \
            assert_true(clock_boot_usec() < give_up_usec);                                         \
            assert_true(sd_event_run((f)->event, 10 * USEC_PER_MSEC) >= 0);                        \
        }                                                                                          \
    } while (0)

static void done(struct http_answer *answer, void *userdata)
{
    struct fixture *f = userdata;
    f->done = true;
    f->error = answer->error;
    f->status = answer->status;
    text_reset(&f->body);
    text_append(&f->body, answer->body, answer->body_size);
    if (answer->retry_after[0]) {
        assert_string_equal(answer->retry_after, "17");
        assert_int_equal(answer->date_usec, 1440938160 * USEC_PER_SEC);
    }
}

static void start(struct fixture *f, const char *target, const char *body)
{
    AUTOFREE char *url = memory_format("http://127.0.0.1:%u%s", server_port(f->server), target);
    const char *headers[] = {"X-Test: yes", NULL};
    struct http_request request = {
        .url = url, .headers = headers, .body = body, .body_size = body ? strlen(body) : 0};
    f->done = false;
    assert_int_equal(http_call(f->http, &request, done, f, NULL), 0);
}

static void call(struct fixture *f, const char *target, const char *body)
{
    start(f, target, body);
    RUN_UNTIL(f, f->done);
}

static int connect_raw(struct fixture *f)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(server_port(f->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void send_raw(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Whether what has arrived holds the text; false as well when nothing has. */
static bool arrived(int fd, struct text *in, const char *text)
{
    char buffer[4096];
    ssize_t size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (size > 0)
        text_append(in, buffer, (size_t)size);
    return in->size > 0 && strstr(in->data, text);
}

static bool is_closed(int fd)
{
    char byte;
    ssize_t size = recv(fd, &byte, 1, MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno == ECONNRESET);
}

static void a_request_arrives_whole(void **state)
{
    struct fixture *f = *state;
    call(f, "/a%20b?q=x%26y", "hello");
    assert_int_equal(f->error.kind, ERROR_NONE);
    assert_int_equal(f->status, 418);
    assert_string_equal(f->body.data, "POST|/a b|/a%20b?q=x%26y|x&y|yes|hello");
    call(f, "/", NULL);
    assert_string_equal(f->body.data, "GET|/|/|-|yes|");
}

static void an_answer_may_come_later(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 3; i++) {
        start(f, "/later", "x");
        RUN_UNTIL(f, f->waiting);
        call(f, "/", NULL); /* others are answered meanwhile */
        f->done = false;
        exchange_answer(TAKE(f->waiting), 200, "text/plain", "late", 4);
        RUN_UNTIL(f, f->done);
        assert_int_equal(f->status, 200);
        assert_string_equal(f->body.data, "late");
    }
    assert_int_equal(f->gone, 0);
}

static void a_client_that_leaves_is_noticed(void **state)
{
    struct fixture *f = *state;
    int fd = connect_raw(f);
    send_raw(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    RUN_UNTIL(f, f->waiting);
    close(fd);
    RUN_UNTIL(f, f->gone == 1);
    call(f, "/", NULL);
    assert_int_equal(f->status, 418);
}

static void a_waiting_request_can_be_dropped(void **state)
{
    struct fixture *f = *state;
    start(f, "/later", "x");
    RUN_UNTIL(f, f->waiting);
    exchange_drop(TAKE(f->waiting));
    RUN_UNTIL(f, f->done);
    assert_int_equal(f->error.kind, ERROR_RESET);
    assert_int_equal(f->gone, 0);
    call(f, "/drop", NULL);
    assert_int_equal(f->error.kind, ERROR_RESET);
}

static void the_end_of_the_server_is_told_to_who_waits(void **state)
{
    struct fixture *f = *state;
    start(f, "/later", "x");
    RUN_UNTIL(f, f->waiting);
    server_free(TAKE(f->server));
    assert_int_equal(f->gone, 1);
    RUN_UNTIL(f, f->done);
    assert_int_equal(f->error.kind, ERROR_RESET);
}

static void bodies_have_a_limit(void **state)
{
    struct fixture *f = *state;
    char body[BODY_LIMIT + 2];
    memset(body, 'x', sizeof(body));
    body[BODY_LIMIT] = '\0';
    call(f, "/", body);
    assert_int_equal(f->status, 418);
    body[BODY_LIMIT] = 'x';
    body[BODY_LIMIT + 1] = '\0';
    call(f, "/", body);
    assert_int_equal(f->status, 413);
}

static void chunked_bodies_have_the_same_limit(void **state)
{
    struct fixture *f = *state;
    AUTOTEXT struct text in = {0}, chunk = {0};
    int fd = connect_raw(f);
    send_raw(fd, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    text_appendf(&chunk, "%x\r\n%0*d\r\n", BODY_LIMIT, BODY_LIMIT, 0);
    send_raw(fd, chunk.data);
    send_raw(fd, "1\r\nx\r\n0\r\n\r\n");
    RUN_UNTIL(f, arrived(fd, &in, "413"));
    close(fd);

    fd = connect_raw(f); /* an endless one is cut */
    send_raw(fd, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (unsigned i = 0; i < 4; i++)
        send_raw(fd, chunk.data);
    RUN_UNTIL(f, is_closed(fd));
    close(fd);
}

static void connections_are_kept(void **state)
{
    struct fixture *f = *state;
    AUTOTEXT struct text in = {0};
    int fd = connect_raw(f);
    send_raw(fd, "GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
    RUN_UNTIL(f, arrived(fd, &in, "GET|/one"));
    send_raw(fd, "GET /two HTTP/1.1\r\nHost: x\r\n\r\n");
    RUN_UNTIL(f, arrived(fd, &in, "GET|/two"));
    close(fd);
}

static void an_answer_can_come_in_pieces_or_break_off(void **state)
{
    struct fixture *f = *state;
    call(f, "/flow/slow", NULL);
    assert_int_equal(f->error.kind, ERROR_NONE);
    assert_string_equal(f->body.data, "12345678901234567890");
    call(f, "/flow/half", NULL);
    assert_int_equal(f->error.kind, ERROR_RESET);
}

static void a_slow_client_is_closed(void **state)
{
    struct fixture *f = *state;
    struct server_options options = {
        .listen = "127.0.0.1:0", .idle_s = 1, .handler = handler, .gone = gone, .userdata = f};
    server_free(TAKE(f->server));
    assert_int_equal(server_new(&f->server, f->event, &options), 0);
    int fd = connect_raw(f);
    send_raw(fd, "GET / HT");
    RUN_UNTIL(f, is_closed(fd));
    close(fd);
    /* A request that waits for its answer is not idle. */
    fd = connect_raw(f);
    send_raw(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    RUN_UNTIL(f, f->waiting);
    int other = connect_raw(f);
    send_raw(other, "GET / HT");
    RUN_UNTIL(f, is_closed(other));
    assert_non_null(f->waiting);
    close(fd);
    close(other);
    RUN_UNTIL(f, f->gone == 1);
}

static void addresses_are_checked(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "",       "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",   "[::1]", "127.0.0.1:65536", "host:80",
        "::1:80", "[::1:80",   ":80",        "[127.0.0.1]:0", "unix:", "unix:relative",   "/",
        "/run/"};
    struct server *server;
    struct server_options options = {.handler = handler, .userdata = f};
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        options.listen = bad[i];
        assert_int_equal(server_new(&server, f->event, &options), -EINVAL);
    }
    AUTOFREE char *taken = memory_format("127.0.0.1:%u", server_port(f->server));
    options.listen = taken;
    assert_int_equal(server_new(&server, f->event, &options), -EADDRINUSE);
    options.listen = "[::1]:0";
    int r = server_new(&server, f->event, &options);
    if (r == -EADDRNOTAVAIL || r == -EAFNOSUPPORT)
        return; /* this machine has no IPv6 */
    assert_int_equal(r, 0);
    assert_int_not_equal(server_port(server), 0);
    server_free(server);
}

static struct server *open_local(struct fixture *f, const char *path, int expected)
{
    AUTOFREE char *listen = memory_format("unix:%s", path);
    struct server *server = NULL;
    struct server_options options = {.listen = listen, .handler = handler, .userdata = f};
    bool loopback = false;
    assert_int_equal(server_check_listen(listen, &loopback), 0);
    assert_true(loopback);
    assert_int_equal(server_new(&server, f->event, &options), expected);
    return server;
}

/* A socket that nobody listens on any more, as a killed process leaves it. */
static void leave_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    text_copy(address.sun_path, sizeof(address.sun_path), path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
}

static void a_unix_socket_is_for_user_and_group(void **state)
{
    struct fixture *f = *state;
    struct stat info;
    char folder[] = "/tmp/dockbell-server-XXXXXX";
    assert_non_null(mkdtemp(folder));
    AUTOFREE char *path = memory_format("%s/admin.sock", folder);
    leave_socket(path);
    struct server *server = open_local(f, path, 0);
    assert_int_equal(server_port(server), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0660);
    open_local(f, path, -EADDRINUSE);
    server_free(server);
    assert_int_equal(stat(path, &info), -1);
    FILE *file = fopen(path, "we");
    fclose(file);
    open_local(f, path, -EADDRINUSE); /* a file of somebody else's stays */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_arrives_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_may_come_later, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_leaves_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_waiting_request_can_be_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_of_the_server_is_told_to_who_waits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bodies_have_a_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(chunked_bodies_have_the_same_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(connections_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_can_come_in_pieces_or_break_off, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slow_client_is_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(addresses_are_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(a_unix_socket_is_for_user_and_group, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
