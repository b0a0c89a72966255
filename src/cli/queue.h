/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_QUEUE_H
#define SRC_CLI_QUEUE_H

#include <stdint.h>

#include "base/text.h"
#include "commands.h"
#include "store/store.h"

/* Shared by the commands on deliveries. */

/* Bits of states, as in struct list_query. */
#define STATE(name) (1U << DELIVERY_##name)
#define STATES_ALL  ((1U << DELIVERY_STATES) - 2)
/* The states that queue list shows by default: neither done nor filtered. */
#define STATES_WAITING                                                                             \
    (STATE(READY) | STATE(INFLIGHT) | STATE(BEHIND) | STATE(HELD) | STATE(ORPHANED) | STATE(DEAD))

/* Rows of a list that are read in one transaction. */
#define QUEUE_PAGE 500

/* A command's view of the store. */
struct queue {
    struct config *config;
    struct store *store; /* NULL: there is none yet */
    struct error locked; /* why sealed bodies cannot be shown; ERROR_NONE: they can */
};

/* Read the configuration and open its store, which may not exist yet. Return CLI_DONE,
 * or the exit status of an error that was reported on stderr. The caller ends *ret with
 * queue_close in any case. */
int queue_open(const struct cli *cli, enum store_mode mode, struct queue *ret);

/* Close the store and free the configuration. */
void queue_close(struct queue *queue);

/* Gives the store the keys of the config, if it has sealed bodies: for commands that show bodies.
 * Without access to the keys the commands go on, and `locked` says why. */
void queue_use_keys(struct queue *queue);

/* Says why the store's last verb failed; `doing`: what was tried. Returns CLI_FAILED. */
int queue_store_failed(const struct queue *queue, int result, const char *doing);

/* Read the command's --state, or take `otherwise`. Return CLI_DONE or CLI_USAGE. */
int queue_states(const struct cli *cli, uint32_t otherwise, uint32_t *ret);

/* Check that the configuration or the store knows the webhook of --webhook, if it is given. Return
 * CLI_DONE, CLI_USAGE, or CLI_FAILED if the store cannot be read. */
int queue_webhook(const struct cli *cli, const struct queue *queue);

/* The deliveries of a command, besides states and webhook. NULL and 0: any. */
struct queue_filter {
    const char *seller, *order, *type, *error_class;
    uint64_t since_usec, until_usec; /* received */
};

/* Read --seller, --order, --type, --error-class, --since and --until, if the command has them.
 * Times are RFC 3339, a date, or an age ("2h"). Return CLI_DONE or CLI_USAGE. */
int queue_filter(const struct cli *cli, uint64_t now_usec, struct queue_filter *ret);

/* Whether any of them was given. */
bool queue_filter_is_set(const struct queue_filter *filter);

/* Whether the row passes the filter. */
bool queue_filter_passes(const struct queue_filter *filter, const struct list_row *row);

/* Append " --seller=acme ..." as it was given. */
void queue_filter_append(struct text *out, const struct cli *cli);

/* Read an id. Return 0 or -EINVAL. */
int queue_id(const char *word, int64_t *ret);

/* Append the members that a delivery has in every JSON output. */
void queue_json_row(struct text *out, const struct list_row *row, uint64_t now_usec);

/* Append the age of a moment in whole seconds. NULL key: inside an array. 0 usec: null. */
void queue_json_age(struct text *out, const char *key, uint64_t usec, uint64_t now_usec);

/* Write a line of JSON and empty the text. */
void queue_put_line(struct text *line);

/* Return "refused", "max_attempts", ... NULL: not dead. */
const char *queue_cause(enum dead_cause cause);

#endif
