/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "prose.h"

/* Bytes of one value that are shown. */
#define CELL_MAX 400
/* Minimum room of the last column of a report. If there is less, its values are below
 * their rows. */
#define ROOM_MIN    24
#define BELOW       4
#define GAP         2
#define ELLIPSIS    "\xe2\x80\xa6"
#define FALLBACK    "-"
#define COLUMNS_MAX 16

struct table {
    const char *const *titles;
    size_t columns;
    bool aligned, header_done;
    bool wraps; /* the last column: it is not cut */
    bool hidden[COLUMNS_MAX];
    size_t line; /* columns of the terminal; 0: unknown, nothing is cut */
    size_t widths[COLUMNS_MAX];
    struct text cells;  /* each with its NUL */
    struct text paints; /* an enum paint for each, in one byte */
    size_t n_cells;
};

struct table *table_new(enum table_kind kind, const char *const titles[], size_t columns)
{
    struct table *table = NEW(struct table);
    bool terminal = isatty(STDOUT_FILENO);
    if (columns > COLUMNS_MAX)
        abort();
    table->titles = titles;
    table->columns = columns;
    table->aligned = terminal || kind == TABLE_REPORT;
    table->wraps = kind == TABLE_REPORT;
    table->line = terminal ? prose_columns() : 0;
    for (size_t i = 0; i < columns; i++)
        table->widths[i] = prose_width(titles[i]);
    return table;
}

void table_free(struct table *table)
{
    if (table) {
        text_clear(&table->cells);
        text_clear(&table->paints);
    }
    free(table);
}

void table_wants(struct table *table, size_t column, size_t line)
{
    table->hidden[column] = table->line && table->line < line;
}

void table_cell(struct table *table, const char *value)
{
    size_t start = table->cells.size, column = table->n_cells++ % table->columns;
    if (!value || !*value)
        value = FALLBACK;
    text_append_escaped(&table->cells, value, strlen(value), CELL_MAX);
    size_t width = prose_width(table->cells.data + start);
    if (width > table->widths[column])
        table->widths[column] = width;
    text_append_char(&table->cells, '\0');
    text_append_char(&table->paints, PAINT_NONE);
}

void table_paint(struct table *table, enum paint paint)
{
    table->paints.data[table->paints.size - 1] = (char)paint;
}

void table_cellf(struct table *table, const char *format, ...)
{
    AUTOTEXT struct text value = {0};
    va_list arguments;
    va_start(arguments, format);
    text_appendv(&value, format, arguments);
    va_end(arguments);
    table_cell(table, value.data);
}

size_t table_rows(const struct table *table)
{
    return table->n_cells / table->columns;
}

/* Return the columns of the line before the last column. */
static size_t columns_before_last(const struct table *table)
{
    size_t used = 0;
    for (size_t i = 0; i + 1 < table->columns; i++)
        used += table->hidden[i] ? 0 : table->widths[i] + GAP;
    return used;
}

/* Write a cell of a list, cut to the room of the line. */
static void put_cut(const char *cell, size_t room)
{
    const char *end = cell;
    if (prose_width(cell) <= room) {
        fputs(cell, stdout);
        return;
    }
    if (!room)
        return;
    for (size_t width = 0; width < room; end++)
        width += ((unsigned char)*end & 0xc0) != 0x80;
    /* `end` is behind the first byte of the first character that does not fit. */
    printf("%.*s" ELLIPSIS, (int)(end - 1 - cell), cell);
}

static void put_last(const struct table *table, const char *cell, enum paint paint, size_t used)
{
    fputs(paint_start(paint), stdout);
    if (table->wraps) {
        prose_put(cell, used, used);
    } else {
        put_cut(cell, !table->line ? SIZE_MAX : table->line > used ? table->line - used : 0);
        putchar('\n');
    }
    fputs(paint_end(paint), stdout);
}

/* Write "    last error: ..." below a row that has no room for it. */
static void put_below(const struct table *table, const char *cell)
{
    AUTOTEXT struct text line = {0};
    putchar('\n');
    if (text_equal(cell, FALLBACK))
        return;
    text_appendf(&line, "%*s", BELOW, "");
    for (const char *at = table->titles[table->columns - 1]; *at; at++)
        text_append_char(&line, (char)tolower((unsigned char)*at));
    text_appendf(&line, ": %s", cell);
    prose_put(line.data, 0, (size_t)2 * BELOW);
}

static void put_row(const struct table *table, const char *const cells[], const char paints[])
{
    size_t last = table->columns - 1, used = columns_before_last(table);
    bool below = table->wraps && table->line && table->line < used + ROOM_MIN;
    for (size_t i = 0; i < last; i++) {
        if (table->hidden[i])
            continue;
        size_t pad = table->widths[i] - prose_width(cells[i]) + GAP;
        enum paint paint = (enum paint)paints[i];
        printf("%s%s%s", paint_start(paint), cells[i], paint_end(paint));
        if (!table->aligned)
            putchar('\t');
        else if (!below || i + 1 < last)
            printf("%*s", (int)pad, "");
    }
    if (!below)
        put_last(table, cells[last], (enum paint)paints[last], used);
    else if (cells == table->titles)
        putchar('\n');
    else
        put_below(table, cells[last]);
}

void table_print(struct table *table)
{
    const char *cell = table->cells.data;
    size_t rows = table_rows(table);
    if (rows && table->aligned && !table->header_done) {
        char titles[COLUMNS_MAX];
        memset(titles, PAINT_TITLE, sizeof(titles));
        put_row(table, table->titles, titles);
        table->header_done = true;
    }
    for (size_t row = 0; row < rows; row++) {
        const char *cells[COLUMNS_MAX];
        for (size_t i = 0; i < table->columns; i++) {
            cells[i] = cell;
            cell += strlen(cell) + 1;
        }
        put_row(table, cells, table->paints.data + row * table->columns);
    }
    text_reset(&table->cells);
    text_reset(&table->paints);
    table->n_cells = 0;
}
