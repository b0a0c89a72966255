/* SPDX-License-Identifier: MIT */
#ifndef STORE_CLAIMS_H
#define STORE_CLAIMS_H

#include "store/store.h"
#include "webhook/body.h"

/* Copies the body as it is sent and the strings, of which some are what it is made of, into one
 * piece of memory of the claim's; and sets its format. */
void claim_keep_strings(struct claim *claim, const struct webhook_body *body, const char *queue,
                        const char *seller);

/* Sets claim->stale. state_of: as in lane_row. */
int claim_look_for_newer(struct store *store, int64_t webhook, struct claim *claim,
                         int64_t state_of);

#endif
