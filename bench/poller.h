/* SPDX-License-Identifier: MIT */
#ifndef BARE_POLLER_H
#define BARE_POLLER_H

#include <stdint.h>

#include "loop.h"
#include "scan.h"
#include "seen.h"

/* What all pollers share. */
struct bench {
    struct loop loop;
    struct seen seen;
    const char *endpoint;  /* of SQS */
    const char *queue_url; /* as SQS names it */
    const char *webhook;
    const char *region;
    const char *credentials; /* "id:secret" for libcurl */
    uint64_t wanted;         /* unique messages after which it ends */
    uint64_t unique, copies, posts, sqs_calls;
    unsigned working; /* pollers between an answer with messages and the end of its delete */
};

struct poller;

/* Starts a loop of: receive, one transaction, POST what is new, delete, again. */
void poller_start(struct bench *bench);

#endif
