/* SPDX-License-Identifier: MIT */
/* The queues of the sandbox by name. */
#include <string.h>

#include "rng.h"
#include "sqs_internal.h"

void sqs_new_id(struct sqs *sqs, char out[37])
{
    uint64_t high = rng_next(&sqs->random);
    rng_uuid(out, high, rng_next(&sqs->random));
}

struct queue *sqs_find_queue(struct sqs *sqs, const char *name)
{
    for (size_t i = 0; i < sqs->queue_count; i++)
        if (text_equal(sqs->queues[i]->name, name))
            return sqs->queues[i];
    return NULL;
}

struct queue *sqs_queue(struct sqs *sqs, const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct queue *queue = sqs_find_queue(sqs, name);
    size_t size = strlen(name);
    if (queue || size == 0 || size > QUEUE_NAME_MAX || strspn(name, allowed) != size ||
        sqs->queue_count == SQS_QUEUES_MAX)
        return queue;
    queue = queue_new(name, ++sqs->next_number, rng_next(&sqs->random),
                      simclock_wall_usec(sqs->office->clock));
    return sqs->queues[sqs->queue_count++] = queue;
}
