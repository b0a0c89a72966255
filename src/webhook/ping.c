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

void webhook_ping_body(struct text *out, const char *id, const char *webhook, uint64_t now_usec)
{
    json_open(out, NULL, '{');
    json_string(out, "type", WEBHOOK_PING_TYPE);
    json_time(out, "timestamp", now_usec);
    json_open(out, "data", '{');
    json_string(out, "id", id);
    json_string(out, "webhook", webhook);
    json_string(out, "message", "A test by dockbell ping. It is no order; any 2xx will do.");
    json_close(out, '}');
    json_close(out, '}');
}
