/* SPDX-License-Identifier: MIT */
#include "wire/oauth.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/memory.h"

#define DESCRIPTION_SHOWN_MAX 100

/* A token is not used in its last minute. */
#define EARLY_S 60

/* Longest lifetime that is believed, about thirty years. */
#define LIFETIME_MAX_S 1000000000ULL

/* The errors of RFC 6749, 5.2, and those of the authorization endpoint that token endpoints use. */
static const struct {
    const char *code;
    enum error_kind kind;
} codes[] = {
    {"invalid_client", ERROR_CREDENTIALS},      {"invalid_grant", ERROR_CREDENTIALS},
    {"unauthorized_client", ERROR_CREDENTIALS}, {"access_denied", ERROR_REFUSED},
    {"invalid_scope", ERROR_REFUSED},           {"invalid_request", ERROR_REFUSED},
    {"unsupported_grant_type", ERROR_REFUSED},  {"server_error", ERROR_STATUS},
    {"temporarily_unavailable", ERROR_STATUS},
};

void oauth_form_add(struct text *form, const char *name, const char *bytes, size_t size)
{
    if (form->size)
        text_append_char(form, '&');
    text_append_string(form, name);
    text_append_char(form, '=');
    text_append_percent(form, bytes, size);
}

static enum error_kind classify(const char *code, int status)
{
    for (size_t i = 0; code && i < ELEMENTS(codes); i++)
        if (strcmp(codes[i].code, code) == 0)
            return codes[i].kind;
    if (status == 429)
        return ERROR_THROTTLED;
    if (status >= 500)
        return ERROR_STATUS;
    return status >= 400 ? ERROR_REFUSED : ERROR_PROTOCOL;
}

static const char *meaning_of(const struct oauth_asker *asker, const char *code)
{
    for (const struct oauth_meaning *m = asker->meanings; code && m->code; m++)
        if (strcmp(m->code, code) == 0)
            return m->text;
    return NULL;
}

/* Return the endpoint's explanation. NULL if there is none, or if it contains a secret. */
static const char *words_of(const cJSON *json, const char *key, const struct oauth_asker *asker)
{
    const char *words = json_get_string(json, key);
    const struct secret *hidden = asker->hidden;
    bool repeats = words && hidden && hidden->size && strstr(words, hidden->data);
    return words && words[0] && !repeats ? words : NULL;
}

/* Write "Login with Amazon refuses seller acme: invalid_grant: meaning". */
static int explain(const cJSON *json, int status, const struct oauth_asker *asker,
                   struct error *error)
{
    AUTOTEXT struct text reason = {0};
    char word[sizeof(error->code)];
    const char *code = words_of(json, "error", asker), *meaning = meaning_of(asker, code);
    const char *description = words_of(json, "error_description", asker);

    text_copy_word(word, sizeof(word), code);
    if (word[0])
        text_append_string(&reason, word);
    else
        text_appendf(&reason, "status %d", status);
    if (status / 100 == 3) {
        text_append_string(&reason, ": redirects are not followed");
    } else if (meaning) {
        text_appendf(&reason, ": %s", meaning);
    } else if (description) {
        text_append_string(&reason, ": ");
        text_append_escaped(&reason, description, strlen(description), DESCRIPTION_SHOWN_MAX);
    }
    error_set(error, classify(code, status), "%s refuses %s: %s", asker->endpoint, asker->whom,
              reason.data);
    error->status = status;
    memcpy(error->code, word, sizeof(error->code));
    return -EIO;
}

/* Whether a token has only visible characters, because it becomes part of a header line. */
static bool is_token(const char *token)
{
    size_t size = token ? strlen(token) : 0;
    for (size_t i = 0; i < size; i++)
        if (token[i] <= 0x20 || token[i] >= 0x7f)
            return false;
    return size > 0 && size <= OAUTH_TOKEN_MAX;
}

/* Return the lifetime in seconds. Some endpoints write the number as a string. */
static uint64_t lifetime_of(const cJSON *json)
{
    const cJSON *lifetime = cJSON_GetObjectItemCaseSensitive(json, "expires_in");
    uint64_t seconds = 0;
    if (cJSON_IsNumber(lifetime) && lifetime->valuedouble > 0 &&
        lifetime->valuedouble < (double)LIFETIME_MAX_S)
        seconds = (uint64_t)lifetime->valuedouble;
    else if (cJSON_IsString(lifetime) &&
             (text_to_u64(lifetime->valuestring, &seconds) < 0 || seconds >= LIFETIME_MAX_S))
        seconds = 0;
    return seconds;
}

static int take_token(const cJSON *json, const char *token, const struct oauth_asker *asker,
                      struct secret *ret_token, struct error *error)
{
    const char *type = json_get_string(json, "token_type");
    if (!is_token(token))
        return error_set(error, ERROR_PROTOCOL, "%s sends no access token for %s", asker->endpoint,
                         asker->whom);
    if (type && strcasecmp(type, "bearer") != 0)
        return error_set(error, ERROR_PROTOCOL, "%s sends a token for %s that is no bearer token",
                         asker->endpoint, asker->whom);
    secret_set(ret_token, token, strlen(token));
    return 0;
}

int oauth_read(const char *bytes, size_t size, int status, const struct oauth_asker *asker,
               struct secret *ret_token, uint64_t *ret_lifetime_s, struct error *error)
{
    AUTOJSON cJSON *json = json_parse(bytes, size, OAUTH_ANSWER_MAX);
    char *token = (char *)json_get_string(json, "access_token");
    int r = status == 200 ? take_token(json, token, asker, ret_token, error)
                          : explain(json, status, asker, error);
    if (token)
        explicit_bzero(token, strlen(token));
    *ret_lifetime_s = r == 0 ? lifetime_of(json) : 0;
    return r;
}

uint64_t oauth_use_s(uint64_t lifetime_s)
{
    return lifetime_s - (lifetime_s > 2 * EARLY_S ? EARLY_S : lifetime_s / 2);
}
