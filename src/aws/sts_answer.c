/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "sts.h"
#include "xml.h"

/* Bytes of STS's message that are shown. */
#define MESSAGE_SHOWN_MAX 300

static bool is_visible(const char *value)
{
    if (!value || !value[0])
        return false;
    for (; *value; value++)
        if (!isgraph((unsigned char)*value))
            return false;
    return true;
}

static int take(struct aws_session *ret, const char *id, const char *secret, const char *token,
                uint64_t expires_usec)
{
    if (!is_visible(id) || !is_visible(secret) || !is_visible(token) || !expires_usec)
        return -EINVAL;
    ret->credentials.access_key_id = memory_string(id);
    secret_set(&ret->credentials.secret_access_key, secret, strlen(secret));
    secret_set(&ret->credentials.session_token, token, strlen(token));
    ret->expires_usec = expires_usec;
    return 0;
}

/* ---- XML ---- */

static int read_xml(struct aws_session *ret, const char *action, const char *bytes, size_t size)
{
    static const char *const names[] = {"AccessKeyId", "SecretAccessKey", "SessionToken",
                                        "Expiration"};
    char *values[ELEMENTS(names)] = {NULL};
    uint64_t expires = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < ELEMENTS(names); i++) {
        AUTOFREE char *path =
            memory_format("%sResponse/%sResult/Credentials/%s", action, action, names[i]);
        r = xml_find(bytes, size, path, &values[i]);
    }
    if (r == 0 && clock_parse_rfc3339(values[3], strlen(values[3]), &expires) < 0)
        r = -EINVAL;
    if (r == 0)
        r = take(ret, values[0], values[1], values[2], expires);
    for (size_t i = 0; i < ELEMENTS(names); i++)
        secret_free_string(values[i]);
    return r;
}

/* ---- JSON ---- */

/* The end as RFC 3339, or as seconds since 1970. */
static uint64_t read_expiration(const cJSON *item)
{
    uint64_t usec = 0;
    if (cJSON_IsString(item) &&
        clock_parse_rfc3339(item->valuestring, strlen(item->valuestring), &usec) == 0)
        return usec;
    if (cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble < 2.5e11)
        return (uint64_t)(item->valuedouble * 1e6);
    return 0;
}

static void wipe(const cJSON *object)
{
    for (const cJSON *item = object ? object->child : NULL; item; item = item->next)
        if (cJSON_IsString(item))
            explicit_bzero(item->valuestring, strlen(item->valuestring));
}

/* Return the result inside {"ActionResponse": {"ActionResult": ...}}; NULL: none. */
static const cJSON *find_result(const cJSON *json, const char *action)
{
    AUTOFREE char *outer = memory_format("%sResponse", action);
    AUTOFREE char *inner = memory_format("%sResult", action);
    return json_get_object(json_get_object(json, outer), inner);
}

static int read_json(struct aws_session *ret, const char *action, const char *bytes, size_t size)
{
    AUTOJSON cJSON *json = json_parse(bytes, size, STS_ANSWER_MAX);
    const cJSON *found = json_get_object(find_result(json, action), "Credentials");
    if (!found)
        return -EINVAL;
    int r = take(ret, json_get_string(found, "AccessKeyId"),
                 json_get_string(found, "SecretAccessKey"), json_get_string(found, "SessionToken"),
                 read_expiration(cJSON_GetObjectItemCaseSensitive(found, "Expiration")));
    wipe(found);
    return r;
}

static bool is_json(const char *bytes, size_t size)
{
    size_t at = 0;
    while (at < size && isspace((unsigned char)bytes[at]))
        at++;
    return at < size && bytes[at] == '{';
}

int sts_session_parse(struct aws_session *ret, const char *action, const char *bytes, size_t size)
{
    *ret = (struct aws_session){0};
    if (size > STS_ANSWER_MAX)
        return -EINVAL;
    return (is_json(bytes, size) ? read_json : read_xml)(ret, action, bytes, size);
}

char *sts_arn_parse(const char *bytes, size_t size)
{
    char *arn = NULL;
    if (size > STS_ANSWER_MAX)
        return NULL;
    if (is_json(bytes, size)) {
        AUTOJSON cJSON *json = json_parse(bytes, size, STS_ANSWER_MAX);
        arn = memory_string(json_get_string(find_result(json, "GetCallerIdentity"), "Arn"));
    } else if (xml_find(bytes, size, "GetCallerIdentityResponse/GetCallerIdentityResult/Arn",
                        &arn) < 0) {
        arn = NULL;
    }
    if (arn && (!is_visible(arn) || strlen(arn) > 2048)) {
        free(arn);
        return NULL;
    }
    return arn;
}

/* ---- errors ---- */

static const struct {
    const char *code;
    enum error_kind kind;
    const char *hint;
} codes[] = {
    {"AccessDenied", ERROR_REFUSED,
     "allow sts:AssumeRole on that role to the caller, and the caller in the role's trust policy; "
     "compare external_id"},
    {"ExpiredToken", ERROR_CREDENTIALS, "the credentials that ask have ended"},
    {"ExpiredTokenException", ERROR_CREDENTIALS,
     "the web identity token has ended: renew its file"},
    {"InvalidClientTokenId", ERROR_CREDENTIALS, "check the access key"},
    {"SignatureDoesNotMatch", ERROR_CREDENTIALS, "check the secret access key"},
    {"InvalidIdentityToken", ERROR_CREDENTIALS,
     "compare the token's issuer and audience with the identity provider in IAM"},
    {"IDPRejectedClaim", ERROR_CREDENTIALS, "compare the token with the role's trust policy"},
    {"IDPCommunicationError", ERROR_STATUS, NULL},
    {"RegionDisabledException", ERROR_REFUSED,
     "switch STS on for this region in IAM, or set region in [aws]"},
    {"MalformedPolicyDocument", ERROR_REFUSED, NULL},
    {"ValidationError", ERROR_REFUSED, "compare role_arn, external_id and the session's name"},
    {"Throttling", ERROR_THROTTLED, NULL},
    {"RequestExpired", ERROR_CLOCK, NULL},
};

static enum error_kind classify(const char *code, int status, const char **ret_hint)
{
    for (size_t i = 0; i < ELEMENTS(codes); i++)
        if (strcmp(codes[i].code, code) == 0) {
            *ret_hint = codes[i].hint;
            return codes[i].kind;
        }
    if (status == 429)
        return ERROR_THROTTLED;
    return status >= 500 ? ERROR_STATUS : ERROR_REFUSED;
}

void sts_error_parse(struct error *ret, int status, const char *bytes, size_t size)
{
    AUTOFREE char *word = NULL, *message = NULL;
    AUTOTEXT struct text text = {0};
    char code[sizeof(ret->code)];
    const char *hint = NULL;
    if (size <= STS_ANSWER_MAX && is_json(bytes, size)) {
        AUTOJSON cJSON *json = json_parse(bytes, size, STS_ANSWER_MAX);
        const cJSON *error = json_get_object(json, "Error");
        word = memory_string(json_get_string(error, "Code"));
        message = memory_string(json_get_string(error, "Message"));
    } else if (size <= STS_ANSWER_MAX) {
        (void)xml_find(bytes, size, "ErrorResponse/Error/Code", &word);
        (void)xml_find(bytes, size, "ErrorResponse/Error/Message", &message);
    }
    text_copy_word(code, sizeof(code), word);
    enum error_kind kind = classify(code, status, &hint);
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
