/* SPDX-License-Identifier: MIT */
/* Names and values of headers that an administrator adds. */
#include "headers.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "draft.h"
#include "secret.h"
#include "values.h"
#include "webhook/extra.h"

CONFIG_PARSER(config_parse_header)
{
    char **name = target;
    const char *problem = webhook_extra_problem(value);
    (void)key, (void)place;
    if (problem)
        return error_set(error, ERROR_CONFIG, "%.60s %s", value, problem);
    free(*name);
    *name = memory_string(value);
    return 0;
}

static int check_name(const struct config_headers *before, const char *name, struct error *error)
{
    const char *problem = webhook_extra_problem(name);
    if (problem)
        return error_set(error, ERROR_CONFIG, "%.60s %s", name, problem);
    for (size_t i = 0; i < before->count; i++)
        if (strcasecmp(before->items[i].name, name) == 0)
            return error_set(error, ERROR_CONFIG, "%s is given at %s:%u already", name,
                             before->items[i].value.place.file, before->items[i].value.place.line);
    if (before->count == WEBHOOK_EXTRA_MAX)
        return error_set(error, ERROR_CONFIG, "more than %d headers", WEBHOOK_EXTRA_MAX);
    return 0;
}

/* Check a value. A literal is sent as it is. Of a reference, only the form can be checked. */
static int check_value(const char *name, const char *value, struct error *error)
{
    struct error why = {0};
    const char *problem = NULL;
    CLEANUP(secret_clear) struct secret literal = {0};
    if (!config_secret_is_literal(value))
        problem = config_reference_problem(value);
    else
        secret_set(&literal, value, strlen(value));
    if (literal.data && webhook_extra_check_value(&literal, &why))
        problem = why.text;
    return problem ? error_set(error, ERROR_CONFIG, "%s: %s", name, problem) : 0;
}

/* Errors name the header. They never contain its value, which may be a secret. */
CONFIG_PARSER(config_parse_headers)
{
    struct config_headers *headers = target;
    const char *colon = strchr(value, ':');
    (void)key;
    if (value[0] == '\0') {
        config_headers_clear(headers);
        return 0;
    }
    if (!colon)
        return error_set(error, ERROR_CONFIG,
                         "is not NAME: VALUE, such as X-Api-Key: credential:wms-api-key");
    AUTOFREE char *name = memory_copy(value, (size_t)(colon - value));
    const char *rest = colon + 1 + strspn(colon + 1, " \t");
    int r = check_name(headers, name, error);
    if (r == 0)
        r = check_value(name, rest, error);
    if (r < 0)
        return r;
    headers->items = memory_resize(headers->items, headers->count + 1, sizeof(*headers->items));
    headers->items[headers->count++] = (struct config_header){
        .name = TAKE(name),
        .value = {.reference = memory_string(rest), .place = *place, .whole = true},
    };
    return 0;
}
