/* SPDX-License-Identifier: MIT */
#include "rotation.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "identity.h"
#include "spapi_internal.h"

#define DENIED "Access to requested resource is denied."

/* From Amazon's documentation: a secret is valid for 180 days, the replaced one for 7 more. */
#define LIFETIME_USEC  (180 * USEC_PER_DAY)
#define OLD_VALID_USEC (7 * USEC_PER_DAY)

void rotation_init(struct rotation *rotation, struct call_office *office, struct lwa *lwa,
                   struct sqs *sqs, bool limited)
{
    *rotation = (struct rotation){
        .office = office,
        .lwa = lwa,
        .sqs = sqs,
        .limited = limited,
        .old_valid_usec = OLD_VALID_USEC,
    };
}

void rotation_enrol(struct rotation *rotation, const struct queue *queue, uint64_t old_valid_usec)
{
    snprintf(rotation->queue, sizeof(rotation->queue), "%s", queue->name);
    if (old_valid_usec)
        rotation->old_valid_usec = old_valid_usec;
}

/* ---- the message ---- */

static void write_payload(const struct rotation *rotation, struct text *out)
{
    json_open(out, "payload", '{');
    json_open(out, "applicationOAuthClientNewSecret", '{');
    json_string(out, "clientId", IDENTITY_CLIENT_ID);
    json_string(out, "newClientSecret", rotation->lwa->secret);
    json_time(out, "newClientSecretExpiryTime",
              simclock_wall_usec(rotation->office->clock) + LIFETIME_USEC);
    json_time(out, "oldClientSecretExpiryTime", rotation->lwa->old_until_wall_usec);
    json_close(out, '}');
    json_close(out, '}');
}

static void write_message(const struct rotation *rotation, struct text *out)
{
    AUTOFREE char *id = memory_format("client-secret-%llu", (unsigned long long)rotation->count);
    uint64_t now = simclock_wall_usec(rotation->office->clock);
    json_open(out, NULL, '{');
    json_string(out, "notificationVersion", "1.0");
    json_string(out, "notificationType", "APPLICATION_OAUTH_CLIENT_NEW_SECRET");
    json_string(out, "payloadVersion", "1.0");
    json_time(out, "eventTime", now);
    write_payload(rotation, out);
    json_open(out, "notificationMetadata", '{');
    json_string(out, "applicationId", IDENTITY_APPLICATION);
    json_string(out, "subscriptionId", "client-secret");
    json_time(out, "publishTime", now);
    json_string(out, "notificationId", id);
    json_close(out, '}');
    json_close(out, '}');
}

bool rotation_rotate(struct rotation *rotation)
{
    struct queue *queue =
        rotation->queue[0] ? sqs_find_queue(rotation->sqs, rotation->queue) : NULL;
    if (!queue)
        return false;
    rotation->count++;
    lwa_rotate(rotation->lwa, rotation->old_valid_usec);
    AUTOTEXT struct text body = {0};
    write_message(rotation, &body);
    sqs_publish(rotation->sqs, queue, &body);
    return true;
}

/* ---- the operation ---- */

/* Return the reason why the token may not rotate. NULL: it may. */
static const char *token_problem(const struct rotation *rotation, const struct call *call)
{
    const char *text = exchange_header(call->exchange, "x-amz-access-token");
    const struct lwa_token *token = text ? lwa_find(rotation->lwa, text) : NULL;
    if (!text)
        return "Access token is missing in the request header.";
    if (!token)
        return "The access token you provided is revoked, malformed or invalid.";
    if (token->expires_wall_usec <= call->wall_usec)
        return "The access token you provided has expired.";
    return token->rotation ? NULL : "";
}

static bool is_over_quota(struct rotation *rotation)
{
    uint64_t now = simclock_passed_usec(rotation->office->clock);
    if (rotation->limited && now < rotation->next_passed_usec)
        return true;
    rotation->next_passed_usec = now + ROTATION_INTERVAL_USEC;
    return false;
}

void rotation_request(struct rotation *rotation, struct exchange *exchange)
{
    struct call call = {.office = rotation->office,
                        .exchange = exchange,
                        .op = ROTATION_OPERATION,
                        .refuse = spapi_refuse_fault};
    size_t size;
    if (!call_begin(&call))
        return;
    const char *problem = token_problem(rotation, &call);
    exchange_body(exchange, &size);
    if (!text_equal(exchange_method(exchange), "POST"))
        spapi_refuse_call(&call, 403, "Unauthorized", DENIED, "");
    else if (problem)
        spapi_refuse_call(&call, 403, "Unauthorized", DENIED, problem);
    else if (is_over_quota(rotation))
        spapi_refuse_fault(&call, FAULT_THROTTLE);
    else if (!exchange_header(exchange, "user-agent") || size > 0)
        spapi_refuse_call(&call, 400, "InvalidInput", "Request has missing or invalid parameters.",
                          size > 0 ? "The body must be empty."
                                   : "A user-agent header is required.");
    else if (!rotation_rotate(rotation))
        spapi_refuse_call(
            &call, 400, "InvalidInput",
            "Application is not enrolled for rotation notification. Please update application "
            "notification preference in Developer console.",
            "");
    else {
        exchange_add_header(exchange, "x-amzn-RateLimit-Limit", "0.0167");
        call_answer(&call, 204, SPAPI_TYPE, "", 0);
    }
}

void rotation_write(const struct rotation *rotation, struct text *out)
{
    const struct lwa *lwa = rotation->lwa;
    json_open(out, NULL, '{');
    json_string(out, "queue", rotation->queue[0] ? rotation->queue : NULL);
    json_string(out, "secret", lwa->secret);
    json_string(out, "old_secret", lwa->old_secret[0] ? lwa->old_secret : NULL);
    json_time(out, "old_until", lwa->old_until_wall_usec);
    json_number(out, "rotations", (int64_t)rotation->count);
    json_close(out, '}');
}
