/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_CLAIMS_H
#define SRC_STORE_CLAIMS_H

#include "store/store.h"
#include "webhook/body.h"

/* Copy the body as it is sent, and the strings, into one piece of memory that belongs to the claim,
 * and set its format. Some of the strings are parts of `body`. */
void claim_keep_strings(struct claim *claim, const struct webhook_body *body, const char *queue,
                        const char *seller);

/* Set claim->stale. state_of: as in lane_row. Return a store_result. */
int claim_look_for_newer(struct store *store, int64_t webhook, struct claim *claim,
                         int64_t state_of);

#endif
