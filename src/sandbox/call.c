/* SPDX-License-Identifier: MIT */
#include "call.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "rng.h"

#define CALL_SKEW_USEC  (20 * USEC_PER_MIN) /* beyond the 15 minutes that signatures may be off */
#define CALL_SLOW_PIECE 64                  /* bytes at a time of a slow answer */
#define CALL_SLOW_USEC  (100 * USEC_PER_MSEC)

/* An answer that is ready but not due yet. */
struct delayed {
    struct call_waiting waiting; /* first: the exchange's context */
    struct call call;
    sd_event_source *timer;
    int status;
    const char *content_type;
    char *body;
    size_t size;
};

static void delayed_free(struct delayed *delayed)
{
    sd_event_source_disable_unref(delayed->timer);
    free(delayed->body);
    free(delayed);
}

static void delayed_gone(struct call_waiting *waiting)
{
    delayed_free((struct delayed *)waiting);
}

static void send_slowly(struct call *call, int status, const char *content_type, const void *body,
                        size_t size)
{
    struct exchange_flow flow = {.cut = SIZE_MAX, .piece = SIZE_MAX};
    if (call->fault.kind == FAULT_HALF) {
        flow.cut = size / 2;
    } else {
        flow.piece = CALL_SLOW_PIECE;
        flow.pause_usec = call->fault.delay_usec ? call->fault.delay_usec : CALL_SLOW_USEC;
    }
    exchange_answer_flow(call->exchange, status, content_type, body, size, &flow);
}

/* Send the answer. Its Date is the time of the answer, not of the request, because a long poll may
 * be between them. */
static void send_now(struct call *call, int status, const char *content_type, const void *body,
                     size_t size)
{
    char date[SIMCLOCK_HTTP_MAX];
    simclock_http_date(date, simclock_wall_usec(call->office->clock) + call->skew_usec);
    exchange_add_header(call->exchange, "Date", date);
    if (call->fault.kind == FAULT_HALF || call->fault.kind == FAULT_SLOW)
        send_slowly(call, status, content_type, body, size);
    else
        exchange_answer(call->exchange, status, content_type, body, size);
}

static int on_due(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    struct delayed *delayed = userdata;
    exchange_set_context(delayed->call.exchange, NULL);
    send_now(&delayed->call, delayed->status, delayed->content_type, delayed->body, delayed->size);
    delayed_free(delayed);
    return 0;
}

static void send_later(struct call *call, uint64_t wait_usec, int status, const char *content_type,
                       const void *body, size_t size)
{
    struct delayed *delayed = NEW(struct delayed);
    delayed->waiting.gone = delayed_gone;
    delayed->call = *call;
    delayed->status = status;
    delayed->content_type = content_type;
    delayed->body = memory_copy(body, size);
    delayed->size = size;
    if (sd_event_add_time_relative(call->office->event, &delayed->timer, CLOCK_MONOTONIC, wait_usec,
                                   1, on_due, delayed) < 0) {
        delayed_free(delayed);
        exchange_drop(call->exchange);
        return;
    }
    exchange_set_context(call->exchange, delayed);
}

/* Answer in another way than the service does. */
static void answer_foreign(struct call *call, int status, const char *content_type,
                           const char *body)
{
    call->fault.kind = FAULT_DELAY; /* a fault hits once */
    call_answer(call, status, content_type, body, strlen(body));
}

/* End the call without a proper answer. Return false if the fault is not of that kind. */
static bool end_badly(struct call *call)
{
    static const char xml[] = "<?xml version=\"1.0\"?><ErrorResponse><Error><Type>Sender</Type>"
                              "<Code>AccessDenied</Code><Message>Access to the resource is denied."
                              "</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
    switch (call->fault.kind) {
    case FAULT_HANG:
        return true; /* until the client gives up */
    case FAULT_CLOSE:
        exchange_drop(call->exchange);
        return true;
    case FAULT_GARBAGE:
        answer_foreign(call, 200, "text/html", "<html><body>502 Bad Gateway</body></html>");
        return true;
    case FAULT_BLANK:
        answer_foreign(call, 200, "application/json", "");
        return true;
    case FAULT_FORBIDDEN:
        answer_foreign(call, 403, "application/json", "{\"message\":\"Forbidden\"}");
        return true;
    case FAULT_XML:
        answer_foreign(call, 403, "text/xml", xml);
        return true;
    case FAULT_ERROR_500:
    case FAULT_ERROR_503:
    case FAULT_THROTTLE:
    case FAULT_ACCESS_DENIED:
    case FAULT_EXPIRED_TOKEN:
    case FAULT_INVALID_CLIENT:
    case FAULT_INVALID_GRANT:
    case FAULT_UNAUTHORIZED_CLIENT:
    case FAULT_EXPIRED_SECRET:
    case FAULT_NOT_FOUND:
    case FAULT_NO_DESTINATION: {
        enum fault_kind kind = call->fault.kind;
        call->fault.kind = FAULT_DELAY; /* a fault hits once */
        call->refuse(call, kind);
        return true;
    }
    default:
        return false;
    }
}

bool call_begin(struct call *call)
{
    struct call_office *office = call->office;
    tally_row(&office->tally, call->op)->calls++;
    call->fault = faults_take(&office->faults, call->op);
    call->wall_usec = simclock_wall_usec(office->clock);
    call->skew_usec = call->fault.kind == FAULT_SKEW ? CALL_SKEW_USEC : 0;
    call->wall_usec += call->skew_usec;

    char id[RNG_UUID_MAX];
    uint64_t high = rng_next(&office->random);
    rng_uuid(id, high, rng_next(&office->random));
    exchange_add_header(call->exchange, "x-amzn-RequestId", id);
    return call->fault.after || !end_badly(call);
}

void call_answer(struct call *call, int status, const char *content_type, const void *body,
                 size_t size)
{
    if (status >= 400)
        tally_row(&call->office->tally, call->op)->refused++;
    if (call->fault.after && end_badly(call))
        return;
    uint64_t wait_usec = call->latency_usec;
    if (call->fault.kind != FAULT_SLOW)
        wait_usec += call->fault.delay_usec;
    if (wait_usec > 0)
        send_later(call, wait_usec, status, content_type, body, size);
    else
        send_now(call, status, content_type, body, size);
}

void call_gone(struct exchange *exchange, void *userdata)
{
    (void)userdata;
    struct call_waiting *waiting = exchange_context(exchange);
    if (waiting)
        waiting->gone(waiting);
}
