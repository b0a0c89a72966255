/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_STATUS_H
#define SRC_CLI_STATUS_H

#include <sys/types.h>

#include "queue.h"

/* One webhook of the configuration or of the store, or (name NULL) the deliveries
 * without a webhook. */
struct status_webhook {
    char *name;
    bool known;      /* the store has seen it */
    bool configured; /* as the store knows it: its deliveries are not orphaned */
    uint64_t paused_usec;
    char *paused_why;
    uint64_t counts[DELIVERY_STATES]; /* ORPHANED included */
    uint64_t oldest_usec, next_usec;
};

/* The contents of status, from the configuration, the store and the lock. */
struct status {
    const struct cli *cli;
    struct queue at;
    uint64_t now_usec;
    pid_t pid;        /* of the daemon; 0: none runs, -1: unknown */
    bool asked;       /* this process may ask the daemon */
    struct text line; /* the daemon's state in its own words; empty: it did not answer */
    uint64_t received, accepted, duplicates, rejected, over_limit;
    uint64_t unknown, unknown_bytes; /* of unknown senders, kept */
    uint64_t counts[DELIVERY_STATES];
    struct status_webhook *webhooks;
    size_t n_webhooks;
};

/* Return a fact that the daemon noted, NULL if there is none. The caller frees it. */
char *status_fact(const struct status *status, const char *section, const char *name,
                  const char *key);

/* Return a fact as a time. 0 if there is none. */
uint64_t status_fact_usec(const struct status *status, const char *section, const char *name,
                          const char *key);

/* status_aws.c: a line or an object for each identity of AWS. */
void status_put_aws(const struct status *status);
void status_json_aws(struct text *out, const struct status *status);

/* Return the expected time of the next request to a webhook. It is the deliveries' own time, or
 * that of the open breaker, or that of the rest that the receiver asked for. 0: nothing waits. */
uint64_t status_next_usec(const struct status *status, const struct status_webhook *webhook);

/* Return the number of a webhook's deliveries that are neither done nor given up. */
uint64_t status_waiting(const struct status_webhook *webhook);

/* Print the state of the store's disk, if there is a problem. */
void status_put_disk(const struct status *status);

/* Append the member "disk". */
void status_json_disk(struct text *out, const struct status *status);

/* Print a table of the present alarms. If there are none, print nothing. */
void status_put_alarms(const struct status *status);

/* Append the member "alarms". */
void status_json_alarms(struct text *out, const struct status *status);

/* Print the whole status as text. */
void status_print(const struct status *status);

/* Print the whole status as JSON. */
void status_print_json(const struct status *status);

#endif
