/* SPDX-License-Identifier: MIT */
#include "lwa_answer.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "word.h"

#define DESCRIPTION_SHOWN_MAX 100

/* LWA's errors (RFC 6749 5.2 and its own) and what they mean to the one who set Dockbell up. */
static const struct {
    const char *code;
    enum error_kind kind;
    const char *meaning; /* NULL: LWA's own words have to do */
} codes[] = {
    {"invalid_client", ERROR_CREDENTIALS,
     "client_id or client_secret is wrong, or the secret has expired: put the application's "
     "current "
     "secret into the config"},
    {"invalid_grant", ERROR_CREDENTIALS,
     "the refresh token is wrong or the seller has revoked it: let the seller authorise the "
     "application again and put the new refresh_token into the config"},
    {"unauthorized_client", ERROR_CREDENTIALS,
     "the refresh token belongs to another application: client_id and refresh_token must be of the "
     "same one"},
    {"access_denied", ERROR_REFUSED, NULL},
    {"invalid_scope", ERROR_REFUSED, NULL},
    {"invalid_request", ERROR_REFUSED, NULL},
    {"unsupported_grant_type", ERROR_REFUSED, NULL},
    {"server_error", ERROR_STATUS, NULL},
    {"temporarily_unavailable", ERROR_STATUS, NULL},
};

static enum error_kind classify(const char *code, int status, const char **ret_meaning)
{
    *ret_meaning = NULL;
    for (size_t i = 0; code && i < ELEMENTS(codes); i++)
        if (strcmp(codes[i].code, code) == 0) {
            *ret_meaning = codes[i].meaning;
            return codes[i].kind;
        }
    if (status == 429)
        return ERROR_THROTTLED;
    if (status >= 500)
        return ERROR_STATUS;
    return status >= 400 ? ERROR_REFUSED : ERROR_PROTOCOL;
}

/* "Login with Amazon refuses seller acme: invalid_grant: meaning". */
static int explain(const cJSON *json, int status, const char *whom, struct error *error)
{
    AUTOTEXT struct text reason = {0};
    char word[sizeof(error->code)];
    const char *code = json_get_string(json, "error"), *meaning;
    const char *description = json_get_string(json, "error_description");
    enum error_kind kind = classify(code, status, &meaning);

    word_copy(word, sizeof(word), code);
    if (word[0])
        text_append_string(&reason, word);
    else
        text_appendf(&reason, "status %d", status);
    if (meaning) {
        text_appendf(&reason, ": %s", meaning);
    } else if (description && description[0]) {
        text_append_string(&reason, ": ");
        text_append_escaped(&reason, description, strlen(description), DESCRIPTION_SHOWN_MAX);
    }
    error_set(error, kind, "Login with Amazon refuses %s: %s", whom, reason.data);
    error->status = status;
    memcpy(error->code, word, sizeof(error->code));
    return -EIO;
}

/* It goes into a header line: visible characters only. */
static bool is_token(const char *token)
{
    size_t size = token ? strlen(token) : 0;
    for (size_t i = 0; i < size; i++)
        if (token[i] <= 0x20 || token[i] >= 0x7f)
            return false;
    return size > 0 && size <= LWA_TOKEN_MAX;
}

int lwa_answer_parse(const char *bytes, size_t size, int status, const char *seller,
                     struct secret *ret_token, uint64_t *ret_lifetime_s, struct error *error)
{
    AUTOJSON cJSON *json = json_parse(bytes, size, LWA_ANSWER_MAX);
    AUTOFREE char *whom =
        seller ? memory_format("seller %s", seller) : memory_string("the application");
    char *token = (char *)json_get_string(json, "access_token");
    const cJSON *lifetime = cJSON_GetObjectItemCaseSensitive(json, "expires_in");
    if (status != 200)
        return explain(json, status, whom, error);
    if (!is_token(token))
        return error_set(error, ERROR_PROTOCOL, "Login with Amazon sends no access token for %s",
                         whom);
    secret_set(ret_token, token, strlen(token));
    explicit_bzero(token, strlen(token));
    bool known = cJSON_IsNumber(lifetime) && lifetime->valuedouble > 0;
    *ret_lifetime_s = known && lifetime->valuedouble < 1e9 ? (uint64_t)lifetime->valuedouble : 0;
    return 0;
}
