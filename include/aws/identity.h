/* SPDX-License-Identifier: MIT */
#ifndef AWS_IDENTITY_H
#define AWS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>

#include "aws/credential_plan.h"
#include "aws/credentials.h"
#include "base/error.h"
#include "wire/http.h"

/*
 * Whom AWS takes us for: credentials that are kept valid. An identity fetches them by a plan
 * (aws/credential_plan.h), renews them ahead of their end, one request at a time, and keeps the old
 * ones while they are valid. Files that the plan depends on are watched. Queues with the same
 * settings share one identity.
 */
struct identities;
struct identity;

/* Something has changed: new credentials, a failed renewal, or their end. */
typedef void (*identity_changed_fn)(struct identity *identity, void *userdata);

struct identities_options {
    sd_event *event;
    struct http *http;
    struct credential_setting setting; /* what it points at is borrowed */
    char region[64];                   /* of STS, if nothing else names one */
    /* Read the keys of the configuration. 0, or -EIO with the reason in *error. */
    int (*read_keys)(struct aws_credentials *ret, struct error *error, void *userdata);
    void *read_userdata;
    char **files; /* files that read_keys reads; NULL-terminated, may be NULL; borrowed */
    identity_changed_fn changed; /* may be NULL */
    void *userdata;
};

/* The keys of a [queue]; all may be NULL. */
struct identity_want {
    const char *profile, *role_arn, *external_id;
};

/* Make the set and its first identity, that of [aws]. 0, or negative with the reason in *error:
 * there are no credentials, or a file of them is wrong. */
int identities_new(struct identities **ret, const struct identities_options *options,
                   struct error *error);

/* End every fetch and free all identities. Everybody who waits must have gone. NULL is fine. */
void identities_free(struct identities *identities);

/* Find or make the identity of a queue. 0, or negative with the reason in *error. It lives as long
 * as the set. */
int identities_get(struct identities *identities, const struct identity_want *want,
                   struct identity **ret, struct error *error);

/* Call `each` for every identity, that of [aws] first. */
void identities_each(const struct identities *identities,
                     void (*each)(struct identity *identity, void *userdata), void *userdata);

/* "default" for the one of [aws], else the ARN of the role or the name of the profile. */
const char *identity_name(const struct identity *identity);

/* The provider that is used, for people; and those that it hides, or NULL. */
const char *identity_place(const struct identity *identity);
const char *identity_hidden(const struct identity *identity);

/* The credentials; NULL: there are none that are valid now. Valid until the loop's next turn. */
const struct aws_credentials *identity_credentials(const struct identity *identity);

/* The end of the credentials; 0: they do not expire, or there are none. */
uint64_t identity_expires_usec(const struct identity *identity);

/* The region of its calls to STS. */
const char *identity_region(const struct identity *identity);

/* How often renewing has failed since it last worked, and the last failure. */
unsigned identity_failures(const struct identity *identity);
const struct error *identity_failure(const struct identity *identity);

/* Whether its credentials are about to end, or have ended, and renewing them keeps failing. */
bool identity_is_ending(const struct identity *identity);

/* A number that grows with each new credentials. */
uint64_t identity_generation(const struct identity *identity);

/* Somebody who waits for credentials; part of his own struct. */
struct identity_waiter {
    TAILQ_ENTRY(identity_waiter) link;
    struct identity *identity; /* NULL: does not wait */
    sd_event_source *timer;
    /* Called once, from the loop. error->kind ERROR_NONE: there are credentials. */
    void (*done)(const struct error *error, void *userdata);
    void *userdata;
};

/* Wait until there are credentials, but only up to limit_usec. Fetch them, unless a fetch is under
 * way or has just failed. 0 or negative errno. */
int identity_await(struct identity *identity, struct identity_waiter *waiter, uint64_t limit_usec);

/* Stop to wait. Fine if he does not wait. */
void identity_leave(struct identity_waiter *waiter);

/* AWS refused credentials of that generation: it does not know them, or they have ended. Fetch new
 * ones if they are still the newest. Return whether it can help to wait and to try once more. */
bool identity_refuse(struct identity *identity, uint64_t generation);

#endif
