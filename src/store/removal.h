/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_REMOVAL_H
#define SRC_STORE_REMOVAL_H

#include <stddef.h>
#include <stdint.h>

struct store;

/*
 * Removal of personal data: bodies, their prefixes, and answers (docs/decisions/0030-removal.md).
 * Each is in a table that only grows at its end. Removal has two steps. First the bytes are
 * overwritten with zeros where they are, and table `blank` names the row. Later the row is deleted,
 * but only if no row with data is near: when SQLite deletes a row, it moves rows of the pages
 * beside it, and leaves a copy of them behind.
 */
enum removal_kind { REMOVAL_BODY, REMOVAL_PREFIX, REMOVAL_ANSWER, REMOVAL_KINDS };

/* The place at which store_reclaim continues. */
struct reclaim {
    enum removal_kind kind;
    int64_t after;
};

/* Overwrite body and prefix of a notification. A store_result. */
int removal_of_body(struct store *store, int64_t notification);

/* Overwrite the answers of the attempts `from` to `to` of the deliveries `first` to `last`. A
 * store_result. */
int removal_of_answers(struct store *store, int64_t first, int64_t last, int64_t from, int64_t to);

#endif
