/* SPDX-License-Identifier: MIT */
#include "claims.h"

#include <string.h>

#include "inside.h"
#include "stale.h"

void claim_clear(struct claim *claim)
{
    free(claim->body);
    claim->body = NULL;
    claim->body_size = 0;
}

/* One piece of memory for body and strings. */
struct piece {
    char *start, *end;
};

static const char *piece_add(struct piece *piece, const char *text)
{
    if (!text)
        return NULL;
    char *at = piece->end;
    size_t size = strlen(text) + 1;
    memcpy(at, text, size);
    piece->end += size;
    return at;
}

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

void claim_keep_strings(struct claim *claim, const struct webhook_body *body, const char *queue,
                        const char *seller)
{
    AUTOTEXT struct text head = {0};
    struct webhook_part parts[WEBHOOK_BODY_PARTS];
    size_t n_parts = webhook_body_parts(parts, body, &head);
    claim->format = body->format;
    claim->body_size = 0;
    for (size_t i = 0; i < n_parts; i++)
        claim->body_size += parts[i].size;
    size_t size = claim->body_size + 1 + size_of(body->id) + size_of(queue) + size_of(seller) +
                  size_of(body->type) + size_of(body->order_id);
    struct piece piece = {.start = memory_resize(NULL, size, 1)};
    claim->body = piece.end = piece.start;
    for (size_t i = 0; i < n_parts; i++)
        piece.end = mempcpy(piece.end, parts[i].bytes, parts[i].size);
    *piece.end++ = '\0';
    claim->id = piece_add(&piece, body->id);
    claim->queue = piece_add(&piece, queue);
    claim->seller = piece_add(&piece, seller);
    claim->type = piece_add(&piece, body->type);
    claim->order_id = piece_add(&piece, body->order_id);
}

int claim_look_for_newer(struct store *store, int64_t webhook, struct claim *claim,
                         int64_t state_of)
{
    struct lane_row row = {.id = claim->delivery,
                           .webhook = webhook,
                           .lane = claim->lane,
                           .event_usec = claim->event_usec,
                           .state_of = state_of};
    return stale_look(store, &row, &claim->stale);
}
