/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_APPLICATION_H
#define DAEMON_APPLICATION_H

#include <systemd/sd-event.h>

#include "daemon/config.h"
#include "relay/registrar.h"

/*
 * The seller's application at Amazon, made from the config: its LWA client and what is to be
 * registered for whom. Used by `run` at its start and by `register`.
 */
struct application {
    struct lwa *lwa;
    struct secret *tokens; /* refresh tokens, one per seller below */
    struct registrar_seller *sellers;
    size_t n_sellers;
};

/* Whether the config says enough about this seller to register anything for it. */
bool application_registers(const struct config *config, const struct config_seller *seller);

/* Resolves the secrets of the application and of the sellers named in `only` (NULL-terminated;
 * NULL: all that have something to register). The client borrows event, http and config. 0, or -EIO
 * with the reason in *error. The caller ends it with application_close either way. */
int application_open(struct application *ret, const struct config *config, const char *const only[],
                     sd_event *event, struct http *http, struct error *error);
void application_close(struct application *application);

#endif
