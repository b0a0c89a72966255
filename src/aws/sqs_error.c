/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "aws/sqs_answer.h"
#include "base/json.h"
#include "base/memory.h"

#define MESSAGE_SHOWN_MAX 300
#define LEGACY_PREFIX     "AWS.SimpleQueueService."

/* Error codes of SQS and of the signature check in front of it, with their meaning. The same fault
 * may have a name of the JSON protocol or of the older query protocol. Throttling also comes with
 * status 403, so the code decides before the status does. */
static const struct {
    const char *code;
    enum error_kind kind;
    const char *hint; /* remedy; NULL: none is known */
} codes[] = {
    {"RequestThrottled", ERROR_THROTTLED, NULL},
    {"RequestThrottledException", ERROR_THROTTLED, NULL},
    {"Throttling", ERROR_THROTTLED, NULL},
    {"ThrottlingException", ERROR_THROTTLED, NULL},
    {"ThrottledException", ERROR_THROTTLED, NULL},
    {"TooManyRequestsException", ERROR_THROTTLED, NULL},
    {"RequestLimitExceeded", ERROR_THROTTLED, NULL},
    {"BandwidthLimitExceeded", ERROR_THROTTLED, NULL},
    {"SlowDown", ERROR_THROTTLED, NULL},
    {"PriorRequestNotComplete", ERROR_THROTTLED, NULL},
    {"KmsThrottled", ERROR_THROTTLED, NULL},
    {"OverLimit", ERROR_THROTTLED, "too many messages in flight"},

    {"RequestTimeout", ERROR_STATUS, NULL},
    {"RequestTimeoutException", ERROR_STATUS, NULL},
    {"InternalError", ERROR_STATUS, NULL},
    {"InternalFailure", ERROR_STATUS, NULL},
    {"ServiceUnavailable", ERROR_STATUS, NULL},

    {"ExpiredToken", ERROR_CREDENTIALS, "renew the session token"},
    {"ExpiredTokenException", ERROR_CREDENTIALS, "renew the session token"},
    {"InvalidClientTokenId", ERROR_CREDENTIALS, "check access_key_id"},
    {"UnrecognizedClientException", ERROR_CREDENTIALS, "check access_key_id"},
    {"InvalidToken", ERROR_CREDENTIALS, "check session_token"},
    {"MissingAuthenticationToken", ERROR_CREDENTIALS, NULL},
    {"MissingAuthenticationTokenException", ERROR_CREDENTIALS, NULL},
    {"IncompleteSignature", ERROR_CREDENTIALS, NULL},
    {"InvalidSignatureException", ERROR_CREDENTIALS, "check secret_access_key"},
    {"SignatureDoesNotMatch", ERROR_CREDENTIALS, "check secret_access_key"},
    {"AuthFailure", ERROR_CREDENTIALS, "check secret_access_key"},

    {"RequestTimeTooSkewed", ERROR_CLOCK, NULL},
    {"RequestExpired", ERROR_CLOCK, NULL},
    {"RequestInTheFuture", ERROR_CLOCK, NULL},

    {"QueueDoesNotExist", ERROR_REFUSED, "check the queue's arn: region, account, name"},
    {"NonExistentQueue", ERROR_REFUSED, "check the queue's arn: region, account, name"},
    {"AccessDenied", ERROR_REFUSED, "allow the key's user this action on the queue"},
    {"AccessDeniedException", ERROR_REFUSED, "allow the key's user this action on the queue"},
    {"KmsAccessDenied", ERROR_REFUSED, "allow the key's user kms:Decrypt on the queue's KMS key"},
};

/* Read the word behind the '#' of "com.amazonaws.sqs#QueueDoesNotExist:http://...". */
static void read_code(char *out, size_t room, const char *type, const char *query_error)
{
    const char *start = type ? type : query_error;
    const char *hash = strchr(start, '#');
    start = hash ? hash + 1 : start;
    if (text_starts(start, LEGACY_PREFIX))
        start += strlen(LEGACY_PREFIX);
    text_copy_word(out, room, start);
}

/* Return the text between <tag> and </tag> of the older protocol's XML, owned by the caller. NULL
 * if there is none. Load balancers and emulators answer in this form. */
static char *xml_text(const char *bytes, size_t size, const char *tag)
{
    AUTOFREE char *open = memory_format("<%s>", tag), *close = memory_format("</%s>", tag);
    const char *end = bytes + size, *start = size ? memmem(bytes, size, open, strlen(open)) : NULL;
    if (!start)
        return NULL;
    start += strlen(open);
    const char *stop = memmem(start, (size_t)(end - start), close, strlen(close));
    return stop ? memory_copy(start, (size_t)(stop - start)) : NULL;
}

static enum error_kind kind_of_status(int status)
{
    if (status == 429)
        return ERROR_THROTTLED;
    if (status >= 500)
        return ERROR_STATUS;
    if (status == 401 || status == 403)
        return ERROR_CREDENTIALS;
    return status >= 400 ? ERROR_REFUSED : ERROR_PROTOCOL;
}

static enum error_kind classify(const char *code, const char *message, int status,
                                const char **ret_hint)
{
    /* SQS reports a wrong clock in these words, with the code of a wrong signature. */
    if (message &&
        (strstr(message, "Signature expired") || strstr(message, "Signature not yet current")))
        return ERROR_CLOCK;
    for (size_t i = 0; i < ELEMENTS(codes); i++)
        if (strcmp(codes[i].code, code) == 0) {
            *ret_hint = codes[i].hint;
            return codes[i].kind;
        }
    if (text_starts(code, "Kms"))
        return ERROR_REFUSED;
    return kind_of_status(status);
}

void sqs_error_parse(const char *bytes, size_t size, int status, const char *query_error,
                     struct error *ret)
{
    AUTOJSON cJSON *json = json_parse(bytes, size, SQS_ANSWER_SMALL_MAX);
    const char *message = json_get_string(json, "message"), *hint = NULL;
    AUTOFREE char *xml_code = json ? NULL : xml_text(bytes, size, "Code");
    AUTOFREE char *xml_message = json ? NULL : xml_text(bytes, size, "Message");
    const char *type = json_get_string(json, "__type");
    AUTOTEXT struct text text = {0};
    char code[sizeof(ret->code)];

    if (!message)
        message = json ? json_get_string(json, "Message") : xml_message;
    read_code(code, sizeof(code), type || query_error[0] ? type : xml_code, query_error);
    enum error_kind kind = classify(code, message, status, &hint);
    if (code[0])
        text_append_string(&text, code);
    else
        text_appendf(&text, "status %d", status);
    if (message && message[0]) {
        text_append_string(&text, ": ");
        text_append_escaped(&text, message, strlen(message), MESSAGE_SHOWN_MAX);
    }
    if (hint)
        text_appendf(&text, " (%s)", hint);
    error_set(ret, kind, "%s", text.data);
    ret->status = status;
    memcpy(ret->code, code, sizeof(ret->code));
}
