/* SPDX-License-Identifier: MIT */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "paint.h"

/*
 * A table on stdout. On a terminal columns are aligned below a header, and a row fits its line: the
 * last column is cut, or in a report broken between words; elsewhere it is for programs: no header,
 * no blanks, one tab between columns. Cells are escaped; an empty or absent one is "-".
 */
struct table;

enum table_kind {
    TABLE_LIST,   /* as above */
    TABLE_REPORT, /* aligned everywhere and never cut: for people, also through a pipe */
};

/* titles[0 .. columns): constants. */
struct table *table_new(enum table_kind kind, const char *const titles[], size_t columns);
void table_free(struct table *table);

/* Leaves a column out on terminals narrower than this. */
void table_wants(struct table *table, size_t column, size_t line);

/* Adds the next cell, row by row. */
void table_cell(struct table *table, const char *value);
void table_cellf(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Paints the cell that was added last. */
void table_paint(struct table *table, enum paint paint);

/* Writes the rows so far and forgets them. Widths stay, so that pages of one list look alike. The
 * header comes with the first row. */
void table_print(struct table *table);

/* Rows that wait for table_print. */
size_t table_rows(const struct table *table);

#endif
