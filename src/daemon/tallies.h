/* SPDX-License-Identifier: MIT */
#ifndef SRC_DAEMON_TALLIES_H
#define SRC_DAEMON_TALLIES_H

#include "config/config.h"
#include "relay/tally.h"
#include "spapi/operation_name.h"

/* Counts for /metrics: of each queue, seller and webhook, by its name, and of calls to Amazon. They
 * live as long as the process; a reload does not reset them. */
struct named_tally;

struct tallies {
    struct named_tally *queues, *sellers, *webhooks;
    struct call_tally lwa, operations[OPERATION_NAMES];
};

/* Return the tally of that name; if there is none, it is made. Valid until tallies_keep. */
struct queue_tally *tallies_queue(struct tallies *tallies, const char *name);
struct seller_tally *tallies_seller(struct tallies *tallies, const char *name);
struct webhook_tally *tallies_webhook(struct tallies *tallies, const char *name);

/* Drop the tallies of names that are not in the config, so that they do not pile up. Only to be
 * called when nothing made from another config is alive. */
void tallies_keep(struct tallies *tallies, const struct config *config);

/* Free all named tallies. */
void tallies_clear(struct tallies *tallies);

#endif
