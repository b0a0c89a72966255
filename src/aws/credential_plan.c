/* SPDX-License-Identifier: MIT */
#include "aws/credential_plan.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "aws/variables.h"
#include "base/memory.h"
#include "base/text.h"
#include "planning.h"

static const char *const source_names[CREDENTIAL_SOURCES] = {
    [CREDENTIAL_SOURCE_CONFIG] = "config",   [CREDENTIAL_SOURCE_ENVIRONMENT] = "environment",
    [CREDENTIAL_SOURCE_PROFILE] = "profile", [CREDENTIAL_SOURCE_WEB_IDENTITY] = "web-identity",
    [CREDENTIAL_SOURCE_PROCESS] = "process", [CREDENTIAL_SOURCE_CONTAINER] = "container",
    [CREDENTIAL_SOURCE_IMDS] = "imds",
};

const char *credential_source_name(enum credential_source source)
{
    return source_names[source];
}

#define OF(source) (1u << CREDENTIAL_SOURCE_##source)

/* The order of botocore (create_credential_resolver in its credentials.py), behind the keys of the
 * configuration. */
static const struct {
    planning_fn plan;
    unsigned sources; /* that ask it, besides ANY */
} chain[] = {
    {plan_config, OF(CONFIG)},
    {plan_config_process, OF(PROCESS)},
    {plan_environment, OF(ENVIRONMENT)},
    {plan_assumed_role, OF(PROFILE)},
    {plan_web_identity, OF(PROFILE) | OF(WEB_IDENTITY)},
    {plan_sso, OF(PROFILE)},
    {plan_credentials_file, OF(PROFILE)},
    {plan_process, OF(PROFILE) | OF(PROCESS)},
    {plan_config_file, OF(PROFILE)},
    {plan_container, OF(CONTAINER)},
    {plan_imds, OF(IMDS)},
};

/* ---- files ---- */

/* Return the path with the home directory in place of ~. The caller frees it. */
static char *expand(const char *path, const char *home)
{
    const struct passwd *user;
    if (!home[0])
        home = getenv("HOME");
    if (path[0] != '~' || (path[1] != '/' && path[1] != '\0'))
        return memory_string(path);
    if (!home || !home[0]) {
        user = getpwuid(geteuid());
        home = user && user->pw_dir ? user->pw_dir : "";
    }
    return memory_format("%s%s", home, path + 1);
}

static char *find_path(const struct credential_setting *setting, const char *configured,
                       const char *variable, const char *usual)
{
    const char *named = aws_variable(variable);
    return expand(configured ? configured : named ? named : usual, setting->home);
}

static int read_files(struct planning *planning, struct error *error)
{
    const struct credential_setting *setting = planning->setting;
    planning->config_path =
        find_path(setting, setting->config_file, "AWS_CONFIG_FILE", "~/.aws/config");
    planning->credentials_path = find_path(setting, setting->credentials_file,
                                           "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    int r = profile_file_read(&planning->config, PROFILE_FILE_CONFIG, planning->config_path, error);
    if (r >= 0)
        r = profile_file_read(&planning->credentials, PROFILE_FILE_CREDENTIALS,
                              planning->credentials_path, error);
    return r < 0 ? r : 0;
}

const char *planning_get(const struct planning *planning, const char *profile, const char *key)
{
    const char *value = profile_file_get(planning->credentials, profile, key);
    return value ? value : profile_file_get(planning->config, profile, key);
}

bool planning_has(const struct planning *planning, const char *profile)
{
    return profile_file_has(planning->credentials, profile) ||
           profile_file_has(planning->config, profile);
}

/* Choose the profile. One that somebody has named must be there. */
static int choose_profile(struct planning *planning, struct error *error)
{
    const char *named = planning->setting->profile;
    planning->no_environment = named != NULL;
    if (!named)
        named = aws_variable("AWS_DEFAULT_PROFILE");
    if (!named || !named[0])
        named = aws_variable("AWS_PROFILE");
    planning->profile = named && named[0] ? named : "default";
    if (!named || !named[0] || planning_has(planning, named))
        return 0;
    return error_set(error, ERROR_CONFIG, "there is no profile %s in %s or %s", named,
                     planning->config_path, planning->credentials_path);
}

/* ---- roles ---- */

void credential_role_clear(struct credential_role *role)
{
    free(role->arn);
    free(role->external_id);
    free(role->session_name);
    *role = (struct credential_role){0};
}

const char *credential_role_problem(const char *arn)
{
    const char *name = strstr(arn, ":role/");
    for (const char *at = arn; *at; at++)
        if (!isgraph((unsigned char)*at))
            return "is not the ARN of a role: it has a blank or a control character in it";
    if (!text_starts(arn, "arn:aws") || !strstr(arn, ":iam::") || !name || !name[6] ||
        strlen(arn) > 2048)
        return "is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME";
    return NULL;
}

int plan_add_role(struct credential_plan *plan, struct credential_role *role, struct error *error)
{
    const char *problem = credential_role_problem(role->arn);
    int r = 0;
    if (problem)
        r = error_set(error, ERROR_CONFIG, "role_arn %s", problem);
    else if (plan->n_roles == CREDENTIAL_ROLES_MAX)
        r = error_set(error, ERROR_CONFIG, "more than %d roles are assumed one after the other",
                      CREDENTIAL_ROLES_MAX);
    else
        plan->roles[plan->n_roles++] = *role;
    if (r)
        credential_role_clear(role);
    *role = (struct credential_role){0};
    return r;
}

/* ---- the chain ---- */

static void clear_plan(struct credential_plan *plan)
{
    free(plan->place);
    aws_session_clear(&plan->keys);
    text_list_free(plan->command);
    free(plan->token_file);
    credential_role_clear(&plan->web);
    free(plan->url);
    for (size_t i = 0; i < plan->n_roles; i++)
        credential_role_clear(&plan->roles[i]);
    free(plan->region);
    free(plan->hidden);
    free(plan->config_file);
    free(plan->credentials_file);
    *plan = (struct credential_plan){0};
}

void credential_plan_free(struct credential_plan *plan)
{
    if (plan)
        clear_plan(plan);
    free(plan);
}

static bool is_asked(const struct planning *planning, size_t i)
{
    enum credential_source source = planning->setting->source;
    return source == CREDENTIAL_SOURCE_ANY || (chain[i].sources & (1u << source));
}

/* Note the providers behind the one that is used. Their faults do not matter now. */
static void note_hidden(const struct planning *planning, struct credential_plan *plan, size_t from)
{
    AUTOTEXT struct text hidden = {0};
    for (size_t i = from; i < ELEMENTS(chain); i++) {
        struct credential_plan other = {0};
        struct error ignored = {0};
        if (is_asked(planning, i) && chain[i].plan(planning, &other, &ignored) == 0)
            text_appendf(&hidden, "%s%s", hidden.size ? "; " : "", other.place);
        clear_plan(&other);
    }
    plan->hidden = hidden.size ? text_take(&hidden) : NULL;
}

static int find_first(const struct planning *planning, struct credential_plan *plan,
                      struct error *error)
{
    for (size_t i = 0; i < ELEMENTS(chain); i++) {
        int r = is_asked(planning, i) ? chain[i].plan(planning, plan, error) : 1;
        if (r == 0)
            note_hidden(planning, plan, i + 1);
        if (r != 1)
            return r;
        clear_plan(plan);
    }
    return 1;
}

/* Whether the files are read: for keys of the configuration they need not even be readable. */
static bool needs_files(const struct credential_setting *setting)
{
    if (setting->source == CREDENTIAL_SOURCE_ANY)
        return !setting->has_keys && !setting->process;
    if (setting->source == CREDENTIAL_SOURCE_PROCESS)
        return !setting->process;
    return setting->source == CREDENTIAL_SOURCE_PROFILE ||
           setting->source == CREDENTIAL_SOURCE_WEB_IDENTITY;
}

static char *find_region(const struct planning *planning)
{
    const char *region = planning->setting->region;
    if (!region || !region[0])
        region = aws_variable("AWS_REGION");
    if (!region || !region[0])
        region = aws_variable("AWS_DEFAULT_REGION");
    if (!region || !region[0])
        region = planning_get(planning, planning->profile, "region");
    return region && region[0] ? memory_string(region) : NULL;
}

static int finish(const struct planning *planning, struct credential_plan *plan,
                  struct error *error)
{
    const struct credential_setting *setting = planning->setting;
    plan->region = find_region(planning);
    plan->config_file = memory_string(planning->config_path);
    plan->credentials_file = memory_string(planning->credentials_path);
    if (!setting->role_arn)
        return 0;
    struct credential_role role = {.arn = memory_string(setting->role_arn),
                                   .external_id = memory_string(setting->external_id)};
    return plan_add_role(plan, &role, error);
}

int credential_plan_make(struct credential_plan **ret, const struct credential_setting *setting,
                         struct error *error)
{
    struct planning planning = {.setting = setting, .profile = "default"};
    struct credential_plan *plan = NEW(struct credential_plan);
    bool files = needs_files(setting);
    struct error unreadable = {0};
    int r = read_files(&planning, files ? error : &unreadable);
    r = files ? r : 0;
    if (r == 0 && files)
        r = choose_profile(&planning, error);
    else if (r == 0)
        (void)choose_profile(&planning, &unreadable);
    if (r == 0)
        r = find_first(&planning, plan, error);
    if (r >= 0 && finish(&planning, plan, error) < 0)
        r = -EIO;
    profile_file_free(planning.config);
    profile_file_free(planning.credentials);
    free(planning.config_path);
    free(planning.credentials_path);
    if (r >= 0)
        *ret = TAKE(plan);
    credential_plan_free(plan);
    return r;
}
