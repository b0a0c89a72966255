/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_SANDBOX_H
#define SRC_SANDBOX_SANDBOX_H

#include <systemd/sd-event.h>

#include "call.h"
#include "lwa.h"
#include "publish.h"
#include "rotation.h"
#include "simclock.h"
#include "spapi.h"
#include "sqs.h"
#include "wire/server.h"

/* The whole box: one server, and behind it Login with Amazon, SP-API, SQS and the
 * control endpoint. */

struct sandbox_options {
    const char *listen; /* "127.0.0.1:0" */
    bool rate_limit;
    uint64_t latency_ms; /* before every answer of SQS */
    uint64_t seed;       /* start of the default seeds of publish */
};

struct sandbox {
    struct sandbox_options options;
    struct simclock clock;
    struct call_office office;
    struct lwa lwa;
    struct spapi spapi;
    struct sqs sqs;
    struct publisher publisher;
    struct rotation rotation;
    struct server *server;
};

/* Start the sandbox. Return 0 or a negative errno, as server_new does. */
int sandbox_new(struct sandbox **ret, sd_event *event, const struct sandbox_options *options);

/* End the sandbox. NULL is allowed. */
void sandbox_free(struct sandbox *sandbox);

/* Set up Login with Amazon, SP-API and rotation. Their memory has nothing to free. */
void sandbox_start_services(struct sandbox *sandbox);

/* Set everything back to the state after the start. */
void sandbox_reset(struct sandbox *sandbox);

#endif
