/* SPDX-License-Identifier: MIT */
#ifndef SRC_DELIVER_SECOND_CHANCE_H
#define SRC_DELIVER_SECOND_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Deliveries whose last attempt broke on a kept connection, or was answered with 401 to an access
 * token that can be replaced. That shows nothing about the webhook or the delivery, so neither is
 * charged. The next attempt follows at once: on a new connection, or with a new token. It counts,
 * whatever its outcome: otherwise an event that always breaks the connection would be sent for
 * ever.
 */
#define SECOND_CHANCE_MAX 256

struct second_chance {
    struct {
        int64_t delivery;
        bool fresh;
    } rows[SECOND_CHANCE_MAX];
    size_t count;
};

/* Give the delivery a second chance. Return false if there are too many; the attempt then counts as
 * it is. fresh: the next attempt needs a new connection. */
bool second_chance_give(struct second_chance *chances, int64_t delivery, bool fresh);

/* Whether the delivery has a second chance. */
bool second_chance_has(const struct second_chance *chances, int64_t delivery);

/* Whether the delivery has a second chance, and take it away. *ret_fresh: whether it needs a new
 * connection. */
bool second_chance_take(struct second_chance *chances, int64_t delivery, bool *ret_fresh);

#endif
