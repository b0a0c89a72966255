/* SPDX-License-Identifier: MIT */
/* Raw bytes at the HTTP server, in pieces, over a Unix socket. The handler answers now, late, in
 * pieces or never; the client closes, or is silent until its time is over. Each request that the
 * handler gets ends exactly once, and no connection is left. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "fake_loop.h"
#include "fake_monotonic.h"
#include "must.h"
#include "scratch.h"
#include "wire/server.h"

#define BODY_LIMIT  200
#define DEADLINE_S  5
#define IDLE_S      7
#define WAITING_MAX 8
/* More than the two of them, and the pauses of an answer. */
#define PATIENCE_USEC (60 * USEC_PER_SEC)

enum manner { NOW, LATE, NEVER, IN_PIECES, DROPPED, MANNERS };

static struct {
    sd_event *event;
    struct server *server;
    char *directory, *listen;
    enum manner manner;
    struct exchange *waiting[WAITING_MAX];
    int client;
} world;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void remove_directory(void)
{
    scratch_remove(world.directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    world.directory = scratch_new();
    world.listen = memory_format("unix:%s/s", world.directory);
    must(sd_event_new(&world.event) >= 0);
    return atexit(remove_directory);
}

/* ---- the handler ---- */

static void answer(struct exchange *exchange, enum manner manner)
{
    static const struct exchange_flow flow = {12, 5, USEC_PER_SEC};
    size_t size;
    const char *body = exchange_body(exchange, &size);
    must(size <= BODY_LIMIT);
    exchange_add_header(exchange, "X-Test", "yes");
    if (manner == DROPPED)
        exchange_drop(exchange);
    else if (manner == IN_PIECES)
        exchange_answer_flow(exchange, 200, "text/plain", "0123456789abcdef", 16, &flow);
    else
        exchange_answer(exchange, 200, "text/plain", body, size);
}

static void keep(struct exchange *exchange)
{
    size_t i = 0;
    while (i < WAITING_MAX && world.waiting[i])
        i++;
    must(i < WAITING_MAX);
    world.waiting[i] = exchange;
    exchange_set_context(exchange, &world.waiting[i]);
}

static void on_request(struct exchange *exchange, void *userdata)
{
    (void)userdata;
    must(exchange_method(exchange)[0] && exchange_target(exchange) && exchange_path(exchange));
    (void)exchange_query(exchange, "q");
    (void)exchange_header(exchange, "host");
    if (world.manner == LATE || world.manner == NEVER)
        keep(exchange);
    else
        answer(exchange, world.manner);
}

static void on_gone(struct exchange *exchange, void *userdata)
{
    struct exchange **place = exchange_context(exchange);
    (void)userdata;
    must(*place == exchange);
    *place = NULL;
}

static void answer_late(void)
{
    for (size_t i = 0; i < WAITING_MAX; i++)
        if (world.waiting[i])
            answer(TAKE(world.waiting[i]), LATE);
}

/* ---- the client ---- */

static void dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", world.listen + strlen("unix:"));
    world.client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(world.client >= 0 &&
         connect(world.client, (const struct sockaddr *)&address, sizeof(address)) == 0);
}

/* Takes what has come. False: the server has closed the connection. */
static bool drain(void)
{
    char bytes[4096];
    ssize_t n;
    while ((n = recv(world.client, bytes, sizeof(bytes), 0)) > 0)
        ;
    return n < 0 && errno == EAGAIN;
}

static bool is_closed(void *userdata)
{
    (void)userdata;
    if (world.manner == LATE)
        answer_late();
    return !drain();
}

static void speak(const uint8_t *data, size_t size, size_t piece)
{
    while (size > 0) {
        size_t now = size < piece ? size : piece;
        if (send(world.client, data, now, MSG_NOSIGNAL) != (ssize_t)now)
            return;
        fake_loop_rest(world.event);
        drain();
        data += now;
        size -= now;
    }
}

static void make_server(void)
{
    const struct server_options options = {.listen = world.listen,
                                           .body_limit = BODY_LIMIT,
                                           .idle_s = IDLE_S,
                                           .deadline_s = DEADLINE_S,
                                           .connections = 4,
                                           .handler = on_request,
                                           .gone = on_gone};
    must(server_new(&world.server, world.event, &options) == 0);
}

static void check_none_waits(void)
{
    for (size_t i = 0; i < WAITING_MAX; i++)
        must(!world.waiting[i]);
}

/* Input: how requests are answered (a byte), the size of a piece and how the client ends (a byte),
 * what the client sends. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    bool closes = data[1] & 1;
    world.manner = data[0] % MANNERS;
    make_server();
    dial();
    speak(data + 2, size - 2, 1 + ((size_t)data[1] >> 1) * 8);
    if (world.manner == LATE)
        answer_late();
    /* A client that waits for its answer is not sent away. */
    if (!closes && world.manner != NEVER)
        must(fake_loop_until(world.event, is_closed, NULL, PATIENCE_USEC));
    close(world.client);
    fake_loop_rest(world.event);
    if (data[0] & 0x80)
        check_none_waits();
    server_free(world.server);
    check_none_waits();
    return 0;
}
