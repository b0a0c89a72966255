/* SPDX-License-Identifier: MIT */
/* The OAuth 2.0 keys of a webhook's section: their values, and which of them need each other. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "draft.h"
#include "values.h"

#define SCOPE_MAX 1000

static int replace(char **target, const char *value)
{
    free(*target);
    *target = memory_string(value);
    return 0;
}

/* Whether a value is a scope (RFC 6749, 3.3): words of visible ASCII without '"' and '\', with one
 * blank between two. */
static bool is_scope(const char *value)
{
    size_t size = strlen(value);
    for (size_t i = 0; i < size; i++) {
        if (value[i] < 0x20 || value[i] > 0x7e || value[i] == '"' || value[i] == '\\')
            return false;
        if (value[i] == ' ' && (i == 0 || i + 1 == size || value[i - 1] == ' '))
            return false;
    }
    return size > 0 && size <= SCOPE_MAX;
}

CONFIG_PARSER(config_parse_scope)
{
    (void)key, (void)place;
    if (!is_scope(value))
        return error_set(error, ERROR_CONFIG,
                         "\"%.100s\" is not a list of scopes with one blank between two", value);
    return replace(target, value);
}

CONFIG_PARSER(config_parse_client_auth)
{
    (void)key, (void)place;
    if (strcmp(value, "basic") != 0 && strcmp(value, "post") != 0)
        return error_set(error, ERROR_CONFIG, "\"%.60s\" is neither basic nor post", value);
    return replace(target, value);
}

static const char *const needed[] = {"oauth_token_url", "oauth_client_id", "oauth_client_secret"};
static const char *const others[] = {"oauth_scope", "oauth_audience", "oauth_client_auth",
                                     "oauth_ca_file"};

/* Return the first oauth_ key that the section has; NULL: none. */
static const char *first_key(const struct config_draft *draft, size_t webhook)
{
    for (size_t i = 0; i < ELEMENTS(needed); i++)
        if (draft_has(draft, CONFIG_WEBHOOK, webhook, needed[i]))
            return needed[i];
    for (size_t i = 0; i < ELEMENTS(others); i++)
        if (draft_has(draft, CONFIG_WEBHOOK, webhook, others[i]))
            return others[i];
    return NULL;
}

/* Check that there is no other authorization: a request has one. */
static void check_only(struct config_draft *draft, size_t webhook, const char *name,
                       const char *other)
{
    const struct config_place *place = draft_place(draft_section_of(draft, CONFIG_WEBHOOK, webhook),
                                                   config_key_find(CONFIG_WEBHOOK, other));
    if (place->line)
        COMPLAIN(draft, CONFIG_WEBHOOK, webhook, name,
                 "cannot be with %s at %s:%u: it is one or the other", other, place->file,
                 place->line);
}

void config_check_authorization(struct config_draft *draft, size_t webhook)
{
    const char *oauth = first_key(draft, webhook);
    if (draft_has(draft, CONFIG_WEBHOOK, webhook, "bearer"))
        check_only(draft, webhook, "bearer", "user");
    if (!oauth)
        return;
    check_only(draft, webhook, oauth, "user");
    check_only(draft, webhook, oauth, "bearer");
    for (size_t i = 0; i < ELEMENTS(needed); i++)
        if (!draft_has(draft, CONFIG_WEBHOOK, webhook, needed[i]))
            COMPLAIN(draft, CONFIG_WEBHOOK, webhook, oauth, "needs %s as well", needed[i]);
}
