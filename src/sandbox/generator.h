/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_GENERATOR_H
#define SRC_SANDBOX_GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "rng.h"
#include "samples.h"

/*
 * Notifications by number. The n-th notification of a series depends only on the series, and is the
 * same in every run. So it is made when it is needed, and made again for its copy.
 *
 * Orders take turns: event n belongs to order n % orders and is that order's event n / orders;
 * times rise with n. An order goes through Pending, Unshipped, (sometimes a buyer's wish to
 * cancel), PartiallyShipped and Shipped.
 */
enum generator_wrap {
    WRAP_NONE,
    WRAP_STRING, /* the JSON inside a JSON string */
    WRAP_SNS,    /* the JSON as Message of an SNS envelope */
};

#define GENERATOR_SELLER_MAX 64
#define GENERATOR_START_USEC 1743767140000000ULL /* 2025-04-04T11:45:40Z */

struct generator {
    const struct sample *sample; /* NULL: the first SAMPLES_ALL, in turn */
    uint64_t seed;
    uint64_t orders; /* different order ids, at least 1 */
    uint64_t start_usec;
    char seller_id[GENERATOR_SELLER_MAX];
    enum generator_wrap wrap;
};

/* Append notification n. `id` gets its NotificationId. */
void generator_write(const struct generator *generator, uint64_t n, struct text *out,
                     char id[RNG_UUID_MAX]);

/*
 * The order in which a series of `count` notifications is sent. A share `duplicates` of them is
 * sent once more later. A share `disorder` of all is sent after a later one, if possible after the
 * next of the same order.
 */
struct generator_plan {
    uint32_t *order; /* numbers of notifications */
    size_t size;
};

/* Make the plan. The caller frees ret->order. */
void generator_plan(struct generator_plan *ret, const struct generator *generator, uint32_t count,
                    double duplicates, double disorder);

#endif
