/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_SEAL_H
#define SRC_STORE_SEAL_H

#include "base/text.h"
#include "query.h"
#include "store/keys.h"

/* The kinds of sealed values. They are on disk, so the numbers stay. */
enum seal_kind {
    SEAL_PREFIX = 1, /* id: of the notification, as for the next two */
    SEAL_BODY = 2,
    SEAL_RAW = 3,
    SEAL_ANSWER = 4, /* id: of the answer */
};

/* In the place of a key's number: resealing could not open the value. */
#define SEAL_LOST (-1)

/* The keys at hand, and the rows of `seal` that name them. */
struct seals {
    struct store_keys keys;
    int64_t numbers[STORE_KEYS_MAX]; /* 0: the store does not know this key */
};

/* Bind the value as the next parameter, as it is stored. `room` holds it, and must live until
 * query_end. */
void seal_bind(struct query *query, enum seal_kind kind, int64_t id, const void *bytes, size_t size,
               struct text *room);

/* Bind the number of the key that seal_bind uses; NULL: none. */
void seal_bind_number(struct query *query);

/* Whether values that are written now are sealed. */
bool seal_closes(const struct store *store);

/* Open a value of a row. If `number` is not 0, *bytes and *size are changed, and `room` holds the
 * value (a raw body that is NULL stays so). Return 0, STORE_DAMAGED or STORE_KEYLESS. */
int seal_read(struct store *store, enum seal_kind kind, int64_t id, int64_t number,
              const char **bytes, size_t *size, struct text *room);

/* Return the index of a key at hand; their count: it is not at hand. */
size_t seal_index_of(const struct seals *seals, const char *id);

/* Read the numbers of the keys at hand again. A store_result. */
int seal_load_numbers(struct store *store);

/* Make sure that the first key has a number; inside a transaction that writes. */
int seal_add_key(struct store *store);

/* The three tables with sealed values. */
enum seal_table { SEAL_TABLE_BODY, SEAL_TABLE_PREFIX, SEAL_TABLE_ANSWER, SEAL_TABLES };

/* A row of one of these tables. The bytes are borrowed until the query's end. */
struct seal_row {
    int64_t id, number;
    enum seal_kind kind;
    const char *bytes, *raw;
    size_t size, raw_size;
};

/* Find the next row behind `after` that is sealed with key `number`; 0: with any. `query` is
 * started here, and ended by the caller. *ret_row: whether there is such a row. */
int seal_next(struct store *store, enum seal_table table, int64_t after, int64_t number,
              struct query *query, struct seal_row *ret, bool *ret_row);

/* Find the next row behind `after` that resealing with key `number` (0: none) has to change.
 * Otherwise like seal_next. */
int seal_next_other(struct store *store, enum seal_table table, int64_t after, int64_t number,
                    struct query *query, struct seal_row *ret, bool *ret_row);

/* Return STORE_KEYLESS if the store has a value whose key is not at hand. With `tidy`, delete the
 * rows of `seal` that no value needs any more; inside a transaction. */
int seal_check_keys(struct store *store, bool tidy);

#endif
