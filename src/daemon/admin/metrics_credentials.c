/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "metrics_read.h"

void read_lwa_calls(struct scrape *s)
{
    for (unsigned c = 0; c < CALL_OUTCOMES; c++)
        scrape_number(s, s->d->tallies.lwa.calls[c], VALUES(call_outcome_name(c)));
}

void read_api_calls(struct scrape *s)
{
    for (unsigned o = 0; o < OPERATION_NAMES; o++)
        for (unsigned c = 0; c < CALL_OUTCOMES; c++)
            if (c == CALL_OK || s->d->tallies.operations[o].calls[c])
                scrape_number(s, s->d->tallies.operations[o].calls[c],
                              VALUES(operation_name(o), call_outcome_name(c)));
}

static void put_token(const char *seller, uint64_t until_boot_usec, void *userdata)
{
    struct scrape *s = userdata;
    int64_t left = (int64_t)until_boot_usec - (int64_t)clock_boot_usec();
    scrape_usec(s, (int64_t)s->now_usec + left, VALUES(seller ? seller : ""));
}

void read_token_end(struct scrape *s)
{
    if (s->d->application.lwa)
        lwa_each_token(s->d->application.lwa, put_token, s);
}

void read_secret_end(struct scrape *s)
{
    scrape_moment(s, s->d->secret.expires_usec, NULL);
}

void read_certificate_end(struct scrape *s)
{
    const struct certificates *certificates = &s->d->certificates;
    for (size_t i = 0; i < certificates->count && i < 2 * METRICS_SECTIONS_MAX; i++) {
        const struct certificate *certificate = &certificates->list[i];
        const char *kind = certificate->kind == CERTIFICATE_CLIENT ? "client" : "authority";
        scrape_moment(s, certificate->ends_usec, VALUES(certificate->webhook, kind));
    }
}

static void put_aws_end(struct identity *identity, void *userdata)
{
    scrape_moment(userdata, identity_expires_usec(identity), VALUES(identity_name(identity)));
}

void read_aws_end(struct scrape *s)
{
    identities_each(s->d->parts->identities, put_aws_end, s);
}

static void put_aws_failures(struct identity *identity, void *userdata)
{
    scrape_number(userdata, identity_failures(identity), VALUES(identity_name(identity)));
}

void read_aws_failures(struct scrape *s)
{
    identities_each(s->d->parts->identities, put_aws_failures, s);
}
