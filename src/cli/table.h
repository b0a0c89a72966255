/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_TABLE_H
#define SRC_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "paint.h"

/*
 * A table on stdout. On a terminal the columns are aligned below a header, and a row fits its line:
 * the last column is cut, or in a report broken between words. Elsewhere the table is for programs,
 * without a header and blanks, with one tab between columns. Cells are escaped. An empty or absent
 * one is "-".
 */
struct table;

enum table_kind {
    TABLE_LIST,   /* as above */
    TABLE_REPORT, /* aligned everywhere and never cut: for people, also through a pipe */
};

/* Make an empty table. titles[0 .. columns) are constants. */
struct table *table_new(enum table_kind kind, const char *const titles[], size_t columns);

/* Free the table. Rows that were not printed are lost. */
void table_free(struct table *table);

/* Hide a column on terminals narrower than `line` columns. */
void table_wants(struct table *table, size_t column, size_t line);

/* Add the next cell, row by row. */
void table_cell(struct table *table, const char *value);

/* Add a formatted cell. */
void table_cellf(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Paint the last added cell. */
void table_paint(struct table *table, enum paint paint);

/* Write the rows so far and remove them. The widths stay, so that all pages of one list look alike.
 * The header comes with the first row. */
void table_print(struct table *table);

/* Return the number of rows that wait for table_print. */
size_t table_rows(const struct table *table);

#endif
