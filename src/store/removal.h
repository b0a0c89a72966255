/* SPDX-License-Identifier: MIT */
#ifndef STORE_REMOVAL_H
#define STORE_REMOVAL_H

#include <stddef.h>
#include <stdint.h>

struct store;

/*
 * Removal of personal data: bodies, their prefixes, and answers (docs/decisions/0030-removal.md).
 * Each stands in a table that only grows at its end. Removal has two steps. First the bytes are
 * overwritten with zeros where they stand, and table `blank` names the row. Later the row itself is
 * deleted, but only if no row with data is near: when SQLite deletes, it moves rows of pages
 * beside it, and leaves a copy of them behind.
 */
enum removal_kind { REMOVAL_BODY, REMOVAL_PREFIX, REMOVAL_ANSWER, REMOVAL_KINDS };

/* Where store_reclaim goes on. */
struct reclaim {
    enum removal_kind kind;
    int64_t after;
};

/* Overwrites body and prefix of a notification. */
int removal_of_body(struct store *store, int64_t notification);

/* Overwrites the answers of the attempts `from` to `to` of the deliveries `first` to `last`. */
int removal_of_answers(struct store *store, int64_t first, int64_t last, int64_t from, int64_t to);

#endif
