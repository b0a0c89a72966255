/* SPDX-License-Identifier: MIT */
/* AWS credentials: whom AWS takes each identity for. */
#include <errno.h>
#include <string.h>

#include "aws/identity.h"
#include "aws/sts.h"
#include "aws/variables.h"
#include "base/clock.h"
#include "base/memory.h"
#include "config/aws.h"
#include "doctor.h"
#include "subject.h"

/* Longest wait for credentials: a program of credential_process may take a minute. */
#define WAIT_USEC (50 * USEC_PER_SEC)

/* The check of one identity. */
struct aws_look {
    struct doctor_aws *aws;
    struct doctor_subject *subject;
    struct identity *identity;
    struct identity_waiter waiter;
    struct sts_call *call;
    struct aws_look *next;
};

struct doctor_aws {
    struct doctor *doctor;
    struct identities *identities; /* NULL: there are none */
    char **files;
    struct error error; /* why */
    struct aws_look *looks;
};

static void on_arn(const char *arn, const struct error *error, void *userdata)
{
    struct aws_look *look = userdata;
    look->call = NULL;
    if (arn)
        doctor_say(look->subject, DOCTOR_OK, "identity", NULL, "AWS takes us for %s, by %s", arn,
                   identity_place(look->identity));
    else if (error->kind == ERROR_CREDENTIALS || error->kind == ERROR_REFUSED)
        doctor_say(look->subject, DOCTOR_FAIL, "identity",
                   "compare the credentials with those in AWS; docs/aws.md explains each source",
                   "%s", error->text);
    else
        doctor_say(look->subject, DOCTOR_WARN, "identity",
                   "look at the network between this machine and STS; only credentials that STS "
                   "gives need it",
                   "%s", error->text);
    doctor_close(look->subject);
}

static void ask(const struct error *error, void *userdata)
{
    struct aws_look *look = userdata;
    const struct aws_credentials *credentials = identity_credentials(look->identity);
    const struct sts_place place = {
        .http = doctor_options(look->aws->doctor)->http,
        .region = identity_region(look->identity),
    };
    int r = -EINVAL;
    if (credentials && error->kind == ERROR_NONE)
        r = sts_caller_identity(&look->call, &place, credentials, on_arn, look);
    if (r == 0)
        return;
    doctor_say(look->subject, DOCTOR_FAIL, "credentials",
               "docs/aws.md explains each source of credentials", "%s",
               error->kind != ERROR_NONE ? error->text : strerror(-r));
    doctor_close(look->subject);
}

/* Whether STS is asked about the credentials of this queue: not for a queue of a test that is not
 * at Amazon. */
static bool is_at_amazon(const struct config_queue *queue)
{
    const char *sts = aws_variable("AWS_ENDPOINT_URL_STS");
    return !queue->endpoint || (sts && sts[0]);
}

static bool is_looked_at(const struct doctor_aws *aws, const struct identity *identity)
{
    for (const struct aws_look *look = aws->looks; look; look = look->next)
        if (look->identity == identity)
            return true;
    return false;
}

static void look_at(struct doctor_aws *aws, struct identity *identity)
{
    struct aws_look *look = NEW(struct aws_look);
    const char *hidden = identity_hidden(identity);
    look->aws = aws;
    look->identity = identity;
    look->next = aws->looks;
    aws->looks = look;
    look->subject = doctor_open(aws->doctor, "aws", identity_name(identity), "credentials");
    if (hidden)
        doctor_say(look->subject, DOCTOR_OK, "credentials", NULL, "%s is used; it hides %s",
                   identity_place(identity), hidden);
    look->waiter.done = ask;
    look->waiter.userdata = look;
    if (identity_await(identity, &look->waiter, WAIT_USEC) < 0)
        doctor_close(look->subject);
}

struct identity *doctor_identity(const struct doctor *doctor, const struct config_queue *queue,
                                 struct error *error)
{
    const struct identity_want want = config_aws_want(queue);
    struct doctor_aws *aws = doctor->aws;
    struct identity *identity = NULL;
    if (!aws->identities) {
        *error = aws->error;
        return NULL;
    }
    return identities_get(aws->identities, &want, &identity, error) < 0 ? NULL : identity;
}

struct doctor_aws *doctor_look_at_aws(struct doctor *doctor)
{
    const struct doctor_options *options = doctor_options(doctor);
    const struct config *config = options->config;
    struct identities_options identities = {.event = options->event, .http = options->http};
    struct doctor_aws *aws = NEW(struct doctor_aws);
    aws->doctor = doctor;
    doctor->aws = aws;
    config_aws_options(&identities, &aws->files, config);
    if (config->n_queues)
        (void)identities_new(&aws->identities, &identities, &aws->error);
    for (size_t i = 0; i < config->n_queues; i++) {
        struct error error;
        struct identity *identity = doctor_identity(doctor, &config->queues[i], &error);
        if (identity && is_at_amazon(&config->queues[i]) && !is_looked_at(aws, identity))
            look_at(aws, identity);
    }
    return aws;
}

void doctor_aws_free(struct doctor_aws *aws)
{
    if (!aws)
        return;
    while (aws->looks) {
        struct aws_look *look = aws->looks;
        aws->looks = look->next;
        identity_leave(&look->waiter);
        sts_cancel(look->call);
        free(look);
    }
    identities_free(aws->identities);
    text_list_free(aws->files);
    free(aws);
}
