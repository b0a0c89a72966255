/* SPDX-License-Identifier: MIT */
#ifndef RELAY_SECOND_CHANCE_H
#define RELAY_SECOND_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Deliveries whose last attempt broke on a kept connection, or was answered 401 to an access token
 * that can be replaced. That says nothing about the webhook or the delivery, so it is charged to
 * neither and the next attempt follows at once: on a new connection, or with a new token. That one
 * counts whatever comes of it: an event that always breaks the connection would otherwise be sent
 * for ever.
 */
#define SECOND_CHANCE_MAX 256

struct second_chance {
    struct {
        int64_t delivery;
        bool fresh;
    } rows[SECOND_CHANCE_MAX];
    size_t count;
};

/* Whether the delivery gets one: false when there are too many, and the attempt counts as it is.
 * fresh: the next attempt needs a new connection. */
bool second_chance_give(struct second_chance *chances, int64_t delivery, bool fresh);

/* Whether the delivery has one. */
bool second_chance_has(const struct second_chance *chances, int64_t delivery);

/* The same; it has none afterwards. *ret_fresh: whether it needs a new connection. */
bool second_chance_take(struct second_chance *chances, int64_t delivery, bool *ret_fresh);

#endif
