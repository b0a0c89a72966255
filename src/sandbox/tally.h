/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_TALLY_H
#define SRC_SANDBOX_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Counts of calls by operation, for /_sandbox/state. */

#define TALLY_OPS_MAX 64 /* more than there are operations */

struct tally_row {
    const char *op; /* a constant */
    uint64_t calls;
    uint64_t refused; /* answered with a status of 400 or more */
};

struct tally {
    struct tally_row rows[TALLY_OPS_MAX];
    size_t count;
};

/* Return the row of an operation. If it is new, make it. `op` must be a constant. */
struct tally_row *tally_row(struct tally *tally, const char *op);

/* Write "calls": {op: n, ...}, "refused": {op: n, ...} */
void tally_write(const struct tally *tally, struct text *out);

#endif
