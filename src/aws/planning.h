/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_PLANNING_H
#define SRC_AWS_PLANNING_H

#include "aws/credential_plan.h"
#include "aws/profile_file.h"

/* What is known while a plan is made (credential_plan.c). */
struct planning {
    const struct credential_setting *setting;
    const char *profile;
    bool no_environment; /* the profile is named by the configuration, or is a source */
    struct profile_file *config, *credentials; /* NULL: there is no such file */
    char *config_path, *credentials_path;
};

/* Return a key of a profile: of the credentials file, else of the config file; NULL: none. */
const char *planning_get(const struct planning *planning, const char *profile, const char *key);
bool planning_has(const struct planning *planning, const char *profile);

/* One provider: fill the plan. 0; 1: it has no credentials; -EIO with the reason in *error. */
typedef int (*planning_fn)(const struct planning *planning, struct credential_plan *plan,
                           struct error *error);

int plan_config(const struct planning *planning, struct credential_plan *plan, struct error *error);
int plan_config_process(const struct planning *planning, struct credential_plan *plan,
                        struct error *error);
int plan_environment(const struct planning *planning, struct credential_plan *plan,
                     struct error *error);
int plan_assumed_role(const struct planning *planning, struct credential_plan *plan,
                      struct error *error);
int plan_web_identity(const struct planning *planning, struct credential_plan *plan,
                      struct error *error);
int plan_sso(const struct planning *planning, struct credential_plan *plan, struct error *error);
int plan_credentials_file(const struct planning *planning, struct credential_plan *plan,
                          struct error *error);
int plan_process(const struct planning *planning, struct credential_plan *plan,
                 struct error *error);
int plan_config_file(const struct planning *planning, struct credential_plan *plan,
                     struct error *error);
int plan_container(const struct planning *planning, struct credential_plan *plan,
                   struct error *error);
int plan_imds(const struct planning *planning, struct credential_plan *plan, struct error *error);

/* The providers of a profile alone, in order: the source of a role. */
int plan_profile(const struct planning *planning, struct credential_plan *plan,
                 struct error *error);

/* Add a role to the end of the plan. 0, or -EIO: there are too many. The role is taken over in both
 * cases. */
int plan_add_role(struct credential_plan *plan, struct credential_role *role, struct error *error);
void credential_role_clear(struct credential_role *role);

#endif
