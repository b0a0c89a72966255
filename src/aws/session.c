/* SPDX-License-Identifier: MIT */
/* Reads credentials that come as JSON. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "fetch.h"

/* Whether a value may stand in a header. */
static bool is_visible(const char *value)
{
    if (!value || !value[0])
        return false;
    for (; *value; value++)
        if (!isgraph((unsigned char)*value))
            return false;
    return true;
}

static int complain(struct error *error, const char *problem)
{
    return error_set(error, ERROR_PROTOCOL, "the answer %s", problem);
}

static int read_members(struct aws_session *ret, enum session_form form, const cJSON *json,
                        struct error *error)
{
    const char *id = json_get_string(json, "AccessKeyId");
    const char *secret = json_get_string(json, "SecretAccessKey");
    const char *token = json_get_string(json, form == SESSION_PROCESS ? "SessionToken" : "Token");
    const char *expiry = json_get_string(json, "Expiration");
    if (!is_visible(id) || !is_visible(secret))
        return complain(error, "has no AccessKeyId or no SecretAccessKey");
    if (form != SESSION_PROCESS && (!is_visible(token) || !expiry))
        return complain(error, "has no Token or no Expiration");
    if (token && token[0] && !is_visible(token))
        return complain(error, "has a token with blanks in it");
    if (expiry && clock_parse_rfc3339(expiry, strlen(expiry), &ret->expires_usec) < 0)
        return complain(error, "has an Expiration that is no time");
    ret->credentials.access_key_id = memory_string(id);
    secret_set(&ret->credentials.secret_access_key, secret, strlen(secret));
    if (token && token[0])
        secret_set(&ret->credentials.session_token, token, strlen(token));
    return 0;
}

/* Wipe the strings of a document before it is freed: they hold secrets. */
static void wipe(cJSON *json)
{
    for (cJSON *item = json ? json->child : NULL; item; item = item->next)
        if (cJSON_IsString(item))
            explicit_bzero(item->valuestring, strlen(item->valuestring));
}

/* Explain an answer that says that there are no credentials. */
static int explain(const cJSON *json, struct error *error)
{
    char code[80];
    const char *word = json_get_string(json, "Code");
    text_copy_word(code, sizeof(code), word ? word : json_get_string(json, "code"));
    if (!code[0] || strcmp(code, "Success") == 0)
        return 0;
    return error_set(error, ERROR_REFUSED, "the answer is %s", code);
}

int session_parse(struct aws_session *ret, enum session_form form, const char *bytes, size_t size,
                  struct error *error)
{
    cJSON *json = json_parse(bytes ? bytes : "", size, SESSION_MAX);
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "Version");
    int r = 0;
    *ret = (struct aws_session){0};
    if (!cJSON_IsObject(json))
        r = complain(error, "is no JSON object");
    else if (form == SESSION_PROCESS && (!cJSON_IsNumber(version) || version->valuedouble != 1))
        r = complain(error, "has no \"Version\": 1");
    else
        r = explain(json, error);
    if (r == 0)
        r = read_members(ret, form, json, error);
    wipe(json);
    cJSON_Delete(json);
    return r;
}
