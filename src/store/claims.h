/* SPDX-License-Identifier: MIT */
#ifndef STORE_CLAIMS_H
#define STORE_CLAIMS_H

#include "store/store.h"

/* What a claim carries, wherever it lies; NULL and 0: none. */
struct claim_strings {
    const char *id, *queue, *seller, *type, *order_id;
    const char *prefix, *bytes;
    size_t prefix_size, bytes_size;
};

/* Copies the strings and the body as it is sent into one piece of memory of the claim's. */
void claim_keep_strings(struct claim *claim, const struct claim_strings *strings);

/* Sets claim->stale. */
int claim_look_for_newer(struct store *store, int64_t webhook, struct claim *claim, int64_t kind);

#endif
