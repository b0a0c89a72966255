/* SPDX-License-Identifier: MIT */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "base/text.h"
#include "query.h"
#include "store/keys.h"

/* The kinds of sealed values: on disk, so the numbers stay. */
enum seal_kind {
    SEAL_PREFIX = 1, /* id: of the notification, as for the next two */
    SEAL_BODY = 2,
    SEAL_RAW = 3,
    SEAL_ANSWER = 4, /* id: of the answer */
};

/* In the place of a key's number: a value that resealing could not open. */
#define SEAL_LOST (-1)

/* The keys at hand, and the rows of `seal` that name them. */
struct seals {
    struct store_keys keys;
    int64_t numbers[STORE_KEYS_MAX]; /* 0: the store does not know this key */
};

/* Binds the next parameter: the value as it is stored. `room` holds it, and must live until
 * query_end. */
void seal_bind(struct query *query, enum seal_kind kind, int64_t id, const void *bytes, size_t size,
               struct text *room);

/* Binds the number of the key that seal_bind takes; NULL: none. */
void seal_bind_number(struct query *query);

/* Whether values are sealed that are written now. */
bool seal_closes(const struct store *store);

/* Opens a value where it stands in a row: *bytes and *size are changed if `number` is not 0 (a raw
 * body that is NULL stays so). `room` holds it then. 0; STORE_DAMAGED; STORE_KEYLESS. */
int seal_read(struct store *store, enum seal_kind kind, int64_t id, int64_t number,
              const char **bytes, size_t *size, struct text *room);

/* Sees to it that the first key has a number; inside a transaction that writes. */
int seal_add_key(struct store *store);

/* The three tables with sealed values. */
enum seal_table { SEAL_TABLE_BODY, SEAL_TABLE_PREFIX, SEAL_TABLE_ANSWER, SEAL_TABLES };

/* A row of one of them. The bytes live until the query's end. */
struct seal_row {
    int64_t id, number;
    enum seal_kind kind;
    const char *bytes, *raw;
    size_t size, raw_size;
};

/* The next row behind `after` that is sealed with key `number`; 0: with any. `query` is started
 * here, and ended by the caller. */
int seal_next(struct store *store, enum seal_table table, int64_t after, int64_t number,
              struct query *query, struct seal_row *ret, bool *ret_row);

/* The same for the next one that resealing with that key (0: none) has to change. */
int seal_next_other(struct store *store, enum seal_table table, int64_t after, int64_t number,
                    struct query *query, struct seal_row *ret, bool *ret_row);

/* STORE_KEYLESS if the store has a value whose key is not at hand. With `tidy`, rows of `seal` that
 * no value needs any more are deleted; inside a transaction. */
int seal_check_keys(struct store *store, bool tidy);

#endif
