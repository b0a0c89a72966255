/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_NAMES_H
#define SRC_STORE_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct store;
struct query;

/*
 * Strings that come again and again (sellers, queues, types, marketplaces) are stored once and
 * referred to by number. Some of them come from outside, so there is room for NAMES_MAX of at most
 * NAMES_LENGTH bytes. A string that does not fit is stored as itself.
 */
#define NAMES_MAX    4000
#define NAMES_LENGTH 128
#define NAMES_SLOTS  8192 /* of the hash table, a power of two above NAMES_MAX */

struct names {
    char *texts[NAMES_MAX]; /* text of id i + 1 */
    size_t count, on_disk;
    uint16_t slots[NAMES_SLOTS]; /* ids by hash, 0: free */
};

/* Bind the text as the next parameter, by number if possible. A new name is written at once; if
 * that fails, it shows in the query. */
void names_bind(struct store *store, struct query *query, const char *text);

/* Return the next column, which names_bind has written. Borrowed until the next step of the query;
 * NULL stays NULL. */
const char *names_get(struct store *store, struct query *query);

/* Read the names that were added since the last call. A store_result. */
int names_load(struct store *store);

/* After a rollback: forget the names that the transaction added. */
void names_rollback(struct names *names);
/* After a commit: keep the names that the transaction added. */
void names_commit(struct names *names);
/* Forget all names and free their memory. */
void names_clear(struct names *names);

#endif
