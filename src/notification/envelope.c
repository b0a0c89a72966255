/* SPDX-License-Identifier: MIT */
#include "envelope.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "client_secret.h"
#include "notification/strict.h"
#include "reader.h"

/* Find the members. *ret_inner gets the contents of an SNS or EventBridge envelope: a
 * string, or for EventBridge also an object
 * (docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html). Amazon's
 * own envelope is neither. */
static void find_members(struct envelope *e, struct notification_raw *ret_inner)
{
    struct notification_raw none = {0}, sns = none, message = none;
    struct notification_raw source = none, detail_type = none, detail = none;
    e->type = e->id = e->subscription = e->published = e->time = e->payload = none;
    const struct reader_want wants[] = {
        {"NotificationType", &e->type},
        {"NotificationMetadata.NotificationId", &e->id},
        {"NotificationMetadata.SubscriptionId", &e->subscription},
        {"NotificationMetadata.PublishTime", &e->published},
        {"EventTime", &e->time},
        {"Payload", &e->payload},
        {"Type", &sns},
        {"Message", &message},
        {"source", &source},
        {"detail-type", &detail_type},
        {"detail", &detail},
    };
    e->size = (size_t)(reader_find(e->bytes, wants, ELEMENTS(wants)) - e->bytes);
    bool is_sns = sns.size == strlen("\"Notification\"") &&
                  memcmp(sns.bytes, "\"Notification\"", sns.size) == 0;
    if (e->type.bytes)
        return;
    if (is_sns && reader_is_string(message))
        *ret_inner = message;
    else if (reader_is_string(source) && reader_is_string(detail_type) && !e->payload.bytes &&
             (reader_is_string(detail) || (detail.bytes && *detail.bytes == '{')))
        *ret_inner = detail;
}

static void problem(struct envelope *e, enum notification_problem problem, unsigned wraps,
                    const char *why, size_t where)
{
    const char *inside = wraps > 0 ? " inside the outer JSON" : "";
    e->problem = problem;
    if (problem == NOTIFICATION_NOT_JSON)
        snprintf(e->why, sizeof(e->why), "not valid JSON%s: %s at byte %zu", inside, why, where);
    else
        snprintf(e->why, sizeof(e->why), "%s%s", why, inside);
}

/* Read one layer. Return whether there is another one, in *ret_inner. */
static bool layer(struct envelope *e, unsigned wraps, struct notification_raw *ret_inner)
{
    const char *why;
    size_t wrong = strict_json_check(e->bytes, e->size, &why);
    if (wrong) {
        problem(e, NOTIFICATION_NOT_JSON, wraps, why, wrong - 1);
        return false;
    }
    const char *start = reader_space(e->bytes);
    e->size -= (size_t)(start - e->bytes);
    e->bytes = start;
    *ret_inner = (struct notification_raw){0};
    if (*e->bytes == '"')
        *ret_inner =
            (struct notification_raw){e->bytes, (size_t)(reader_skip(e->bytes) - e->bytes)};
    else if (*e->bytes == '{')
        find_members(e, ret_inner);
    else
        problem(e, NOTIFICATION_NOT_AN_OBJECT, wraps, "JSON, but not an object", 0);
    if (!ret_inner->bytes)
        return false;
    if (wraps == NOTIFICATION_WRAPS_MAX)
        problem(e, NOTIFICATION_NOT_AN_OBJECT, 0, "wrapped too many times", 0);
    return !e->problem;
}

void envelope_read(struct envelope *ret, const char *bytes, size_t size)
{
    struct notification_raw inner;
    *ret = (struct envelope){.bytes = bytes, .size = size};
    for (unsigned wraps = 0; layer(ret, wraps, &inner); wraps++) {
        ret->wrapped = true;
        if (*inner.bytes == '{') {
            ret->bytes = inner.bytes;
            ret->size = inner.size;
            continue;
        }
        /* The inside is never longer than the outside, so one buffer is enough for all layers. */
        if (!ret->unwrapped)
            ret->unwrapped = memory_resize(NULL, inner.size, 1);
        ret->size = reader_decode(ret->unwrapped, inner, NULL);
        ret->bytes = ret->unwrapped;
    }
    if (!ret->problem)
        return;
    ret->client_secret = client_secret_mentioned(bytes, size) ||
                         (ret->unwrapped && client_secret_mentioned(ret->bytes, ret->size));
    ret->bytes = bytes;
    ret->size = size;
}

void envelope_clear(struct envelope *envelope)
{
    free(envelope->unwrapped);
}
