/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_QUEUE_H
#define SRC_SANDBOX_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * A standard queue in memory. Every message has a place (slot) in a table and is in one of two
 * structures: a list of the messages that can be received, or a heap of the hidden ones, ordered by
 * the time at which they become visible. Sending, receiving and deleting cost O(1), or O(log n) if
 * the heap changes, for any size of the queue.
 *
 * Times are time passed (simclock_passed_usec), except where `wall` is in the name.
 */

#define QUEUE_NAME_MAX         80
#define QUEUE_IN_FLIGHT_MAX    120000 /* above it ReceiveMessage finds nothing, as at Amazon */
#define QUEUE_BODY_MAX         (1024 * 1024) /* bytes of one message */
#define QUEUE_VISIBILITY_MAX_S 43200         /* 12 hours, also since the receive */

enum message_state { MESSAGE_VISIBLE, MESSAGE_IN_FLIGHT, MESSAGE_DELAYED };

struct message {
    struct message *previous, *next; /* list of the visible ones */
    uint64_t due_usec;               /* in the heap: time at which it becomes visible */
    uint64_t received_usec;          /* last receive */
    uint64_t sent_wall_usec;
    uint64_t first_receive_wall_usec;
    uint32_t slot;
    uint32_t heap_at;
    uint32_t receives;
    uint32_t escaped_size;
    enum message_state state;
    char id[37];
    char md5[33];   /* of the body as sent */
    char escaped[]; /* the body as it stands in JSON, NUL-terminated */
};

struct queue_slot {
    struct message *message; /* NULL: free */
    uint32_t generation;     /* counts the messages that were here */
    uint32_t next_free;
};

struct queue_counts {
    uint64_t sent, received,
        deleted; /* deleted: messages; repeats and stale handles do not count */
};

struct queue {
    char name[QUEUE_NAME_MAX + 1];
    uint32_t number; /* in receipt handles */
    uint64_t key;    /* of receipt handles */
    /* Attributes, as SetQueueAttributes knows them. */
    uint32_t visibility_s, wait_s, delay_s, retention_s, body_max;
    uint64_t created_wall_usec, modified_wall_usec;
    struct text policy, redrive, kms_key; /* kept and returned, without effect */

    struct message *first, *last;
    uint64_t visible, in_flight, delayed;
    struct message **heap;
    size_t heap_size, heap_room;
    struct queue_slot *slots;
    size_t slots_used, slots_room;
    uint32_t free_slot;
    struct queue_counts counts;
    void *waiters; /* of sqs_receive.c */
};

/* Make an empty queue with the default attributes. */
struct queue *queue_new(const char *name, uint32_t number, uint64_t key, uint64_t wall_usec);

/* Free the queue and its messages. */
void queue_free(struct queue *queue);

/* Add a message. Its body is given in both forms; body_escape made the second. `id` is the
 * MessageId. delay_s hides it at first. The queue owns the result. */
const struct message *queue_send(struct queue *queue, const char id[37], const char *body,
                                 size_t size, const struct text *escaped, uint32_t delay_s,
                                 uint64_t now_usec, uint64_t wall_usec);

/* Make the messages visible that are due at now_usec. */
void queue_advance(struct queue *queue, uint64_t now_usec);

/* Return the time at which the next hidden message becomes visible. 0 if none is hidden. */
uint64_t queue_next_due(const struct queue *queue);

/* Take the oldest visible message and hide it. With visibility 0 it is hidden until the next
 * queue_advance. Return NULL if there is none, or if too many are in flight. The queue still owns
 * the message. */
struct message *queue_receive(struct queue *queue, uint32_t visibility_s, uint64_t now_usec,
                              uint64_t wall_usec);

/* Write the receipt handle of the message's last receive, in HANDLE_CHARS characters and a NUL. */
void queue_handle(const struct queue *queue, const struct message *message, char *out);

/* The result of a search by receipt handle. */
enum queue_lookup {
    QUEUE_FOUND, /* its handle is the newest */
    QUEUE_STALE, /* the message was received again since */
    QUEUE_GONE,  /* the message was deleted */
    QUEUE_JUNK,  /* not a handle of this queue */
};

/* Find a message by receipt handle. */
enum queue_lookup queue_find(const struct queue *queue, const char *handle, struct message **ret);

/* Delete by receipt handle. Stale handles and repeats succeed without effect, as at SQS. */
enum queue_lookup queue_delete(struct queue *queue, const char *handle);

/* Hide an in-flight message for visibility_s from now on. 0 makes it visible. */
void queue_change(struct queue *queue, struct message *message, uint32_t visibility_s,
                  uint64_t now_usec);

/* Delete all messages. */
void queue_purge(struct queue *queue);

#endif
