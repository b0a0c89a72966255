/* SPDX-License-Identifier: MIT */
/* Releases notifications that were held as an unknown sender's, when a seller or a subscription has
 * become known that they belong to. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"
#include "receiver_private.h"
#include "store/unknown.h"

/* The most rows and bytes that one turn looks at. */
#define STEP_ROWS  20
#define STEP_BYTES ((size_t)4 * 1024 * 1024)

void receiver_release(struct receiver *r)
{
    if (r->retired)
        return;
    r->releasing = true;
    r->release_after = 0;
    turn_request(r->options.turn);
}

static void end(struct receiver *r)
{
    if (r->releasing || r->release_open)
        return;
    if (r->released)
        event_unknown_released(r->queue, r->released);
    r->released = 0;
}

void receiver_released(struct receiver *r, bool stored)
{
    r->release_open--;
    r->released += stored;
    end(r);
}

/* Return the row as a batch from SQS. Its memory belongs to the batch. */
static struct sqs_batch *batch_of(const struct unknown_row *row)
{
    struct sqs_batch *batch = NEW(struct sqs_batch);
    size_t id_size = row->message_id ? strlen(row->message_id) : 0;
    batch->memory = memory_resize(NULL, id_size + row->body_size + 2, 1);
    memcpy(batch->memory, row->message_id ? row->message_id : "", id_size + 1);
    char *body = batch->memory + id_size + 1;
    memcpy(body, row->body, row->body_size + 1);
    batch->count = 1;
    batch->messages[0] = (struct sqs_message){
        .id = batch->memory,
        .body = body,
        .body_size = row->body_size,
        .sent_usec = row->sent_usec,
    };
    return batch;
}

int receiver_release_step(struct receiver *r, struct store *store)
{
    size_t bytes = 0;
    for (unsigned i = 0; r->releasing && i < STEP_ROWS && bytes < STEP_BYTES; i++) {
        struct unknown_row row;
        int result = store_next_unknown(store, r->release_after, &row);
        r->releasing = result == 0 && !r->retired;
        if (result == 0 && text_equal(row.queue, r->queue) &&
            receiver_take_again(r, batch_of(&row), row.notification))
            r->release_open++;
        r->release_after = row.notification;
        bytes += row.body_size;
        unknown_row_clear(&row);
        if (result && result != STORE_NOT_FOUND)
            return result;
    }
    if (r->releasing)
        turn_request(r->options.turn);
    end(r);
    return 0;
}
