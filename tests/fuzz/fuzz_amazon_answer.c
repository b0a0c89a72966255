/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/spapi/lwa_answer.h"
#include "../../src/spapi/notifications_answer.h"
#include "base/clock.h"
#include "base/text.h"

/* What Login with Amazon and the Notifications API may answer: taken or refused, and what is said
 * about it is fit for a log. The first byte chooses the status. */

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_sayable(const struct error *error)
{
    require(error->kind != ERROR_NONE && error->text[0]);
    require(text_is_utf8(error->text, strlen(error->text)));
    for (const char *at = error->text; *at; at++)
        require((unsigned char)*at >= 0x20);
}

static void read_token(const char *bytes, size_t size, int status)
{
    struct secret token = {0};
    uint64_t lifetime_s;
    struct error error = {0};
    if (lwa_answer_parse(bytes, size, status, "acme", &token, &lifetime_s, &error) < 0) {
        require(!token.data);
        require_sayable(&error);
        return;
    }
    require(token.size > 0 && token.size <= OAUTH_TOKEN_MAX && !strpbrk(token.data, "\r\n \t"));
    secret_clear(&token);
}

static void read_notifications(const char *bytes, size_t size)
{
    struct notifications_reading reading;
    if (notifications_read_destinations(&reading, bytes, size) == 0)
        for (size_t i = 0; i < reading.destination_count; i++)
            require(reading.destinations[i].id);
    notifications_reading_clear(&reading);
    if (notifications_read_destination(&reading, bytes, size) == 0)
        require(reading.destinations[0].id);
    notifications_reading_clear(&reading);
    if (notifications_read_subscription(&reading, bytes, size) == 0)
        require(reading.subscription.id);
    notifications_reading_clear(&reading);
    if (notifications_read_subscriptions(&reading, bytes, size) == 0)
        for (size_t i = 0; i < reading.subscription_count; i++)
            require(reading.subscriptions[i].id);
    notifications_reading_clear(&reading);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_answer answer = {.status = size ? 201 + data[0] : 500};
    struct error error;
    char date[64];
    uint64_t usec;
    if (size == 0)
        return 0;
    char *bytes = memory_copy(data + 1, size - 1);
    read_token(bytes, size - 1, data[0] & 1 ? 200 : answer.status);
    read_notifications(bytes, size - 1);
    answer.body = bytes;
    answer.body_size = size - 1;
    memcpy(answer.rate_limit, bytes, size - 1 < 31 ? size - 1 : 31);
    notifications_read_error(&answer, "getDestinations", &error);
    require_sayable(&error);
    memset(date, 0, sizeof(date));
    memcpy(date, bytes, size - 1 < 63 ? size - 1 : 63);
    clock_parse_http_date(date, &usec);
    clock_parse_rfc3339(bytes, size - 1, &usec);
    free(bytes);
    return 0;
}
