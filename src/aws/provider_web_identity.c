/* SPDX-License-Identifier: MIT */
/* Web identity: a token in a file (EKS, or any OpenID Connect issuer) is changed into the
 * credentials of a role by STS. */
#include <errno.h>
#include <string.h>

#include "aws/variables.h"
#include "base/memory.h"
#include "fetch.h"
#include "planning.h"

/* Return a value of the environment, else of the profile; NULL: there is none. */
static const char *find(const struct planning *planning, const char *variable, const char *key)
{
    const char *value = planning->no_environment ? NULL : aws_variable(variable);
    return value ? value : planning_get(planning, planning->profile, key);
}

int plan_web_identity(const struct planning *planning, struct credential_plan *plan,
                      struct error *error)
{
    const char *file = find(planning, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    const char *arn = find(planning, "AWS_ROLE_ARN", "role_arn");
    const char *name = find(planning, "AWS_ROLE_SESSION_NAME", "role_session_name");
    if (!file || !file[0])
        return 1;
    plan->provider = CREDENTIAL_WEB_IDENTITY;
    plan->place = memory_format("the web identity token in %s", file);
    if (!arn || !arn[0])
        return error_set(error, ERROR_CONFIG,
                         "%s: the role is missing: set AWS_ROLE_ARN, or role_arn in the profile",
                         plan->place);
    const char *problem = credential_role_problem(arn);
    if (problem)
        return error_set(error, ERROR_CONFIG, "%s: the role %s", plan->place, problem);
    plan->token_file = memory_string(file);
    plan->web.arn = memory_string(arn);
    plan->web.session_name = memory_string(name);
    return 0;
}

static void on_session(struct aws_session *session, const struct error *error, void *userdata)
{
    struct fetch *fetch = userdata;
    fetch->sts = NULL;
    if (error->kind == ERROR_NONE)
        fetch_take(fetch, session);
    else
        fetch_fail_with(fetch, error->kind, "%s: %s", fetch->plan->place, error->text);
}

int provider_web_identity_start(struct fetch *fetch)
{
    CLEANUP(secret_clear) struct secret token = {0};
    const struct credential_plan *plan = fetch->plan;
    struct error error = {0};
    if (fetch_read_token(&token, plan->token_file, &error) < 0) {
        fetch_fail(fetch, &error);
        return 0;
    }
    const struct sts_place place = {
        .http = fetch->options.http,
        .region = plan->region ? plan->region : fetch->options.region,
    };
    return sts_assume_with_token(&fetch->sts, &place, &plan->web, &token, on_session, fetch);
}

/* ---- roles on top of a provider ---- */

static void on_role(struct aws_session *session, const struct error *error, void *userdata)
{
    struct fetch *fetch = userdata;
    fetch->sts = NULL;
    if (error->kind != ERROR_NONE) {
        fetch_fail(fetch, error);
        return;
    }
    fetch->role++;
    fetch_take(fetch, session);
}

int provider_role_start(struct fetch *fetch)
{
    const struct credential_plan *plan = fetch->plan;
    const struct sts_place place = {
        .http = fetch->options.http,
        .region = plan->region ? plan->region : fetch->options.region,
    };
    return sts_assume(&fetch->sts, &place, &plan->roles[fetch->role], &fetch->session.credentials,
                      on_role, fetch);
}
