/* SPDX-License-Identifier: MIT */
#ifndef READINESS_H
#define READINESS_H

#include "daemon.h"
#include "wire/server.h"

/*
 * Whether the daemon receives and delivers, all of it: every queue has answered lately, the disk
 * takes what comes, and every webhook is sent to. One webhook that is paused or does not answer
 * makes the daemon not ready, as its orders wait: nobody sends traffic to Dockbell by this answer,
 * so saying no takes nothing away from the other webhooks.
 */

/* A queue has answered lately when it has within so many polls' time. */
#define READINESS_POLLS 3

/* Calls `each` for everything that is not ready; `kind` is daemon, queue or webhook, `name` NULL
 * for the daemon; the strings live during the call. Returns how many there were. */
unsigned daemon_unready(struct daemon *d,
                        void (*each)(const char *kind, const char *name, const char *why,
                                     void *userdata),
                        void *userdata);

/* Answers GET /readyz: 200, or 503 with what is not ready; JSON for who accepts that, else text. */
void admin_answer_ready(struct daemon *d, struct exchange *exchange);

#endif
