/* SPDX-License-Identifier: MIT */
#include "webhook/request.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"

/* Longest header value that is taken from Amazon. */
#define VALUE_MAX 256
/* Bytes of the ids in traceparent. */
#define TRACE_SIZE 16
#define SPAN_SIZE  8

/* Header lines, one behind the other in the text, each with its NUL. Pointers into the text are
 * taken only after its last growth. */
struct lines {
    struct text *text;
    size_t starts[WEBHOOK_HEADERS_MAX];
    size_t count;
};

static struct text *begin(struct lines *lines, const char *name)
{
    lines->starts[lines->count++] = lines->text->size;
    text_append_string(lines->text, name);
    text_append(lines->text, ": ", 2);
    return lines->text;
}

static void end(struct lines *lines)
{
    text_append_char(lines->text, '\0');
}

static void add(struct lines *lines, const char *name, const char *value)
{
    text_append_string(begin(lines, name), value);
    end(lines);
}

static void add_number(struct lines *lines, const char *name, uint64_t value)
{
    text_append_number(begin(lines, name), value);
    end(lines);
}

/* Add a value from outside, but only if it can do no harm in a header. */
static void add_foreign(struct lines *lines, const char *name, const char *value)
{
    size_t size = value ? strlen(value) : 0;
    if (size == 0 || size > VALUE_MAX)
        return;
    for (size_t i = 0; i < size; i++)
        if (value[i] < 0x21 || value[i] > 0x7e)
            return;
    add(lines, name, value);
}

static void add_signature(struct lines *lines, const char *id, const struct webhook_keys *keys,
                          uint64_t now_s, const struct webhook_part parts[], size_t n_parts)
{
    add(lines, "webhook-id", id);
    add_number(lines, "webhook-timestamp", now_s);
    if (!keys || keys->count == 0)
        return;
    webhook_sign(begin(lines, "webhook-signature"), keys, id, now_s, parts, n_parts);
    end(lines);
}

static void add_event(struct lines *lines, const struct webhook_event *event)
{
    char time[CLOCK_TEXT_MAX];
    add_foreign(lines, "dockbell-seller", event->seller);
    add_foreign(lines, "dockbell-type", event->type);
    add_foreign(lines, "dockbell-order", event->order_id);
    if (event->event_usec) {
        clock_rfc3339(time, event->event_usec);
        add(lines, "dockbell-event-time", time);
    }
    if (event->attempt)
        add_number(lines, "dockbell-attempt", event->attempt);
    if (event->sequence)
        add_number(lines, "dockbell-sequence", event->sequence);
    if (event->stale)
        add(lines, "dockbell-stale", "true");
    if (event->resend)
        add_number(lines, "dockbell-resend", event->resend);
}

/* Take the random bytes of a span id. The kernel is asked for those of many spans at a time. They
 * need not be secret. */
static void take_span(unsigned char span[SPAN_SIZE])
{
    static unsigned char bytes[32 * SPAN_SIZE]; /* getrandom returns up to 256 in one piece */
    static size_t left;
    if (left == 0) {
        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
            abort();
        left = sizeof(bytes);
    }
    left -= SPAN_SIZE;
    memcpy(span, bytes + left, SPAN_SIZE);
}

/* Add W3C Trace Context, version 00. The trace is that of the notification, so all attempts for all
 * webhooks belong to it, also after a restart. The span is this attempt. Flag 01: if a receiver
 * follows the caller's choice, it records the trace. */
static void add_trace(struct lines *lines, const char *id)
{
    unsigned char trace[SHA256_SIZE], span[SPAN_SIZE];
    char trace_hex[2 * TRACE_SIZE + 1], span_hex[2 * SPAN_SIZE + 1];
    digest_sha256(trace, id, strlen(id));
    take_span(span);
    span[0] |= 1; /* all zeros are invalid, also in a trace, but no known id gives zeros there */
    text_hex(trace_hex, trace, TRACE_SIZE);
    text_hex(span_hex, span, sizeof(span));
    struct text *text = begin(lines, "traceparent");
    text_append_string(text, "00-");
    text_append_string(text, trace_hex);
    text_append_char(text, '-');
    text_append_string(text, span_hex);
    text_append_string(text, "-01");
    end(lines);
}

void webhook_headers_build(struct webhook_headers *ret, const struct webhook_event *event,
                           const struct webhook_keys *keys, uint64_t now_usec,
                           const struct webhook_part parts[], size_t n_parts)
{
    char id[WEBHOOK_ID_MAX];
    struct lines lines = {.text = &ret->text};

    /* Receivers remember webhook-id. An unknown sender may have copied the id of one of ours, which
     * must not be taken for a repeat. */
    AUTOFREE char *own = event->stranger ? memory_format("unknown sender %s", event->id) : NULL;
    webhook_id(id, own ? own : event->id);
    text_reset(&ret->text);
    add(&lines, "content-type", webhook_format_media_type(event->format));
    add(&lines, "accept-encoding", "identity"); /* no rule can read a compressed answer */
    add_signature(&lines, id, keys, now_usec / USEC_PER_SEC, parts, n_parts);
    add_event(&lines, event);
    add_trace(&lines, id);
    for (size_t i = 0; i < lines.count; i++)
        ret->lines[i] = ret->text.data + lines.starts[i];
    ret->lines[lines.count] = NULL;
}

void webhook_headers_clear(struct webhook_headers *headers)
{
    text_clear(&headers->text);
    text_clear(&headers->hmac);
    *headers = (struct webhook_headers){0};
}
