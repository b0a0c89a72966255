/* SPDX-License-Identifier: MIT */
#include "relay/room.h"

#include <stdint.h>

#include "aws/sqs.h"

/* The mean message size before the first message. */
#define MEAN_START 2048
/* How fast the running mean goes down: by a sixteenth of the difference per batch. */
#define MEAN_SHIFT 4

void receive_room_init(struct receive_room *room)
{
    *room = (struct receive_room){.mean = MEAN_START, .wanted = SIZE_MAX};
}

unsigned receive_room_afford(const struct receive_room *room, unsigned max)
{
    size_t used = room->held + room->expected;
    size_t count = used < ROOM_BYTES_MAX ? (ROOM_BYTES_MAX - used) / room->mean : 0;
    if (room->closed || room->full)
        return 0;
    if (count == 0)
        return used == 0;
    return count < max ? (unsigned)count : max;
}

bool receive_room_is_served(const struct receive_room *room)
{
    size_t coming = (room->held + room->expected) / room->mean;
    return room->wanted < coming + SQS_BATCH_MAX;
}

void receive_room_learn(struct receive_room *room, size_t bytes, size_t messages)
{
    if (!messages)
        return;
    size_t mean = bytes / messages;
    if (mean > room->mean)
        room->mean = mean;
    else
        room->mean -= (room->mean - mean) >> MEAN_SHIFT;
    if (room->mean == 0)
        room->mean = 1;
}
