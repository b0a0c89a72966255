/* SPDX-License-Identifier: MIT */
/* Answers that arrive in pieces, or only in part. */
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "server_exchange.h"

#define FLOW_BLOCK (16 * 1024) /* bytes that libmicrohttpd asks for at a time */

struct flow {
    struct exchange *exchange;
    struct exchange_flow how;
    size_t size;
    bool paused; /* the pause before the next piece was made */
    char *body;
};

static void flow_free(void *userdata)
{
    struct flow *flow = userdata;
    free(flow->body);
    free(flow);
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    struct exchange *exchange = userdata;
    exchange->pause = sd_event_source_disable_unref(exchange->pause);
    server_exchange_resume(exchange);
    return 0;
}

/* Suspend the connection until the pause is over. Return false if the timer cannot be set. */
static bool pause_for(struct flow *flow)
{
    struct exchange *exchange = flow->exchange;
    int r = sd_event_add_time_relative(exchange->server->event, &exchange->pause, CLOCK_MONOTONIC,
                                       flow->how.pause_usec, 1, on_pause_over, exchange);
    if (r < 0)
        return false;
    flow->paused = true;
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
    return true;
}

static ssize_t read_piece(void *userdata, uint64_t at, char *buffer, size_t room)
{
    struct flow *flow = userdata;
    size_t done = (size_t)at;
    if (done >= flow->how.cut)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (done > 0 && !flow->paused && flow->how.pause_usec > 0)
        return pause_for(flow) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
    flow->paused = false;
    size_t end = flow->size < flow->how.cut ? flow->size : flow->how.cut;
    size_t size = end - done;
    if (size > flow->how.piece)
        size = flow->how.piece;
    if (size > room)
        size = room;
    memcpy(buffer, flow->body + done, size);
    return (ssize_t)size;
}

void exchange_answer_flow(struct exchange *exchange, int status, const char *content_type,
                          const void *body, size_t size, const struct exchange_flow *how)
{
    struct flow *flow = NEW(struct flow);
    flow->exchange = exchange;
    flow->how = *how;
    flow->size = size;
    flow->body = memory_copy(body, size);
    struct MHD_Response *response =
        MHD_create_response_from_callback(size, FLOW_BLOCK, read_piece, flow, flow_free);
    server_exchange_respond(exchange, status, response, content_type);
}
