/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_QUERY_H
#define SRC_STORE_QUERY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "statements.h"

struct store;

/*
 * One run of a statement. Parameters are bound and columns read in their order; the first failure
 * is kept and reported by the step, so there is one error branch per run:
 *
 *     CLEANUP(query_end) struct query q = query_start(store, SQL_COUNTER);
 *     query_text(&q, name);
 *     r = query_step(&q, &row);
 *
 * Bound values are borrowed until query_end. A run that is not ended keeps a read lock.
 */
struct query {
    struct store *store;
    sqlite3_stmt *statement;
    int parameter, column; /* the last one bound, the next one to read */
    int code;              /* first SQLite failure */
};

/* Begin a run of a statement. End it with query_end. */
struct query query_start(struct store *store, enum statement which);
/* End a run, and release its read lock. */
void query_end(struct query *query);

/* Bind the next parameter: a number, a text, or bytes. Text and bytes are borrowed until
 * query_end. */
void query_number(struct query *query, int64_t number);
void query_number_or_null(struct query *query, int64_t number);        /* 0: NULL */
void query_text(struct query *query, const char *text);                /* NULL: NULL */
void query_bytes(struct query *query, const void *bytes, size_t size); /* NULL: NULL */

/* Run the statement to its next row. Return 0, with *ret_row: whether there is a (further) row; or
 * an enum store_result. */
int query_step(struct query *query, bool *ret_row);

/* Run a statement that gives no rows. A store_result. */
int query_run(struct query *query);

/* Make `column` (columns.h) the next column. Returns the query. */
struct query *query_at(struct query *query, int column);

/* Return the next column; NULL is read as 0. */
int64_t query_get_number(struct query *query);
/* Run the statement to its end and collect its first column, for callers whose changes would
 * disturb its run. Owned by the caller, also after a failure. A store_result. */
int query_collect(struct query *query, int64_t **ret_numbers, size_t *ret_count);

/* Return the next column; NULL stays NULL. Borrowed until the next step. */
const char *query_get_text(struct query *query);
/* Return the next column and its size; NULL stays NULL. Borrowed until the next step. */
const void *query_get_bytes(struct query *query, size_t *ret_size);

/* Return the failure `code` as a store_result, and keep its message for store_why. 0 for SQLite's
 * successes. */
int query_failure(struct store *store, int code);

#endif
