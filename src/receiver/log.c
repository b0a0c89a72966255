/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"

static const char *const shown_headers[] = {
    "host",
    "content-type",
    "content-length",
    "user-agent",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "dockbell-seller",
    "dockbell-type",
    "dockbell-order",
    "dockbell-event-time",
    "dockbell-attempt",
    "dockbell-sequence",
    "dockbell-stale",
    "dockbell-resend",
    "traceparent",
};

/* Append the trace id of traceparent: "00-", 32 hex digits, "-" and more. */
static void append_trace(struct text *line, const char *traceparent)
{
    static const char version[] = "00-";
    size_t skip = strlen(version), size = 32;
    if (traceparent && text_starts(traceparent, version) && strlen(traceparent) > skip + size)
        json_bytes(line, "trace", traceparent + skip, size);
    else
        json_null(line, "trace");
}

static void append_faults(struct text *line, unsigned faults)
{
    if (!faults)
        return;
    json_open(line, "faults", '[');
    if (faults & LEDGER_OVERLAP)
        json_string(line, NULL, "overlap");
    if (faults & LEDGER_SEQUENCE)
        json_string(line, NULL, "sequence");
    if (faults & LEDGER_CHANGED)
        json_string(line, NULL, "changed");
    if (faults & LEDGER_UNEXCUSED)
        json_string(line, NULL, "unexcused");
    json_close(line, ']');
}

void log_request(FILE *log, const struct exchange *exchange, int status, bool verified,
                 const struct ledger_ticket *ticket)
{
    AUTOTEXT struct text line = {0};
    unsigned char digest[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    size_t size;
    const char *body = exchange_body(exchange, &size);
    digest_sha256(digest, body, size);
    text_hex(hex, digest, sizeof digest);

    json_open(&line, NULL, '{');
    json_time(&line, "time", clock_now_usec());
    json_string(&line, "id", exchange_header(exchange, "webhook-id"));
    json_string(&line, "type", exchange_header(exchange, "dockbell-type"));
    json_string(&line, "seller", exchange_header(exchange, "dockbell-seller"));
    json_string(&line, "order", exchange_header(exchange, "dockbell-order"));
    json_string(&line, "sequence", exchange_header(exchange, "dockbell-sequence"));
    json_string(&line, "attempt", exchange_header(exchange, "dockbell-attempt"));
    json_string(&line, "event_time", exchange_header(exchange, "dockbell-event-time"));
    json_bool(&line, "stale", exchange_header(exchange, "dockbell-stale") != NULL);
    json_string(&line, "resend", exchange_header(exchange, "dockbell-resend"));
    append_trace(&line, exchange_header(exchange, "traceparent"));
    json_string(&line, "sha256", hex);
    json_number(&line, "status", status);
    json_bool(&line, "verified", verified);
    json_bool(&line, "repeat", ticket->repeat);
    append_faults(&line, ticket->faults);
    json_close(&line, '}');
    text_append_char(&line, '\n');
    fwrite(line.data, 1, line.size, log);
    fflush(log);
}

int log_first(const char *path, const struct exchange *exchange)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return -errno;
    fprintf(file, "%s %s HTTP/1.1\n", exchange_method(exchange), exchange_path(exchange));
    for (size_t i = 0; i < ELEMENTS(shown_headers); i++) {
        const char *value = exchange_header(exchange, shown_headers[i]);
        if (value)
            fprintf(file, "%s: %s\n", shown_headers[i], value);
    }
    size_t size;
    const char *body = exchange_body(exchange, &size);
    fputc('\n', file);
    fwrite(body, 1, size, file);
    fputc('\n', file);
    return fclose(file) == 0 ? 0 : -errno;
}
