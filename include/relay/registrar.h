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
 * Makes Amazon's destinations and subscriptions equal to the config, or takes them away. Sellers go
 * side by side, REGISTRAR_PARALLEL at a time and within Amazon's usage plans; none waits for
 * another that fails.
 *
 *   the destination of (region, queue), shared by all its sellers: getDestinations -> the ARN is
 *       there? else createDestination
 *   each seller, for each type: getSubscriptions, or getSubscription where that is refused
 *       -> none: createSubscription; equal: kept; different: said so, and replaced only with
 *       `recreate`
 *
 * A failure is reported and ends that type or that seller, never the rest.
 */
struct registrar;

#define REGISTRAR_PARALLEL 16

enum registrar_task {
    REGISTRAR_REGISTER,
    REGISTRAR_UNREGISTER,
    REGISTRAR_LOOK, /* only finds subscriptions; changes and creates nothing */
};

/* What a registrar found out about a subscription. */
enum subscription_event {
    SUBSCRIPTION_FOUND,
    SUBSCRIPTION_CREATED, /* in the place of any other of the seller and type */
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
    const struct error *broken;      /* why nothing can be done for him; NULL: nothing is wrong */
    bool keeps_destination;          /* unregister: others, or other types of his, go on using it */
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
    REGISTRATION_WOULD_DELETE,
    REGISTRATION_ABSENT, /* unregister: there was nothing to delete */
};

/* One thing found, made or failed. Valid during the call. */
struct registration {
    enum registration_result result;
    const char *seller;
    const char *type;          /* NULL: about the destination, or the seller as a whole */
    const char *id;            /* of the destination or subscription; NULL: none */
    const char *text;          /* for people */
    const struct error *error; /* with FAILED */
    bool passes;               /* the failure may pass by itself: the same again later may work */
};

struct registrar_options {
    sd_event *event; /* a reference is taken; what follows is borrowed until registrar_free */
    struct http *http;
    struct lwa *lwa;
    const char *endpoint;     /* NULL: the region's own */
    struct call_tally *tally; /* as in operations_options */
    const struct registrar_seller *sellers;
    size_t n_sellers;
    enum registrar_task task;
    bool recreate, dry_run;
    void (*report)(const struct registration *registration, void *userdata);
    /* Every subscription that is there, or was: also such that nothing is done about. May be NULL.
     */
    void (*subscription)(const char *seller, const char *type, const char *id,
                         enum subscription_event event, void *userdata);
    void (*progress)(size_t done, size_t all, void *userdata); /* sellers; may be NULL */
    void (*finished)(unsigned failures, unsigned differences,
                     void *userdata); /* once, from the loop */
    void *userdata;
};

int registrar_new(struct registrar **ret, const struct registrar_options *options);
void registrar_start(struct registrar *registrar);

/* Also fine from inside `finished`. NULL is fine. */
void registrar_free(struct registrar *registrar);

/* "found", "created", "kept", "different", "deleted", "failed", "would create", "would replace",
 * "would delete", "absent". */
const char *registration_result_name(enum registration_result result);

#endif
