/* SPDX-License-Identifier: MIT */
#ifndef REGISTER_SECRET_KEEPER_H
#define REGISTER_SECRET_KEEPER_H

#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/error.h"
#include "notification/secret_notice.h"
#include "spapi/secret_file.h"
#include "wire/http.h"

/*
 * Puts a client secret into use that Amazon sent. It checks that the secret is ours and newer than
 * the current one and that LWA accepts it, and writes it to disk. Only then may its message be
 * deleted. It handles one secret at a time.
 */
struct secret_keeper;

/* How long a message stays hidden at first if LWA does not accept its secret. The time doubles up
 * to SECRET_KEEPER_AGAIN_MAX_S. New secrets may need half an hour to work everywhere. */
#define SECRET_KEEPER_AGAIN_S     600U
#define SECRET_KEEPER_AGAIN_MAX_S 43200U

/* Pause after a secret that LWA refused, before another one is tried. Anybody who can publish can
 * send notices with our client id, and LWA must not throttle us for them. */
#define SECRET_KEEPER_PAUSE_USEC (60 * USEC_PER_SEC)

struct secret_keeper_options {
    uint64_t pause_usec; /* SECRET_KEEPER_PAUSE_USEC; 0: none */
    sd_event *event;     /* the pointers here are borrowed until secret_keeper_free */
    struct http *http;
    const char *lwa_endpoint;      /* NULL: Amazon's */
    const char *client_id;         /* NULL: no application is configured */
    const struct secret *replaced; /* the configured one: used while there is no file, and for
                                      sealing it; may be empty */
    const char *directory;         /* of the state */
};

/* The result for a secret. `hide_s` 0: it is on disk, or older than the one on disk; delete the
 * message. Otherwise leave the message hidden for this time, for the reason in `why`. `kept`: the
 * file has changed. */
struct secret_outcome {
    bool kept;
    unsigned hide_s;
    const char *why;
};
typedef void (*secret_keeper_fn)(const struct secret_outcome *outcome, void *userdata);

/* Make a keeper, and remove the remains of an interrupted write. 0 or negative errno. */
int secret_keeper_new(struct secret_keeper **ret, const struct secret_keeper_options *options);

/* Free a keeper. A check under way ends without its callback: the message comes back. NULL is
 * fine. */
void secret_keeper_free(struct secret_keeper *keeper);

/* Offer a secret. Its contents are taken over, even if it is not accepted. `done` is called once,
 * possibly before this returns. If another secret is being checked: -EBUSY and no callback; SQS
 * brings the message again. */
int secret_keeper_offer(struct secret_keeper *keeper, struct new_client_secret *offered,
                        secret_keeper_fn done, void *userdata);

#endif
