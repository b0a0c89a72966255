/* SPDX-License-Identifier: MIT */
/* AWS credentials in `status`. */
#include <stdio.h>

#include "base/json.h"
#include "base/memory.h"
#include "status.h"

/* Call `each` for the names of the identities: that of [aws], then those of queues. */
static void each_identity(const struct status *status,
                          void (*each)(const struct status *status, const char *name,
                                       void *userdata),
                          void *userdata)
{
    const struct config *config = status->at.config;
    each(status, "default", userdata);
    for (size_t i = 0; i < config->n_queues; i++) {
        const struct config_queue *queue = &config->queues[i];
        const char *name = queue->role_arn ? queue->role_arn : queue->profile;
        bool again = false;
        for (size_t j = 0; name && j < i; j++) {
            const struct config_queue *other = &config->queues[j];
            again = again || text_equal(other->role_arn ? other->role_arn : other->profile, name);
        }
        if (name && !again)
            each(status, name, userdata);
    }
}

static void print(const struct status *status, const char *name, void *userdata)
{
    AUTOFREE char *source = status_fact(status, "aws", name, "source");
    AUTOFREE char *problem = status_fact(status, "aws", name, "problem");
    uint64_t ends = status_fact_usec(status, "aws", name, "expires");
    char span[TEXT_SPAN_MAX];
    (void)userdata;
    if (!source || (!ends && !problem && text_starts(source, "access_key_id ")))
        return;
    text_span(span, ends > status->now_usec ? ends - status->now_usec : 0);
    printf("AWS credentials (%s): %s%s%s%s%s\n", name, source,
           !ends                     ? ""
           : ends > status->now_usec ? "; they end in "
                                     : "; they have ended",
           ends > status->now_usec ? span : "", problem ? "; renewing fails: " : "",
           problem ? problem : "");
}

void status_put_aws(const struct status *status)
{
    each_identity(status, print, NULL);
}

static void put(const struct status *status, const char *name, void *userdata)
{
    struct text *out = userdata;
    AUTOFREE char *source = status_fact(status, "aws", name, "source");
    AUTOFREE char *problem = status_fact(status, "aws", name, "problem");
    json_open(out, NULL, '{');
    json_string(out, "identity", name);
    json_string(out, "source", source);
    json_time(out, "expires", status_fact_usec(status, "aws", name, "expires"));
    json_string(out, "problem", problem);
    json_close(out, '}');
}

void status_json_aws(struct text *out, const struct status *status)
{
    json_open(out, "aws", '[');
    each_identity(status, put, out);
    json_close(out, ']');
}
