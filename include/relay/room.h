/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ROOM_H
#define RELAY_ROOM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The room for incoming messages. All receivers of the process share it. The parts that know about
 * disk, backlog and delivery close and open it.
 */

/* Bytes of all queues together: received and not yet committed, plus those that open polls may
 * bring. */
#define ROOM_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct receive_room {
    bool closed;     /* nothing should be received now: little disk, a full backlog */
    bool full;       /* nothing can be received now: the last commit found no space */
    bool strangers;  /* there is no room for unknown senders, and that was reported */
    size_t held;     /* bytes received and not committed */
    size_t expected; /* bytes that open polls may bring, by the running mean */
    size_t mean;     /* of a message's size */
    /* Messages that webhooks can take at once, SIZE_MAX: all. 0: they have more than they can send,
     * so receiving faster helps nobody. */
    size_t wanted;
};

/* Make the room open and empty, with a first guess of the mean. */
void receive_room_init(struct receive_room *room);

/* Return how many messages the next poll may ask for, at most `max`; 0: there is no room. If
 * nothing else is held, even a message larger than all the room is asked for. */
unsigned receive_room_afford(const struct receive_room *room, unsigned max);

/* Whether one more poll, with the messages that are on their way already, would bring more than is
 * wanted. */
bool receive_room_is_served(const struct receive_room *room);

/* Note messages of `bytes` in all. The mean rises at once, so that a run of large messages does not
 * exceed the budget, and falls slowly. */
void receive_room_learn(struct receive_room *room, size_t bytes, size_t messages);

#endif
