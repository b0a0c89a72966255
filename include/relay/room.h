/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ROOM_H
#define RELAY_ROOM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What may come in: shared by all receivers of the process, closed and opened by those who know
 * about disk, backlog and delivery.
 */

/* Received and not yet committed, plus what open polls may bring; of all queues together. */
#define ROOM_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct receive_room {
    bool closed;     /* nothing should come in now: little disk, a full backlog */
    bool full;       /* nothing can come in now: the last commit found no space */
    bool strangers;  /* there is no room for unknown senders, and that was reported */
    size_t held;     /* bytes received and not committed */
    size_t expected; /* bytes that open polls may bring, by the running mean */
    size_t mean;     /* of a message's size */
    size_t wanted;   /* messages that webhooks can take up at once, SIZE_MAX: all; 0: they have more
                      * than they can send, and receiving faster helps nobody */
};

/* Open, empty, with a first guess of the mean. */
void receive_room_init(struct receive_room *room);

/* How many messages the next poll may ask for, at most `max`; 0: there is no room. A message larger
 * than all the room is still asked for when nothing else is held. */
unsigned receive_room_afford(const struct receive_room *room, unsigned max);

/* Whether one more poll would bring more than is wanted, with what is on its way already. */
bool receive_room_is_served(const struct receive_room *room);

/* Takes note of messages of `bytes` in all: the mean goes up at once, so that a run of large
 * messages does not overrun the budget, and down slowly. */
void receive_room_learn(struct receive_room *room, size_t bytes, size_t messages);

#endif
