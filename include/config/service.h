/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_SERVICE_H
#define CONFIG_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * dockbell.service as systemd knows it: for commands of root that compare their own view with the
 * one that the service gets at its next start.
 */

/* A line LoadCredential= or LoadCredentialEncrypted= of the unit. */
struct service_credential {
    char *id, *path;
};

struct service {
    char *user; /* "dockbell"; "" is root */
    struct service_credential *credentials;
    size_t n_credentials;
};

/* Ask systemd about the service, at its private socket, which only root may use. 0; -ENOENT: there
 * is no such unit; other negative errno: there is no systemd, or it does not answer. The caller
 * owns the contents (service_clear). */
int service_ask(struct service *ret);
void service_clear(struct service *service);

/* Whether the service gets the credential `name` if it is in the file `path`. */
bool service_loads(const struct service *service, const char *name, const char *path);

#endif
