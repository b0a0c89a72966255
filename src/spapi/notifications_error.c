/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "notifications_answer.h"
#include "wire/retry_after.h"

#define REASON_SHOWN_MAX  300
#define REQUEST_SHOWN_MAX 64

/* Amazon's reason. The explanation is in `details` if that is there, else in `message`. */
struct reason {
    const char *code, *message, *details;
};

static struct reason find_reason(const cJSON *json)
{
    const cJSON *first = cJSON_GetArrayItem(json_get_array(json, "errors"), 0);
    /* The gateway and the firewall in front of SP-API answer {"message":"Forbidden"}. */
    const cJSON *from = first ? first : json;
    const char *message = json_get_string(from, "message");
    return (struct reason){
        .code = json_get_string(from, "code"),
        .message = message ? message : json_get_string(from, "Message"),
        .details = json_get_string(from, "details"),
    };
}

static bool says(const struct reason *reason, const char *words)
{
    return (reason->details && strstr(reason->details, words)) ||
           (reason->message && strstr(reason->message, words));
}

/* Whether Amazon does not know a new destination everywhere yet (GitHub:
 * amzn/selling-partner-api-models issue 448). */
static bool is_too_early(const struct reason *reason, int status)
{
    return status == 400 && says(reason, "No destination with id");
}

/* Return the kind of the error. "Unauthorized" with status 403 means a stale token, a missing role
 * or a destination in use; only the message shows which. */
static enum error_kind classify(const struct reason *reason, int status)
{
    if (status == 429 || text_equal(reason->code, "QuotaExceeded"))
        return ERROR_THROTTLED;
    if (status >= 500 || is_too_early(reason, status))
        return ERROR_STATUS;
    if (status == 401 || says(reason, "access token you provided") ||
        says(reason, "LWA secret token"))
        return ERROR_CREDENTIALS;
    return status >= 300 ? ERROR_REFUSED : ERROR_PROTOCOL;
}

static const char *hint_for(const struct reason *reason, int status)
{
    if (says(reason, "LWA secret token"))
        return "the application's client secret has expired: rotate it (dockbell secret rotate, or "
               "the developer console); a new one may take half an hour to work everywhere";
    if (text_equal(reason->code, "MissingAuthenticationToken"))
        return "is the endpoint an SP-API one?";
    if (status == 403 && !says(reason, "subscriptions") && !says(reason, "access token"))
        return "has the application the role for it, and did the seller authorise it since?";
    return NULL;
}

/* Return the time to wait in microseconds. Before the quota has grown by one call, Amazon would
 * refuse a retry again. */
static uint64_t wait_for(const struct http_answer *answer)
{
    uint64_t asked = retry_after_of_amazon(answer, clock_trusted_usec());
    double rate = strtod(answer->rate_limit, NULL);
    if (asked)
        return asked;
    return rate > 0.0001 ? (uint64_t)((double)USEC_PER_SEC / rate) : 0;
}

static const char *words_of(const struct reason *reason)
{
    return reason->details && reason->details[0] ? reason->details : reason->message;
}

static void append_reason(struct text *out, const struct reason *reason, int status)
{
    const char *words = words_of(reason);
    if (reason->code)
        text_append_escaped(out, reason->code, strlen(reason->code), 64);
    else
        text_appendf(out, "status %d", status);
    if (words && words[0]) {
        text_append_string(out, ": ");
        text_append_escaped(out, words, strlen(words), REASON_SHOWN_MAX);
    }
}

bool notifications_read_error(const struct http_answer *answer, const char *what, struct error *ret)
{
    AUTOJSON cJSON *json = json_parse(answer->body, answer->body_size, NOTIFICATIONS_ANSWER_MAX);
    struct reason reason = find_reason(json);
    const char *hint = hint_for(&reason, answer->status);
    AUTOTEXT struct text text = {0};

    append_reason(&text, &reason, answer->status);
    if (hint)
        text_appendf(&text, " (%s)", hint);
    if (answer->request_id[0]) {
        text_append_string(&text, " [request ");
        text_append_escaped(&text, answer->request_id, strlen(answer->request_id),
                            REQUEST_SHOWN_MAX);
        text_append_char(&text, ']');
    }
    error_set(ret, classify(&reason, answer->status), "%s: %s", what, text.data);
    ret->status = answer->status;
    if (ret->kind == ERROR_THROTTLED)
        ret->retry_after_usec = wait_for(answer);
    text_copy_word(ret->code, sizeof(ret->code), reason.code);
    text_copy(ret->words, sizeof(ret->words), words_of(&reason));
    return says(&reason, "has subscriptions");
}
