/* SPDX-License-Identifier: MIT */
#ifndef RELAY_SECRET_ROTATOR_H
#define RELAY_SECRET_ROTATOR_H

#include <stdint.h>

#include "amazon/lwa.h"
#include "base/error.h"
#include "wire/http.h"

/*
 * Asks Amazon for a new client secret, which comes as a message and is put to use by the secret
 * keeper. When it was asked is written down before it is, in a file of its own in the state
 * directory, so that no restart asks twice.
 */
struct secret_rotator;

#define SECRET_ROTATOR_FILE "secret_rotation"
/* Automatic rotation asks at most so often. */
#define SECRET_ROTATOR_INTERVAL_USEC (24 * 60 * 60 * 1000000ULL)

struct secret_rotator_options {
    struct http *http; /* what is here is borrowed until secret_rotator_free */
    struct lwa *lwa;
    const char *endpoint;  /* of SP-API, any region's */
    const char *directory; /* of the state */
    uint64_t now_usec;     /* wall clock, to be written down */
    /* Once, from the loop; ERROR_NONE: the new secret is on its way. `asked`: Amazon's API was
     * reached for, or would have been but for our disk. Do not free the rotator inside. */
    void (*done)(const struct error *error, bool asked, void *userdata);
    void *userdata;
};

/* Begins. 0 or negative errno; then `done` never fires. */
int secret_rotator_new(struct secret_rotator **ret, const struct secret_rotator_options *options);

/* Gives up without the callback. NULL is fine. */
void secret_rotator_free(struct secret_rotator *rotator);

/* When Amazon was asked last, wall clock; 0: never, or it is not known. */
uint64_t secret_rotator_last(const char *directory);

#endif
