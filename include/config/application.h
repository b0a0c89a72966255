/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_APPLICATION_H
#define CONFIG_APPLICATION_H

#include <systemd/sd-event.h>

#include "config/config.h"
#include "register/registrar.h"
#include "spapi/secret_file.h"

/* The source of a client secret. Reasons for this order: docs/decisions. */
enum application_source {
    APPLICATION_SECRET_FILE,   /* Amazon sent it; in the state directory */
    APPLICATION_SECRET_CONFIG, /* [application] client_secret */
    APPLICATION_SECRET_OLD,    /* the one before that of the file, kept until it expires */
};

/* The client secrets to try, in order, each once. */
struct application_secrets {
    struct secret secrets[LWA_SECRETS_MAX];
    enum application_source sources[LWA_SECRETS_MAX];
    size_t count;
    struct secret_file file; /* client_id NULL: there is none of this application */
    char *locked;            /* why the file that is there is not used; NULL: it is */
};

/* Load the client secrets. All callers of LWA get them here, so that daemon and commands use the
 * same. 0, or -EIO with the reason in *error. In both cases the caller ends it with
 * application_secrets_clear. */
int application_secrets_load(struct application_secrets *ret, const struct config *config,
                             struct error *error);
void application_secrets_clear(struct application_secrets *secrets);

/* The name of a source: "file", "config" or "old". */
const char *application_source_name(enum application_source source);

/* Return the SP-API endpoint for calls that are the same in every region. */
const char *application_endpoint(const struct config *config);

/*
 * The seller's application at Amazon, made from the config: its LWA client, and the subscriptions
 * to register for each seller. Used by `run` at its start and by `register`.
 */
struct application {
    struct lwa *lwa; /* NULL: no seller is registered */
    struct application_secrets secrets;
    struct secret *tokens;  /* refresh tokens, one per seller below */
    struct error *troubles; /* why one could not be read */
    struct registrar_seller *sellers;
    size_t n_sellers;
};

/* Whether the config has enough about this seller to register anything. */
bool application_registers(const struct config *config, const struct config_seller *seller);

/* Resolve the secrets of the application and of the sellers named in `only` (NULL-terminated; NULL:
 * all that have something to register). A refresh token that cannot be read is that seller's
 * trouble, no error. The client borrows event, http and config. 0, or -EIO with the reason in
 * *error. In both cases the caller ends it with application_close. */
int application_open(struct application *ret, const struct config *config, const char *const only[],
                     sd_event *event, struct http *http, struct error *error);

/* If application_open made no LWA client, and client_id and client_secret are configured, make one.
 * 0, or -EIO with the reason in *error. */
int application_open_lwa(struct application *application, const struct config *config,
                         sd_event *event, struct http *http, struct error *error);

/* Load the secrets again and give them to the client. 0, or -EIO and nothing has changed. */
int application_reload_secrets(struct application *application, const struct config *config,
                               struct error *error);

/* Read the refresh token of a seller again; `seller` is its place in `sellers`. A failure is the
 * seller's trouble. */
void application_reload_token(struct application *application, size_t seller,
                              const struct config_secret *reference);
void application_close(struct application *application);

#endif
