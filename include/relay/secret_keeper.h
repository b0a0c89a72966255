/* SPDX-License-Identifier: MIT */
#ifndef RELAY_SECRET_KEEPER_H
#define RELAY_SECRET_KEEPER_H

#include <systemd/sd-event.h>

#include "amazon/secret_file.h"
#include "base/error.h"
#include "notification/secret_notice.h"
#include "wire/http.h"

/*
 * Puts a client secret that Amazon sent to use: is it ours and newer than what we have, does LWA
 * take it, write it down. Only then may its message be deleted (laws 1 and 8). One at a time.
 */
struct secret_keeper;

/* How long a message stays hidden whose secret LWA does not take, at first; doubling to
 * SECRET_KEEPER_AGAIN_MAX_S. New secrets may need half an hour to work everywhere. */
#define SECRET_KEEPER_AGAIN_S     600U
#define SECRET_KEEPER_AGAIN_MAX_S 43200U

struct secret_keeper_options {
    sd_event *event; /* what is here is borrowed until secret_keeper_free */
    struct http *http;
    const char *lwa_endpoint;      /* NULL: Amazon's */
    const char *client_id;         /* NULL: no application is configured */
    const struct secret *replaced; /* the configured one: used while there is no file, and for
                                      sealing it; may be empty */
    const char *directory;         /* of the state */
};

/* What became of a secret. `hide_s` 0: it is on disk, or an older one than what is: delete the
 * message. Otherwise leave it hidden for so long, for the reason in `why`. `kept`: the file has
 * changed. */
struct secret_outcome {
    bool kept;
    unsigned hide_s;
    const char *why;
};
typedef void (*secret_keeper_fn)(const struct secret_outcome *outcome, void *userdata);

/* Removes what a write that was cut off left behind. 0 or negative errno. */
int secret_keeper_new(struct secret_keeper **ret, const struct secret_keeper_options *options);

/* Ends a proof under way without its callback: the message comes back. NULL is fine. */
void secret_keeper_free(struct secret_keeper *keeper);

/* Takes a secret; its contents are taken over, also when it is not accepted. `done` fires once,
 * possibly before this returns. While another one is being proved: -EBUSY and no callback, the
 * message comes back by itself. */
int secret_keeper_offer(struct secret_keeper *keeper, struct new_client_secret *offered,
                        secret_keeper_fn done, void *userdata);

#endif
