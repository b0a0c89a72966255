/* SPDX-License-Identifier: MIT */
/* Answers and refusals in the form of SP-API. */
#include <stdarg.h>

#include "base/json.h"
#include "identity.h"
#include "rng.h"
#include "spapi_internal.h"

void spapi_new_id(struct spapi *spapi, char out[SPAPI_ID_MAX])
{
    uint64_t high = rng_next(&spapi->random);
    rng_uuid(out, high, rng_next(&spapi->random));
}

void spapi_refuse_call(struct call *call, int status, const char *code, const char *message,
                       const char *details)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_open(&out, "errors", '[');
    json_open(&out, NULL, '{');
    json_string(&out, "code", code);
    json_string(&out, "message", message);
    json_string(&out, "details", details);
    json_close(&out, '}');
    json_close(&out, ']');
    json_close(&out, '}');
    call_answer(call, status, SPAPI_TYPE, out.data, out.size);
}

/* Refuse with the limit in the headers, as 400 and 404 have it. */
static void refuse(struct call *call, int status, const char *code, const char *message,
                   const char *details)
{
    if (status == 400 || status == 404)
        exchange_add_header(call->exchange, "x-amzn-RateLimit-Limit", "1.0");
    spapi_refuse_call(call, status, code, message, details);
}

void spapi_refuse(struct spapi_call *call, int status, const char *code, const char *message,
                  const char *format, ...)
{
    AUTOTEXT struct text details = {0};
    va_list arguments;
    va_start(arguments, format);
    text_appendv(&details, format, arguments);
    va_end(arguments);
    refuse(&call->call, status, code, message, details.data ? details.data : "");
}

void spapi_refuse_input(struct spapi_call *call, const char *format, ...)
{
    AUTOTEXT struct text details = {0};
    va_list arguments;
    va_start(arguments, format);
    text_appendv(&details, format, arguments);
    va_end(arguments);
    refuse(&call->call, 400, "InvalidInput",
           "Request has missing or invalid parameters and cannot be parsed.",
           details.data ? details.data : "");
}

void spapi_refuse_missing(struct spapi_call *call, const char *what, const char *id)
{
    spapi_refuse(call, 404, "NotFound", "The requested resource doesn't exist.",
                 "No %s %s for this application", what, id);
}

void spapi_refuse_no_destination(struct spapi_call *call, const char *id)
{
    spapi_refuse_input(call, "No destination with id %s for applicationId " IDENTITY_APPLICATION,
                       id);
}

void spapi_refuse_version(struct spapi_call *call, const struct notification_type *type,
                          const char *version)
{
    spapi_refuse_input(call, "Payload version %s is not supported for notification type %s",
                       version, type->name);
}

void spapi_answer(struct spapi_call *call, const struct text *out)
{
    exchange_add_header(call->call.exchange, "x-amzn-RateLimit-Limit", "1.0");
    call_answer(&call->call, 200, SPAPI_TYPE, out->data, out->size);
}

const char *spapi_unknown_member(const cJSON *object, const char *const *names)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        const char *const *name = names;
        while (*name && !text_equal(*name, item->string))
            name++;
        if (!*name)
            return item->string;
    }
    return NULL;
}

void spapi_refuse_access(struct call *call, const char *details)
{
    refuse(call, 403, "Unauthorized", "Access to requested resource is denied.", details);
}

void spapi_refuse_fault(struct call *call, enum fault_kind kind)
{
    switch (kind) {
    case FAULT_ERROR_503:
        refuse(call, 503, "ServiceUnavailable", "Service is temporarily unavailable.", "");
        break;
    case FAULT_THROTTLE:
        refuse(call, 429, "QuotaExceeded", "You exceeded your quota for the requested resource.",
               "");
        break;
    case FAULT_ACCESS_DENIED:
        spapi_refuse_access(call, "");
        break;
    case FAULT_EXPIRED_TOKEN:
        spapi_refuse_access(call, "The access token you provided has expired.");
        break;
    case FAULT_EXPIRED_SECRET:
        spapi_refuse_access(call, "The LWA secret token you provided has expired.");
        break;
    case FAULT_NOT_FOUND:
        refuse(call, 404, "NotFound", "The requested resource was not found.", "");
        break;
    case FAULT_NO_DESTINATION:
        refuse(call, 400, "InvalidInput",
               "Request has missing or invalid parameters and cannot be parsed.",
               "No destination with id dockbell-sandbox for applicationId dockbell-sandbox");
        break;
    default:
        refuse(call, 500, "InternalFailure", "We encountered an internal error. Please try again.",
               "");
    }
}
