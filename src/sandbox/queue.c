/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "body.h"
#include "handle.h"

#define NO_SLOT UINT32_MAX

struct queue *queue_new(const char *name, uint32_t number, uint64_t key, uint64_t wall_usec)
{
    struct queue *queue = NEW(struct queue);
    strncpy(queue->name, name, QUEUE_NAME_MAX);
    queue->number = number;
    queue->key = key;
    queue->visibility_s = 30;
    queue->retention_s = 4 * 86400;
    queue->body_max = QUEUE_BODY_MAX;
    queue->created_wall_usec = wall_usec;
    queue->modified_wall_usec = wall_usec;
    queue->free_slot = NO_SLOT;
    return queue;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    queue_purge(queue);
    text_clear(&queue->policy);
    text_clear(&queue->redrive);
    text_clear(&queue->kms_key);
    free(queue->heap);
    free(queue->slots);
    free(queue);
}

/* The heap of hidden messages: the one that is due first is at 0. */

static void heap_place(struct queue *queue, size_t at, struct message *message)
{
    queue->heap[at] = message;
    message->heap_at = (uint32_t)at;
}

static void heap_up(struct queue *queue, size_t at, struct message *message)
{
    while (at > 0 && queue->heap[(at - 1) / 2]->due_usec > message->due_usec) {
        heap_place(queue, at, queue->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_place(queue, at, message);
}

static void heap_down(struct queue *queue, size_t at, struct message *message)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= queue->heap_size)
            break;
        if (child + 1 < queue->heap_size &&
            queue->heap[child + 1]->due_usec < queue->heap[child]->due_usec)
            child++;
        if (queue->heap[child]->due_usec >= message->due_usec)
            break;
        heap_place(queue, at, queue->heap[child]);
        at = child;
    }
    heap_place(queue, at, message);
}

static void heap_add(struct queue *queue, struct message *message)
{
    if (queue->heap_size == queue->heap_room) {
        queue->heap_room = queue->heap_room ? 2 * queue->heap_room : 64;
        queue->heap = memory_resize(queue->heap, queue->heap_room, sizeof(queue->heap[0]));
    }
    heap_up(queue, queue->heap_size++, message);
}

static void heap_remove(struct queue *queue, struct message *message)
{
    size_t at = message->heap_at;
    struct message *last = queue->heap[--queue->heap_size];
    if (last == message)
        return;
    if (at > 0 && queue->heap[(at - 1) / 2]->due_usec > last->due_usec)
        heap_up(queue, at, last);
    else
        heap_down(queue, at, last);
}

/* The list of visible messages. */

static void list_append(struct queue *queue, struct message *message)
{
    message->state = MESSAGE_VISIBLE;
    message->previous = queue->last;
    message->next = NULL;
    if (queue->last)
        queue->last->next = message;
    else
        queue->first = message;
    queue->last = message;
    queue->visible++;
}

static void list_remove(struct queue *queue, struct message *message)
{
    if (message->previous)
        message->previous->next = message->next;
    else
        queue->first = message->next;
    if (message->next)
        message->next->previous = message->previous;
    else
        queue->last = message->previous;
    queue->visible--;
}

static uint64_t *hidden_count(struct queue *queue, enum message_state state)
{
    return state == MESSAGE_DELAYED ? &queue->delayed : &queue->in_flight;
}

static void hide(struct queue *queue, struct message *message, enum message_state state,
                 uint64_t due_usec)
{
    message->state = state;
    message->due_usec = due_usec;
    (*hidden_count(queue, state))++;
    heap_add(queue, message);
}

/* Take the message out of the structure in which it is. */
static void take_out(struct queue *queue, struct message *message)
{
    if (message->state == MESSAGE_VISIBLE) {
        list_remove(queue, message);
        return;
    }
    (*hidden_count(queue, message->state))--;
    heap_remove(queue, message);
}

static uint32_t take_slot(struct queue *queue, struct message *message)
{
    uint32_t slot = queue->free_slot;
    if (slot != NO_SLOT) {
        queue->free_slot = queue->slots[slot].next_free;
    } else {
        if (queue->slots_used == queue->slots_room) {
            queue->slots_room = queue->slots_room ? 2 * queue->slots_room : 64;
            queue->slots = memory_resize(queue->slots, queue->slots_room, sizeof(queue->slots[0]));
        }
        slot = (uint32_t)queue->slots_used++;
        queue->slots[slot].generation = 0;
    }
    queue->slots[slot].message = message;
    return slot;
}

static void remove_message(struct queue *queue, struct message *message)
{
    struct queue_slot *slot = &queue->slots[message->slot];
    take_out(queue, message);
    slot->message = NULL;
    slot->generation++;
    slot->next_free = queue->free_slot;
    queue->free_slot = message->slot;
    free(message);
}

const struct message *queue_send(struct queue *queue, const char id[37], const char *body,
                                 size_t size, const struct text *escaped, uint32_t delay_s,
                                 uint64_t now_usec, uint64_t wall_usec)
{
    struct message *message = memory_resize(NULL, sizeof(*message) + escaped->size + 1, 1);
    *message = (struct message){
        .sent_wall_usec = wall_usec,
        .escaped_size = (uint32_t)escaped->size,
    };
    memcpy(message->id, id, sizeof(message->id));
    body_md5(message->md5, body, size);
    memcpy(message->escaped, escaped->data, escaped->size + 1);
    message->slot = take_slot(queue, message);
    queue->counts.sent++;
    if (delay_s > 0)
        hide(queue, message, MESSAGE_DELAYED, now_usec + delay_s * USEC_PER_SEC);
    else
        list_append(queue, message);
    return message;
}

void queue_advance(struct queue *queue, uint64_t now_usec)
{
    while (queue->heap_size > 0 && queue->heap[0]->due_usec <= now_usec) {
        struct message *message = queue->heap[0];
        take_out(queue, message);
        list_append(queue, message);
    }
}

uint64_t queue_next_due(const struct queue *queue)
{
    return queue->heap_size > 0 ? queue->heap[0]->due_usec : 0;
}

struct message *queue_receive(struct queue *queue, uint32_t visibility_s, uint64_t now_usec,
                              uint64_t wall_usec)
{
    struct message *message = queue->first;
    if (!message || queue->in_flight >= QUEUE_IN_FLIGHT_MAX)
        return NULL;
    list_remove(queue, message);
    message->receives++;
    message->received_usec = now_usec;
    if (message->receives == 1)
        message->first_receive_wall_usec = wall_usec;
    queue->counts.received++;
    hide(queue, message, MESSAGE_IN_FLIGHT, now_usec + visibility_s * USEC_PER_SEC);
    return message;
}

void queue_handle(const struct queue *queue, const struct message *message, char *out)
{
    struct handle handle = {queue->number, message->slot, queue->slots[message->slot].generation,
                            message->receives};
    handle_write(out, &handle, queue->key);
}

enum queue_lookup queue_find(const struct queue *queue, const char *text, struct message **ret)
{
    struct handle handle;
    if (handle_read(&handle, text, queue->key) < 0 || handle.queue != queue->number ||
        handle.slot >= queue->slots_used)
        return QUEUE_JUNK;
    const struct queue_slot *slot = &queue->slots[handle.slot];
    if (!slot->message || slot->generation != handle.generation)
        return QUEUE_GONE;
    *ret = slot->message;
    return handle.receive == slot->message->receives ? QUEUE_FOUND : QUEUE_STALE;
}

enum queue_lookup queue_delete(struct queue *queue, const char *handle)
{
    struct message *message;
    enum queue_lookup found = queue_find(queue, handle, &message);
    if (found == QUEUE_FOUND) {
        remove_message(queue, message);
        queue->counts.deleted++;
    }
    return found;
}

void queue_change(struct queue *queue, struct message *message, uint32_t visibility_s,
                  uint64_t now_usec)
{
    take_out(queue, message);
    if (visibility_s > 0)
        hide(queue, message, MESSAGE_IN_FLIGHT, now_usec + visibility_s * USEC_PER_SEC);
    else
        list_append(queue, message);
}

void queue_purge(struct queue *queue)
{
    for (size_t i = 0; i < queue->slots_used; i++)
        if (queue->slots[i].message)
            remove_message(queue, queue->slots[i].message);
}
