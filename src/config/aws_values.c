/* SPDX-License-Identifier: MIT */
/* The values of the keys about AWS credentials. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credential_plan.h"
#include "base/memory.h"
#include "values.h"

/* Longest name of a profile that is taken. */
#define PROFILE_MAX 200

#define ANY "any"

CONFIG_PARSER(config_parse_source)
{
    AUTOTEXT struct text names = {0};
    (void)key, (void)place;
    for (unsigned i = 0; i < CREDENTIAL_SOURCES; i++) {
        const char *name = i == CREDENTIAL_SOURCE_ANY ? ANY : credential_source_name(i);
        text_appendf(&names, "%s%s", names.size ? ", " : "", name);
        if (strcmp(value, name) != 0)
            continue;
        *(unsigned *)target = i;
        return 0;
    }
    return error_set(error, ERROR_CONFIG, "\"%.60s\" is none of %s", value, names.data);
}

static void replace(void *target, const char *value)
{
    char **string = target;
    free(*string);
    *string = memory_string(value);
}

CONFIG_PARSER(config_parse_profile)
{
    (void)key, (void)place;
    bool bad = !value[0] || strlen(value) > PROFILE_MAX;
    for (const char *at = value; *at && !bad; at++)
        bad = iscntrl((unsigned char)*at);
    if (bad)
        return error_set(error, ERROR_CONFIG, "is no name of a profile");
    replace(target, value);
    return 0;
}

CONFIG_PARSER(config_parse_role)
{
    const char *problem = credential_role_problem(value);
    (void)key, (void)place;
    if (problem)
        return error_set(error, ERROR_CONFIG, "%s", problem);
    replace(target, value);
    return 0;
}

CONFIG_PARSER(config_parse_aws_region)
{
    (void)key, (void)place;
    size_t size = strlen(value);
    if (size == 0 || size > 40 || strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") != size)
        return error_set(error, ERROR_CONFIG, "\"%.60s\" is no region, such as eu-west-1", value);
    replace(target, value);
    return 0;
}
