/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_IDENTITY_PRIVATE_H
#define SRC_AWS_IDENTITY_PRIVATE_H

#include "aws/identity.h"
#include "fetch.h"
#include "watched_files.h"

struct identity {
    TAILQ_ENTRY(identity) link;
    struct identities *set;
    struct identity *parent; /* whose credentials assume the role; NULL: by a plan */
    char *name;
    char *profile, *role_arn, *external_id; /* as wanted */
    char *place, *hidden, *region;
    struct aws_session session;
    uint64_t generation;
    struct fetch *fetch;  /* by a plan */
    struct sts_call *sts; /* by the parent */
    struct identity_waiter parent_waiter;
    uint64_t parent_generation;
    bool parent_again; /* the parent's credentials were refused once */
    unsigned failures;
    struct error failure;
    uint64_t rested_boot_usec;  /* after a failure: until then, asking causes no fetch */
    uint64_t refused_boot_usec; /* the same after a refusal */
    sd_event_source *timer;     /* for the next renewal */
    sd_event_source *soon;      /* to answer those who wait */
    struct watched_files files; /* that the plan was made from */
    TAILQ_HEAD(identity_waiters, identity_waiter) waiters;
};

struct identities {
    struct identities_options options;
    struct http_transport *direct;
    sd_event_source *look; /* at files */
    TAILQ_HEAD(identity_list, identity) all;
};

/* Make an identity of the set, and begin to fetch its credentials. 0, or negative with the reason
 * in *error. */
int identity_make(struct identities *set, const struct identity_want *want, struct identity **ret,
                  struct error *error);

/* End its fetch and free it. Nobody may wait for it. */
void identity_free(struct identity *identity);

/* If a file of its plan has changed, fetch its credentials again. */
void identity_look_at_files(struct identity *identity);

#endif
