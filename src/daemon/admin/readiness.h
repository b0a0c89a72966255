/* SPDX-License-Identifier: MIT */
#ifndef SRC_DAEMON_ADMIN_READINESS_H
#define SRC_DAEMON_ADMIN_READINESS_H

#include "daemon.h"
#include "wire/server.h"

/*
 * Whether the whole daemon receives and delivers: every queue has answered lately, the disk has
 * room for notifications, and every webhook gets requests. If one webhook is paused or does not
 * answer, the daemon is not ready, because its orders wait. No traffic is routed by this answer, so
 * "not ready" does no harm to the other webhooks.
 */

/* A queue has answered lately if it did so within the time of this many polls. */
#define READINESS_POLLS 3

/* Call `each` for everything that is not ready. `kind` is daemon, queue or webhook; `name` is NULL
 * for the daemon. The strings live during the call. Returns the number of calls. */
unsigned daemon_unready(struct daemon *d,
                        void (*each)(const char *kind, const char *name, const char *why,
                                     void *userdata),
                        void *userdata);

/* Answer GET /readyz: 200, or 503 with everything that is not ready. JSON if the client accepts it,
 * else text. */
void admin_answer_ready(struct daemon *d, struct exchange *exchange);

#endif
