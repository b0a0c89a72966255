/* SPDX-License-Identifier: MIT */
#ifndef AWS_CREDENTIAL_PLAN_H
#define AWS_CREDENTIAL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "base/error.h"

/*
 * Where credentials come from, in botocore's order: the keys of the configuration, the environment,
 * the role of the profile, web identity, the credentials file, credential_process, the config file,
 * the container's endpoint, the endpoint of EC2. Making a plan reads the environment and files, and
 * uses no network. docs/decisions/37-aws-credentials.md
 */

/* `[aws] source`: the only provider that is asked. */
enum credential_source {
    CREDENTIAL_SOURCE_ANY,
    CREDENTIAL_SOURCE_CONFIG,
    CREDENTIAL_SOURCE_ENVIRONMENT,
    CREDENTIAL_SOURCE_PROFILE,
    CREDENTIAL_SOURCE_WEB_IDENTITY,
    CREDENTIAL_SOURCE_PROCESS,
    CREDENTIAL_SOURCE_CONTAINER,
    CREDENTIAL_SOURCE_IMDS,
    CREDENTIAL_SOURCES,
};

/* The name of a source in the configuration: "web-identity", ... For ANY: NULL. */
const char *credential_source_name(enum credential_source source);

/* The words of the configuration about credentials. Everything is borrowed. */
struct credential_setting {
    enum credential_source source;
    bool has_keys;                      /* access_key_id is set */
    char *const *process;               /* words of a command; NULL: none */
    const char *profile;                /* NULL: AWS_PROFILE, else default */
    const char *role_arn, *external_id; /* a role on top of everything; NULL: none */
    const char *region;                 /* for STS; NULL: from environment, profile or queue */
    const char *config_file, *credentials_file; /* NULL: AWS_CONFIG_FILE, ..., else ~/.aws/... */
    char home[256];                             /* in place of ~; "": of this process */
    const char *dmi;                            /* NULL: /sys/class/dmi/id; for tests */
};

/* A role that STS is asked for. */
struct credential_role {
    char *arn;
    char *external_id;   /* NULL: none */
    char *session_name;  /* NULL: dockbell-HOST */
    unsigned duration_s; /* 0: STS's own, an hour */
};

/* Most roles that are assumed one after the other. */
#define CREDENTIAL_ROLES_MAX 5

/* Return why no role can have this ARN; NULL: one can. */
const char *credential_role_problem(const char *arn);

/* The provider that a plan begins with. */
enum credential_provider {
    CREDENTIAL_CONFIG, /* the keys of the configuration */
    CREDENTIAL_KEYS,   /* keys of the environment or a file */
    CREDENTIAL_PROCESS,
    CREDENTIAL_WEB_IDENTITY,
    CREDENTIAL_CONTAINER,
    CREDENTIAL_IMDS,
};

struct credential_plan {
    enum credential_provider provider;
    char *place;             /* of the credentials, for people: "profile work of FILE" */
    struct aws_session keys; /* KEYS */
    char **command;          /* PROCESS */
    char *token_file;        /* WEB_IDENTITY */
    struct credential_role web;
    char
        *url; /* CONTAINER: of the credentials; IMDS: of the endpoint, without a slash at its end */
    struct credential_role roles[CREDENTIAL_ROLES_MAX]; /* in the order of the calls */
    size_t n_roles;
    char *region; /* NULL: not known */
    char *hidden; /* providers that would be next, separated by "; "; NULL: none */
    char *config_file, *credentials_file; /* as looked for; NULL: not needed */
};

/* Make a plan. 0; 1: there are no credentials anywhere; -EIO with the reason in *error. With 0 and
 * 1 the caller owns *ret (credential_plan_free). */
int credential_plan_make(struct credential_plan **ret, const struct credential_setting *setting,
                         struct error *error);

/* Wipe and free a plan. NULL is fine. */
void credential_plan_free(struct credential_plan *plan);

#endif
