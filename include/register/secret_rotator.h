/* SPDX-License-Identifier: MIT */
#ifndef REGISTER_SECRET_ROTATOR_H
#define REGISTER_SECRET_ROTATOR_H

#include <stdint.h>

#include "base/error.h"
#include "spapi/lwa.h"
#include "wire/http.h"

/*
 * Asks Amazon for a new client secret. The secret comes as a message, and the secret keeper puts it
 * into use. The time of the request is written to a file of its own in the state directory before
 * the request is made, so that no restart asks twice.
 */
struct secret_rotator;

#define SECRET_ROTATOR_FILE "secret_rotation"
/* Automatic rotation asks at most once in this time. */
#define SECRET_ROTATOR_INTERVAL_USEC (24 * 60 * 60 * 1000000ULL)

struct secret_rotator_options {
    struct http *http; /* everything here is borrowed until secret_rotator_free */
    struct lwa *lwa;
    const char *endpoint;  /* of SP-API, any region's */
    const char *directory; /* of the state */
    uint64_t now_usec;     /* wall clock, to be written down */
    /* Called once, from the loop. ERROR_NONE: the new secret is on its way. `asked`: Amazon's API
     * was called, or only our side, such as the disk, prevented the call. Do not free the rotator
     * inside. */
    void (*done)(const struct error *error, bool asked, void *userdata);
    void *userdata;
};

/* Make a rotator and begin. 0 or negative errno; then `done` is never called. */
int secret_rotator_new(struct secret_rotator **ret, const struct secret_rotator_options *options);

/* Free a rotator and give up without the callback. NULL is fine. */
void secret_rotator_free(struct secret_rotator *rotator);

/* Return when Amazon was last asked, wall clock; 0: never, or it is not known. */
uint64_t secret_rotator_last(const char *directory);

#endif
