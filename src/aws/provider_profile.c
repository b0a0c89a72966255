/* SPDX-License-Identifier: MIT */
/* Profiles of the config and credentials files: keys, roles, and what cannot be used. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "planning.h"

static char *name_place(const struct planning *planning, const struct profile_file *file)
{
    return memory_format("profile %s in %s", planning->profile,
                         file == planning->config ? planning->config_path
                                                  : planning->credentials_path);
}

/* ---- keys ---- */

static int plan_keys(const struct planning *planning, const struct profile_file *file,
                     struct credential_plan *plan, struct error *error)
{
    const char *profile = planning->profile;
    const char *id = profile_file_get(file, profile, "aws_access_key_id");
    const char *secret = profile_file_get(file, profile, "aws_secret_access_key");
    const char *token = profile_file_get(file, profile, "aws_security_token");
    if (!id)
        return 1;
    plan->provider = CREDENTIAL_KEYS;
    plan->place = name_place(planning, file);
    if (!secret)
        return error_set(error, ERROR_CONFIG, "%s: aws_secret_access_key is missing", plan->place);
    if (!id[0] || !secret[0])
        return error_set(error, ERROR_CONFIG, "%s: the access key is empty", plan->place);
    if (!token)
        token = profile_file_get(file, profile, "aws_session_token");
    plan->keys.credentials.access_key_id = memory_string(id);
    secret_set(&plan->keys.credentials.secret_access_key, secret, strlen(secret));
    if (token && token[0])
        secret_set(&plan->keys.credentials.session_token, token, strlen(token));
    return 0;
}

int plan_credentials_file(const struct planning *planning, struct credential_plan *plan,
                          struct error *error)
{
    return plan_keys(planning, planning->credentials, plan, error);
}

int plan_config_file(const struct planning *planning, struct credential_plan *plan,
                     struct error *error)
{
    return plan_keys(planning, planning->config, plan, error);
}

int plan_sso(const struct planning *planning, struct credential_plan *plan, struct error *error)
{
    const char *profile = planning->profile;
    (void)plan;
    if (!planning_get(planning, profile, "sso_role_name") &&
        !planning_get(planning, profile, "sso_account_id"))
        return 1;
    return error_set(error, ERROR_CONFIG,
                     "profile %s needs a login in a browser (sso_*), which a daemon has not: set "
                     "credential_process = aws configure export-credentials --profile %s "
                     "--format process, or use IAM Roles Anywhere",
                     profile, profile);
}

/* ---- roles ---- */

/* The profiles that lead to a role, so that a loop is noticed. */
struct profile_walk {
    const struct planning *planning;
    struct credential_plan *plan;
    const char *seen[CREDENTIAL_ROLES_MAX + 1];
    size_t n_seen;
};

static bool has_keys(const struct planning *planning, const char *profile)
{
    return planning_get(planning, profile, "aws_access_key_id") ||
           planning_get(planning, profile, "aws_secret_access_key");
}

static bool has_role(const struct planning *planning, const char *profile)
{
    return planning_get(planning, profile, "role_arn") &&
           !planning_get(planning, profile, "web_identity_token_file");
}

static bool was_seen(const struct profile_walk *walk, const char *profile)
{
    for (size_t i = 0; i < walk->n_seen; i++)
        if (strcmp(walk->seen[i], profile) == 0)
            return true;
    return false;
}

static int plan_role(struct profile_walk *walk, const char *profile, struct error *error);

/* Find the credentials of a source_profile. */
static int plan_source_profile(struct profile_walk *walk, const char *profile, const char *source,
                               struct error *error)
{
    struct planning inner = *walk->planning;
    if (!planning_has(walk->planning, source))
        return error_set(error, ERROR_CONFIG, "profile %s: there is no source_profile %s", profile,
                         source);
    /* A profile may name itself if it has keys as well. */
    if (was_seen(walk, source) &&
        (strcmp(source, profile) != 0 || !has_keys(walk->planning, source)))
        return error_set(error, ERROR_CONFIG,
                         "profile %s: source_profile %s leads back to a profile before it", profile,
                         source);
    if (walk->n_seen == ELEMENTS(walk->seen))
        return error_set(error, ERROR_CONFIG, "profile %s: more than %d roles follow each other",
                         walk->seen[0], CREDENTIAL_ROLES_MAX);
    walk->seen[walk->n_seen++] = source;
    if (!has_keys(walk->planning, source) && has_role(walk->planning, source))
        return plan_role(walk, source, error);
    inner.profile = source;
    inner.no_environment = true;
    int r = plan_profile(&inner, walk->plan, error);
    return r != 1 ? r
                  : error_set(error, ERROR_CONFIG,
                              "profile %s: source_profile %s has no credentials", profile, source);
}

/* Find the credentials of a credential_source. */
static int plan_credential_source(struct profile_walk *walk, const char *profile,
                                  const char *source, struct error *error)
{
    static const struct {
        const char *name;
        planning_fn plan;
    } sources[] = {
        {"environment", plan_environment},
        {"ecscontainer", plan_container},
        {"ec2instancemetadata", plan_imds},
    };
    struct planning inner = *walk->planning;
    struct credential_setting setting = *inner.setting;
    inner.setting = &setting;
    inner.no_environment = false;
    setting.source = CREDENTIAL_SOURCE_IMDS; /* it is named, so it is asked on any machine */
    for (size_t i = 0; i < ELEMENTS(sources); i++) {
        if (strcasecmp(sources[i].name, source) != 0)
            continue;
        int r = sources[i].plan(&inner, walk->plan, error);
        return r != 1 ? r
                      : error_set(error, ERROR_CONFIG,
                                  "profile %s: credential_source %s has no credentials", profile,
                                  source);
    }
    return error_set(error, ERROR_CONFIG,
                     "profile %s: credential_source is none of Environment, EcsContainer, "
                     "Ec2InstanceMetadata",
                     profile);
}

static int read_duration(const struct planning *planning, const char *profile, unsigned *ret,
                         struct error *error)
{
    const char *text = planning_get(planning, profile, "duration_seconds");
    uint64_t seconds = 0;
    if (!text)
        return 0;
    if (text_to_u64(text, &seconds) < 0 || seconds < 900 || seconds > 43200)
        return error_set(error, ERROR_CONFIG,
                         "profile %s: duration_seconds is no number from 900 to 43200", profile);
    *ret = (unsigned)seconds;
    return 0;
}

static int add_role(struct profile_walk *walk, const char *profile, struct error *error)
{
    const struct planning *planning = walk->planning;
    struct credential_role role = {0};
    struct error why;
    if (read_duration(planning, profile, &role.duration_s, error) < 0)
        return -EIO;
    role.arn = memory_string(planning_get(planning, profile, "role_arn"));
    role.external_id = memory_string(planning_get(planning, profile, "external_id"));
    role.session_name = memory_string(planning_get(planning, profile, "role_session_name"));
    int r = plan_add_role(walk->plan, &role, &why);
    return r ? error_set(error, ERROR_CONFIG, "profile %s: %s", profile, why.text) : 0;
}

static int plan_role(struct profile_walk *walk, const char *profile, struct error *error)
{
    const struct planning *planning = walk->planning;
    const char *from = planning_get(planning, profile, "source_profile");
    const char *source = planning_get(planning, profile, "credential_source");
    if (from && source)
        return error_set(error, ERROR_CONFIG,
                         "profile %s: has both source_profile and credential_source", profile);
    if (!from && !source)
        return error_set(error, ERROR_CONFIG,
                         "profile %s: role_arn needs source_profile or credential_source", profile);
    if (planning_get(planning, profile, "mfa_serial"))
        return error_set(error, ERROR_CONFIG,
                         "profile %s: needs a code of a device (mfa_serial), which a daemon cannot "
                         "type; use a role without it",
                         profile);
    int r = source ? plan_credential_source(walk, profile, source, error)
                   : plan_source_profile(walk, profile, from, error);
    return r ? r : add_role(walk, profile, error);
}

int plan_assumed_role(const struct planning *planning, struct credential_plan *plan,
                      struct error *error)
{
    struct profile_walk walk = {.planning = planning, .plan = plan};
    if (!has_role(planning, planning->profile))
        return 1;
    walk.seen[walk.n_seen++] = planning->profile;
    int r = plan_role(&walk, planning->profile, error);
    if (r)
        return r;
    AUTOFREE char *inner = TAKE(plan->place);
    plan->place = memory_format("role_arn of profile %s, with %s", planning->profile, inner);
    return 0;
}

int plan_profile(const struct planning *planning, struct credential_plan *plan, struct error *error)
{
    static const planning_fn chain[] = {plan_web_identity, plan_sso, plan_credentials_file,
                                        plan_process, plan_config_file};
    for (size_t i = 0; i < ELEMENTS(chain); i++) {
        int r = chain[i](planning, plan, error);
        if (r != 1)
            return r;
    }
    return 1;
}
