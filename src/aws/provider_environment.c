/* SPDX-License-Identifier: MIT */
/* AWS_ACCESS_KEY_ID and its companions. */
#include <string.h>

#include "aws/variables.h"
#include "base/clock.h"
#include "base/memory.h"
#include "planning.h"

static const char *variable(const char *name)
{
    const char *value = aws_variable(name);
    return value && value[0] ? value : NULL;
}

int plan_environment(const struct planning *planning, struct credential_plan *plan,
                     struct error *error)
{
    /* All of them are read, so that no secret stays in the environment. */
    const char *id = variable("AWS_ACCESS_KEY_ID"), *secret = variable("AWS_SECRET_ACCESS_KEY");
    const char *old_token = variable("AWS_SECURITY_TOKEN"), *token = variable("AWS_SESSION_TOKEN");
    const char *expiry = variable("AWS_CREDENTIAL_EXPIRATION");
    if (planning->no_environment || (!id && !secret))
        return 1;
    if (!id && planning->setting->source == CREDENTIAL_SOURCE_ANY)
        return 1; /* as botocore does */
    if (!id || !secret)
        return error_set(error, ERROR_CONFIG,
                         "%s is missing in the environment while its counterpart is there",
                         id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    plan->provider = CREDENTIAL_KEYS;
    plan->place = memory_string("AWS_ACCESS_KEY_ID in the environment");
    plan->keys.credentials.access_key_id = memory_string(id);
    secret_set(&plan->keys.credentials.secret_access_key, secret, strlen(secret));
    token = old_token ? old_token : token;
    if (token)
        secret_set(&plan->keys.credentials.session_token, token, strlen(token));
    if (expiry && clock_parse_rfc3339(expiry, strlen(expiry), &plan->keys.expires_usec) < 0)
        return error_set(error, ERROR_CONFIG,
                         "AWS_CREDENTIAL_EXPIRATION in the environment is no time");
    return 0;
}
