/* SPDX-License-Identifier: MIT */
/* Whatever a server answers, as libcurl hands it to us: raw bytes, sent in pieces and cut anywhere,
 * to two calls that may share a connection. A server that falls silent is left when the call's time
 * is over. Each call ends once, with an answer or with a reason, within its limits. */
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fake_loop.h"
#include "fake_monotonic.h"
#include "must.h"
#include "wire/http.h"

#define TIMEOUT_MS   5000
#define ANSWER_LIMIT 300
#define CALLS        2

enum ending { CLOSES, RESETS, IS_SILENT, ENDINGS };

static struct {
    sd_event *event;
    struct http *http;
    char *url;
    int listener, peer; /* -1: the client has not connected, or its connection was closed */
    const uint8_t *script, *script_end;
    size_t piece;
    enum ending ending;
    unsigned ended;
    bool cut, optional;
} world;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    (void)argc, (void)argv;
    world.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(bind(world.listener, (struct sockaddr *)&address, size) == 0 &&
         listen(world.listener, 8) == 0 &&
         getsockname(world.listener, (struct sockaddr *)&address, &size) == 0);
    world.url = memory_format("http://127.0.0.1:%u/hook", ntohs(address.sin_port));
    must(sd_event_new(&world.event) >= 0);
    return 0;
}

/* ---- the server ---- */

static void hang_up(enum ending ending)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (world.peer < 0)
        return;
    if (ending == RESETS)
        (void)setsockopt(world.peer, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(world.peer);
    world.peer = -1;
}

/* Takes a connection and what was sent on it. True: a request is there to be answered. */
static bool listen_to(void)
{
    char bytes[4096];
    bool asked = false;
    int fd = accept4(world.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        hang_up(CLOSES);
        world.peer = fd;
    }
    ssize_t n = -1;
    while (world.peer >= 0 && (n = recv(world.peer, bytes, sizeof(bytes), 0)) > 0)
        asked = true;
    if (n == 0)
        hang_up(CLOSES);
    return asked && world.peer >= 0;
}

/* Sends up to the next 0xff of the script, which stands for the end of this answer. */
static void answer(void)
{
    while (world.script < world.script_end && *world.script != 0xff && world.peer >= 0) {
        size_t left = (size_t)(world.script_end - world.script);
        const uint8_t *end = memchr(world.script, 0xff, left);
        size_t now = end ? (size_t)(end - world.script) : left;
        if (now > world.piece)
            now = world.piece;
        if (send(world.peer, world.script, now, MSG_NOSIGNAL) != (ssize_t)now)
            return;
        world.script += now;
        fake_loop_rest(world.event);
    }
    if (world.script < world.script_end)
        world.script++;
}

/* ---- the client ---- */

#define MUST_END(member) must(memchr(member, '\0', sizeof(member)) != NULL)

static void check(const struct http_answer *answer)
{
    must(answer->status >= 0 && answer->status <= 999);
    must(answer->body_size <= ANSWER_LIMIT);
    must(!answer->body || answer->body[answer->body_size] == '\0');
    must(answer->duration_usec <= 2 * TIMEOUT_MS * USEC_PER_MSEC);
    if (answer->error.kind == ERROR_NONE)
        must(answer->status >= 100);
    else
        must(answer->error.text[0] && text_is_utf8(answer->error.text, strlen(answer->error.text)));
    for (const char *at = answer->error.text; *at; at++)
        must((unsigned char)*at >= ' ' && *at != 0x7f);
    MUST_END(answer->retry_after);
    MUST_END(answer->location);
    MUST_END(answer->request_id);
    MUST_END(answer->query_error);
    MUST_END(answer->rate_limit);
    MUST_END(answer->content_type);
}

static void on_answer(struct http_answer *answer, void *userdata)
{
    (void)userdata;
    check(answer);
    world.ended++;
}

static bool has_ended(void *userdata)
{
    return world.ended == *(unsigned *)userdata;
}

static void call(unsigned number)
{
    const struct http_request request = {.url = world.url,
                                         .body = "{}",
                                         .body_size = 2,
                                         .timeout_ms = TIMEOUT_MS,
                                         .answer_limit = ANSWER_LIMIT,
                                         .answer_cut = world.cut,
                                         .body_optional = world.optional,
                                         .once = world.optional};
    must(http_call(world.http, &request, on_answer, NULL, NULL) == 0);
    for (unsigned turns = 0; turns < 8 && world.ended < number; turns++) {
        fake_loop_rest(world.event);
        if (!listen_to())
            continue;
        answer();
        if (world.ending != IS_SILENT)
            hang_up(world.ending);
    }
    must(fake_loop_until(world.event, has_ended, &number, 3 * TIMEOUT_MS * USEC_PER_MSEC));
    must(world.ended == number && http_in_flight(world.http) == 0);
}

/* Input: how the server ends and what the client wants (a byte), the size of a piece (a byte), the
 * answers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    world.ending = (data[0] & 3) % ENDINGS;
    world.cut = data[0] & 4;
    world.optional = data[0] & 8;
    world.piece = 1 + (size_t)data[1] * 4;
    world.script = data + 2;
    world.script_end = data + size;
    world.ended = 0;
    world.peer = -1;
    must(http_new(&world.http, world.event) == 0);
    for (unsigned i = 1; i <= CALLS; i++)
        call(i);
    must(!http_broken(world.http));
    http_free(world.http);
    hang_up(RESETS);
    for (int fd; (fd = accept(world.listener, NULL, NULL)) >= 0;)
        close(fd);
    return 0;
}
