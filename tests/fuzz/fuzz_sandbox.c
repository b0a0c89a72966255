/* SPDX-License-Identifier: MIT */
/* The whole sandbox over a Unix socket: what its control endpoint, SQS and Login with Amazon are
 * sent, several requests one after another. Each gets an answer, of JSON where it says so. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "fake_loop.h"
#include "fake_monotonic.h"
#include "identity.h"
#include "must.h"
#include "sandbox.h"
#include "scratch.h"

#define REQUESTS_MAX  8
#define PUBLISHED_MAX 50 /* notifications that one request makes */
#define ANSWER_MAX    ((size_t)1 << 24)
/* Longer than any poll, and any fault's delay. */
#define PATIENCE_USEC (900 * USEC_PER_SEC)

static struct {
    sd_event *event;
    struct sandbox *sandbox;
    char *directory, *listen;
    int client;
    struct text answer;
    bool closed;
} world;

/* What a request's first byte stands for. */
static const struct kind {
    const char *method, *path, *target; /* target NULL: not SQS */
} kinds[] = {
    {"POST", "/", "ReceiveMessage"},
    {"POST", "/", "DeleteMessageBatch"},
    {"POST", "/", "DeleteMessage"},
    {"POST", "/", "ChangeMessageVisibility"},
    {"POST", "/", "ChangeMessageVisibilityBatch"},
    {"POST", "/", "SendMessage"},
    {"POST", "/", "SendMessageBatch"},
    {"POST", "/", "GetQueueAttributes"},
    {"POST", "/", "SetQueueAttributes"},
    {"POST", "/", "GetQueueUrl"},
    {"POST", "/", "CreateQueue"},
    {"POST", "/", "PurgeQueue"},
    {"POST", "/_sandbox/publish", NULL},
    {"POST", "/_sandbox/faults", NULL},
    {"DELETE", "/_sandbox/faults", NULL},
    {"GET", "/_sandbox/state?from=0&limit=9", NULL},
    {"GET", "/_sandbox/messages", NULL},
    {"POST", "/_sandbox/clock", NULL},
    {"POST", "/_sandbox/rotation", NULL},
    {"GET", "/_sandbox/rotation", NULL},
    {"POST", "/_sandbox/reset", NULL},
    {"POST", "/auth/o2/token", NULL},
    {"POST", "/notifications/v1/destinations", NULL},
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void clean_up(void)
{
    scratch_remove(world.directory);
    text_clear(&world.answer);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    world.directory = scratch_new();
    world.listen = memory_format("unix:%s/s", world.directory);
    must(sd_event_new(&world.event) >= 0);
    return atexit(clean_up);
}

/* The same for the same input: ids and receipt handles come from a seed. */
static void make_sandbox(void)
{
    const struct sandbox_options options = {.listen = world.listen, .seed = 1};
    must(sandbox_new(&world.sandbox, world.event, &options) == 0);
    world.sandbox->sqs.random = world.sandbox->office.random = 1;
    sqs_reset(&world.sandbox->sqs);
}

static void dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", world.listen + strlen("unix:"));
    world.client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(world.client >= 0 &&
         connect(world.client, (const struct sockaddr *)&address, sizeof(address)) == 0);
}

/* ---- the answer ---- */

static const char *find_body(void)
{
    const char *end = world.answer.data ? strstr(world.answer.data, "\r\n\r\n") : NULL;
    return end ? end + 4 : NULL;
}

static bool is_complete(void *userdata)
{
    char bytes[16384];
    ssize_t n;
    (void)userdata;
    while ((n = recv(world.client, bytes, sizeof(bytes), 0)) > 0)
        text_append(&world.answer, bytes, (size_t)n);
    world.closed = n == 0 || (n < 0 && errno != EAGAIN);
    const char *body = find_body();
    const char *length = body ? strcasestr(world.answer.data, "\r\nContent-Length:") : NULL;
    size_t had = body ? world.answer.size - (size_t)(body - world.answer.data) : 0;
    return world.closed ||
           (body && had >= (length && length < body ? strtoul(length + 17, NULL, 10) : 0));
}

static void check_answer(void)
{
    const char *body = find_body();
    if (world.closed || !body)
        return; /* cut by a fault */
    must(text_starts(world.answer.data, "HTTP/1.1 "));
    const char *type = strcasestr(world.answer.data, "\r\ncontent-type: application/");
    size_t size = world.answer.size - (size_t)(body - world.answer.data);
    if (!type || type > body || size == 0)
        return;
    AUTOJSON cJSON *json = json_parse(body, size, ANSWER_MAX);
    must(json || world.sandbox->office.faults.count > 0);
}

/* ---- the request ---- */

/* Millions of notifications say nothing new. */
static bool is_too_much(const char *body, size_t size)
{
    AUTOJSON cJSON *json = json_parse(body, size, size + 1);
    const cJSON *item;
    cJSON_ArrayForEach(item, json) {
        if (cJSON_IsNumber(item) && item->string && strcmp(item->string, "count") == 0 &&
            item->valuedouble > PUBLISHED_MAX)
            return true;
    }
    return false;
}

static void append_signature(struct text *out, const char *name, const char *body, size_t size)
{
    struct aws_credentials credentials = {
        .access_key_id = (char *)IDENTITY_ACCESS_KEY_ID,
        .secret_access_key = {(char *)IDENTITY_SECRET_ACCESS_KEY,
                              strlen(IDENTITY_SECRET_ACCESS_KEY)}};
    AUTOFREE char *target = memory_format("AmazonSQS.%s", name);
    struct sigv4 *signer = sigv4_new(IDENTITY_REGION, "sqs");
    struct sigv4_post post = {"localhost", SQS_TYPE, target, body, size};
    struct sigv4_lines lines;
    sigv4_sign_post(&lines, signer, &credentials, &post, simclock_wall_usec(&world.sandbox->clock));
    for (size_t i = 0; lines.lines[i]; i++)
        text_appendf(out, "%s\r\n", lines.lines[i]);
    sigv4_lines_clear(&lines);
    sigv4_free(signer);
}

static void request(const struct kind *kind, const char *body, size_t size)
{
    AUTOTEXT struct text out = {0};
    text_appendf(&out, "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n", kind->method,
                 kind->path, size);
    if (kind->target)
        append_signature(&out, kind->target, body, size);
    text_append_string(&out, "\r\n");
    text_append(&out, body, size);
    dial();
    text_reset(&world.answer);
    if (send(world.client, out.data, out.size, MSG_NOSIGNAL) == (ssize_t)out.size) {
        /* A fault may leave a call without an answer. */
        must(fake_loop_until(world.event, is_complete, NULL, PATIENCE_USEC) ||
             world.sandbox->office.faults.count > 0);
        check_answer();
    }
    close(world.client);
    fake_loop_rest(world.event);
}

/* Input: requests of one byte, which says where to, and a body; each ends with 0xff. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *at = data, *end = data + size;
    make_sandbox();
    for (unsigned i = 0; i < REQUESTS_MAX && at < end; i++) {
        const uint8_t *stop = memchr(at, 0xff, (size_t)(end - at));
        const struct kind *kind = &kinds[*at++ % ELEMENTS(kinds)];
        if (!stop || stop < at)
            stop = stop ? at : end;
        AUTOFREE char *body = memory_copy(at, (size_t)(stop - at));
        if (!is_too_much(body, (size_t)(stop - at)))
            request(kind, body, (size_t)(stop - at));
        at = stop < end ? stop + 1 : end;
    }
    sandbox_free(world.sandbox);
    return 0;
}
