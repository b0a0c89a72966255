/* SPDX-License-Identifier: MIT */
/* The values of the OAuth 2.0 keys of a webhook. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
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
