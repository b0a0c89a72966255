/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_CREDENTIAL_H
#define CONFIG_CREDENTIAL_H

#include <stdbool.h>

/*
 * systemd credentials, which the config names as credential:NAME. The unit loads two directories as
 * a whole (systemd.exec(5), LoadCredential=): the service finds their files as dockbell_NAME and
 * sealed_NAME in $CREDENTIALS_DIRECTORY. systemd copies them only at a start, so a changed file is
 * used after a restart.
 */

/* Plain files, one for each credential; encrypted ones are in the directory with ".encrypted". */
#define CREDENTIAL_DIRECTORY "/etc/dockbell/credentials"

/* Called when a command has read a credential from `path` and the running service has another copy.
 * name and path live during the call. */
typedef void (*credential_notice_fn)(const char *name, const char *path);

/* Set the function for this process; NULL, as at start: none is called. */
void credential_on_difference(credential_notice_fn fn);

/* Whether the running service has another copy than the file that its next start would load. Then
 * *ret_path is that file, which the caller frees; else NULL. */
bool credential_differs(const char *name, char **ret_path);

/* Return the file that a start of the service would load for a credential, if it can be read here.
 * The caller frees it. NULL: there is none. */
char *credential_source(const char *name);

/* Call `each` for every file of the encrypted directory that cannot be decrypted under its name.
 * With one such file systemd does not start the service (243, CREDENTIALS). */
void credential_each_broken(void (*each)(const char *path, const char *why, void *userdata),
                            void *userdata);

/* Whether systemd started this process without access to the service's credentials. ExecReload= is
 * such a process: systemd 252 sets $CREDENTIALS_DIRECTORY and hides the directory, systemd 257 does
 * not even set it. */
bool credentials_out_of_reach(void);

#endif
