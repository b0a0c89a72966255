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

void attempts_init(struct attempts *attempts)
{
    attempts->queued.tail = &attempts->queued.first;
    attempts->suspects.tail = &attempts->suspects.first;
}

static void enqueue(struct attempt_queue *queue, struct attempt *attempt)
{
    attempt->next = NULL;
    attempt->link = queue->tail;
    *queue->tail = attempt;
    queue->tail = &attempt->next;
    queue->count++;
}

static struct attempt *dequeue(struct attempt_queue *queue)
{
    struct attempt *attempt = queue->first;
    if (!attempt)
        return NULL;
    attempt_unlink(attempt);
    if (!queue->first)
        queue->tail = &queue->first;
    queue->count--;
    return attempt;
}

void attempts_enqueue(struct attempts *attempts, struct attempt *attempt)
{
    enqueue(attempt->suspect ? &attempts->suspects : &attempts->queued, attempt);
}

struct attempt *attempts_dequeue(struct attempts *attempts, bool suspect)
{
    return dequeue(suspect ? &attempts->suspects : &attempts->queued);
}

void attempts_drop_queued(struct attempts *attempts)
{
    struct attempt *attempt;
    while ((attempt = dequeue(&attempts->queued)))
        attempts_end(attempts, attempt);
    while ((attempt = dequeue(&attempts->suspects)))
        attempts_end(attempts, attempt);
}

struct attempt *attempts_new(struct attempts *attempts)
{
    struct attempt *attempt = attempts->spare;
    if (!attempt)
        return NEW(struct attempt);
    attempts->spare = attempt->next;
    memset(attempt, 0, sizeof(*attempt));
    return attempt;
}

void attempts_end(struct attempts *attempts, struct attempt *attempt)
{
    attempts->bytes -= attempt->claim.body_size;
    claim_clear(&attempt->claim);
    attempt->next = attempts->spare;
    attempts->spare = attempt;
}

void attempts_add_claimed(struct attempts *attempts, struct attempt *attempt)
{
    attempts->bytes += attempt->claim.body_size;
    attempt_push(&attempts->claimed, attempt);
    attempts->n_claimed++;
}

const struct attempt *attempts_first_claimed(const struct attempts *attempts)
{
    return attempts->claimed;
}

struct attempt *attempts_take_claimed(struct attempts *attempts)
{
    struct attempt *attempt = attempts->claimed;
    if (!attempt)
        return NULL;
    attempt_unlink(attempt);
    attempts->n_claimed--;
    return attempt;
}

const struct attempt *attempts_first_queued(const struct attempts *attempts)
{
    return attempts->queued.first;
}

const struct attempt *attempts_first_suspect(const struct attempts *attempts)
{
    return attempts->suspects.first;
}

unsigned attempts_claimed(const struct attempts *attempts)
{
    return attempts->n_claimed;
}

unsigned attempts_queued(const struct attempts *attempts)
{
    return attempts->queued.count;
}

unsigned attempts_suspects(const struct attempts *attempts)
{
    return attempts->suspects.count;
}

size_t attempts_bytes(const struct attempts *attempts)
{
    return attempts->bytes;
}

bool attempts_wait(const struct attempts *attempts)
{
    return attempts->queued.count || attempts->suspects.count;
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

void attempts_clear(struct attempts *attempts)
{
    attempt_free_list(attempts->claimed);
    attempt_free_list(attempts->queued.first);
    attempt_free_list(attempts->suspects.first);
    attempt_free_list(attempts->spare);
}
