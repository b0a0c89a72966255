/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/memory.h"
#include "forwarder_private.h"

void attempt_unlink(struct attempt *attempt)
{
    *attempt->link = attempt->next;
    if (attempt->next)
        attempt->next->link = attempt->link;
}

void attempt_push(struct attempt **list, struct attempt *attempt)
{
    attempt->next = *list;
    attempt->link = list;
    if (*list)
        (*list)->link = &attempt->next;
    *list = attempt;
}

void attempt_enqueue(struct attempt_queue *queue, struct attempt *attempt)
{
    attempt->next = NULL;
    attempt->link = queue->tail;
    *queue->tail = attempt;
    queue->tail = &attempt->next;
    queue->count++;
}

struct attempt *attempt_dequeue(struct attempt_queue *queue)
{
    struct attempt *attempt = queue->first;
    attempt_unlink(attempt);
    if (!queue->first)
        queue->tail = &queue->first;
    queue->count--;
    return attempt;
}

struct attempt *attempt_new(struct forwarder *f)
{
    struct attempt *attempt = f->spare;
    if (!attempt)
        return NEW(struct attempt);
    f->spare = attempt->next;
    memset(attempt, 0, sizeof(*attempt));
    return attempt;
}

void attempt_end(struct forwarder *f, struct attempt *attempt)
{
    f->bytes -= attempt->claim.body_size;
    claim_clear(&attempt->claim);
    attempt->next = f->spare;
    f->spare = attempt;
}

void attempt_free_list(struct attempt *list)
{
    while (list) {
        struct attempt *next = list->next;
        http_cancel(list->slot);
        claim_clear(&list->claim);
        free(list);
        list = next;
    }
}
