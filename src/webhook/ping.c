/* SPDX-License-Identifier: MIT */
#include "webhook/ping.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/json.h"

#define PREFIX "ping-"

void webhook_ping_id(char out[WEBHOOK_PING_ID_MAX])
{
    unsigned char random[16];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        abort();
    memcpy(out, PREFIX, sizeof(PREFIX));
    text_hex(out + strlen(PREFIX), random, sizeof(random));
}

static void append_data(struct text *out, const char *key, const char *id, const char *webhook)
{
    json_open(out, key, '{');
    json_string(out, "id", id);
    json_string(out, "webhook", webhook);
    json_string(out, "message", "A test by dockbell ping. It is no order; any 2xx will do.");
    json_close(out, '}');
}

static void append_standard(struct text *out, const char *id, const char *webhook,
                            uint64_t now_usec)
{
    json_string(out, "type", WEBHOOK_PING_TYPE);
    json_time(out, "timestamp", now_usec);
    append_data(out, "data", id, webhook);
}

/* Append a notification in the form of Amazon's, so that a receiver of those finds its members. */
static void append_raw(struct text *out, const char *id, const char *webhook, uint64_t now_usec)
{
    json_string(out, "NotificationVersion", "1.0");
    json_string(out, "NotificationType", WEBHOOK_PING_TYPE);
    json_string(out, "PayloadVersion", "1.0");
    json_time(out, "EventTime", now_usec);
    append_data(out, "Payload", id, webhook);
    json_open(out, "NotificationMetadata", '{');
    json_time(out, "PublishTime", now_usec);
    json_string(out, "NotificationId", id);
    json_close(out, '}');
}

static void append_cloudevent(struct text *out, const char *id, const char *webhook,
                              uint64_t now_usec)
{
    json_string(out, "specversion", "1.0");
    json_string(out, "id", id);
    json_string(out, "source", "urn:dockbell:ping");
    json_string(out, "type", WEBHOOK_PING_TYPE);
    json_time(out, "time", now_usec);
    json_string(out, "datacontenttype", "application/json");
    append_data(out, "data", id, webhook);
}

void webhook_ping_body(struct text *out, enum webhook_format format, const char *id,
                       const char *webhook, uint64_t now_usec)
{
    AUTOTEXT struct text json = {0};
    json_open(&json, NULL, '{');
    if (format == WEBHOOK_RAW)
        append_raw(&json, id, webhook, now_usec);
    else if (format == WEBHOOK_CLOUDEVENTS)
        append_cloudevent(&json, id, webhook, now_usec);
    else
        append_standard(&json, id, webhook, now_usec);
    json_close(&json, '}');
    json_spread(out, json.data, json.size);
}
