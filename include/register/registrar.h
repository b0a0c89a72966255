/* SPDX-License-Identifier: MIT */
#ifndef REGISTER_REGISTRAR_H
#define REGISTER_REGISTRAR_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/secret.h"
#include "spapi/lwa.h"
#include "wire/http.h"

/*
 * Makes Amazon's destinations and subscriptions equal to the config, or removes them. Sellers are
 * handled side by side, REGISTRAR_PARALLEL at a time and within Amazon's usage plans. No seller
 * waits for another one that fails.
 *
 *   the destination of (region, queue), shared by all its sellers: getDestinations -> the ARN is
 *       there? else createDestination
 *   each seller, for each type: getSubscriptions, or getSubscription where that is refused
 *       -> none: createSubscription; equal: kept; different: reported, and replaced only with
 *       `recreate`
 *
 * A failure is reported. It ends that type or that seller, never the rest.
 */
struct registrar;

/* Sellers that are handled at a time. */
#define REGISTRAR_PARALLEL 16

enum registrar_task {
    REGISTRAR_REGISTER,
    REGISTRAR_UNREGISTER,
    REGISTRAR_LOOK, /* only finds subscriptions; changes nothing */
};

/* A fact about a subscription that a registrar found or made. */
enum subscription_event {
    SUBSCRIPTION_FOUND,
    SUBSCRIPTION_CREATED, /* it replaces any other one of the seller and type */
    SUBSCRIPTION_DELETED,
};

struct registrar_seller {
    const char *name, *region, *arn;
    const struct secret *refresh_token;
    char *const *types;              /* NULL-terminated; NULL: none */
    char *const *order_change_types; /* NULL: all */
    char *const *marketplaces;       /* of types that take them; NULL: all */
    const char *aggregation;         /* "FiveMinutes", "TenMinutes"; NULL: none */
    char *const *expressions;        /* "TYPE: filter expression"; NULL: none */
    const struct error *broken; /* why nothing can be done for the seller; NULL: nothing is wrong */
    bool keeps_destination;     /* unregister: other sellers, or other types, still use it */
};

enum registration_result {
    REGISTRATION_FOUND, /* an existing destination */
    REGISTRATION_CREATED,
    REGISTRATION_KEPT,      /* an existing subscription that is as it should be */
    REGISTRATION_DIFFERENT, /* an existing one that differs from the config; left alone */
    REGISTRATION_DELETED,   /* to be created again */
    REGISTRATION_FAILED,
    REGISTRATION_WOULD_CREATE, /* dry run */
    REGISTRATION_WOULD_REPLACE,
    REGISTRATION_WOULD_DELETE,
    REGISTRATION_ABSENT, /* unregister: there was nothing to delete */
};

/* One result. Valid during the call. */
struct registration {
    enum registration_result result;
    const char *seller;
    const char *type;          /* NULL: about the destination, or the seller as a whole */
    const char *id;            /* of the destination or subscription; NULL: none */
    const char *text;          /* for people */
    const struct error *error; /* with FAILED */
    bool passes;               /* the same call may work later */
};

struct registrar_options {
    sd_event *event; /* a reference is taken; the rest is borrowed until registrar_free */
    struct http *http;
    struct lwa *lwa;
    const char *endpoint;     /* NULL: the region's own */
    struct call_tally *tally; /* as in operations_options */
    const struct registrar_seller *sellers;
    size_t n_sellers;
    enum registrar_task task;
    bool recreate, dry_run;
    void (*report)(const struct registration *registration, void *userdata);
    /* Called for every subscription that exists or existed, also if nothing is done about it. May
     * be NULL. */
    void (*subscription)(const char *seller, const char *type, const char *id,
                         enum subscription_event event, void *userdata);
    void (*progress)(size_t done, size_t all, void *userdata); /* sellers; may be NULL */
    void (*finished)(unsigned failures, unsigned differences,
                     void *userdata); /* once, from the loop */
    void *userdata;
};

/* Make a registrar; it does not begin yet. 0 or negative errno. */
int registrar_new(struct registrar **ret, const struct registrar_options *options);

/* Begin. `finished` is called once, later. */
void registrar_start(struct registrar *registrar);

/* Free a registrar, also from inside `finished`. NULL is fine. */
void registrar_free(struct registrar *registrar);

/* The name of a result: "found", "created", "kept", "different", "deleted", "failed", "would
 * create", "would replace", "would delete", "absent". */
const char *registration_result_name(enum registration_result result);

#endif
