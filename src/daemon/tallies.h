/* SPDX-License-Identifier: MIT */
#ifndef TALLIES_H
#define TALLIES_H

#include "amazon/operation_name.h"
#include "daemon/config.h"
#include "relay/tally.h"

/* What is counted for /metrics of each queue, seller and webhook, by its name, and of calls to
 * Amazon. It lives as long as the process: reloads do not begin anew. */
struct named_tally;

struct tallies {
    struct named_tally *queues, *sellers, *webhooks;
    struct call_tally lwa, operations[OPERATION_NAMES];
};

/* The tally of that name; made when there is none. Valid until tallies_keep. */
struct queue_tally *tallies_queue(struct tallies *tallies, const char *name);
struct seller_tally *tallies_seller(struct tallies *tallies, const char *name);
struct webhook_tally *tallies_webhook(struct tallies *tallies, const char *name);

/* Drops what the config does not name, so that names that come and go do not pile up: only when
 * nothing made from another config is alive. */
void tallies_keep(struct tallies *tallies, const struct config *config);

void tallies_clear(struct tallies *tallies);

#endif
