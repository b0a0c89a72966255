/* SPDX-License-Identifier: MIT */
#ifndef RELAY_REGISTRAR_H
#define RELAY_REGISTRAR_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "amazon/lwa.h"
#include "base/error.h"
#include "base/secret.h"
#include "wire/http.h"

/*
 * Makes Amazon's destinations and subscriptions equal to the config, one seller after the other:
 *
 *   getDestinations -> the queue's ARN is there? else createDestination
 *   for each type: getSubscription -> none: createSubscription; equal: kept; different: said so,
 *                  and replaced only with `recreate`
 *
 * A failure is reported and ends that type or that seller, never the rest.
 */
struct registrar;

/* Tries of one call that Amazon throttles or that fails on its side. */
#define REGISTRAR_TRIES_MAX 5

struct registrar_seller {
    const char *name, *region, *arn;
    const struct secret *refresh_token;
    char *const *types;              /* NULL-terminated; NULL: none */
    char *const *order_change_types; /* NULL: all */
};

enum registration_result {
    REGISTRATION_FOUND, /* a destination that is there */
    REGISTRATION_CREATED,
    REGISTRATION_KEPT,      /* a subscription that is as it should be */
    REGISTRATION_DIFFERENT, /* it is there, but not as the config says; left alone */
    REGISTRATION_DELETED,   /* to be created anew */
    REGISTRATION_FAILED,
    REGISTRATION_WOULD_CREATE, /* dry run */
    REGISTRATION_WOULD_REPLACE,
};

/* One thing found, made or failed. Valid during the call. */
struct registration {
    enum registration_result result;
    const char *seller;
    const char *type;          /* NULL: about the destination, or the seller as a whole */
    const char *id;            /* of the destination or subscription; NULL: none */
    const char *text;          /* for people */
    const struct error *error; /* with FAILED */
};

struct registrar_options {
    sd_event *event; /* a reference is taken; what follows is borrowed until registrar_free */
    struct http *http;
    struct lwa *lwa;
    const char *endpoint; /* NULL: the region's own */
    const struct registrar_seller *sellers;
    size_t n_sellers;
    bool recreate, dry_run;
    void (*report)(const struct registration *registration, void *userdata);
    void (*finished)(unsigned failures, unsigned differences,
                     void *userdata); /* once, from the loop */
    void *userdata;
};

int registrar_new(struct registrar **ret, const struct registrar_options *options);
void registrar_start(struct registrar *registrar);

/* Also fine from inside `finished`. NULL is fine. */
void registrar_free(struct registrar *registrar);

/* "found", "created", "kept", "different", "deleted", "failed", "would create", "would replace". */
const char *registration_result_name(enum registration_result result);

#endif
