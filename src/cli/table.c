/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

/* Bytes of one value that are shown, and the width below which the last column is not cut. */
#define CELL_MAX    400
#define CUT_MIN     8
#define GAP         2
#define ELLIPSIS    "\xe2\x80\xa6"
#define FALLBACK    "-"
#define COLUMNS_MAX 16

struct table {
    const char *const *titles;
    size_t columns;
    bool aligned, header_done;
    bool hidden[COLUMNS_MAX];
    size_t line; /* columns of the terminal; 0: unknown, nothing is cut */
    size_t widths[COLUMNS_MAX];
    struct text cells;  /* each with its NUL */
    struct text paints; /* an enum paint for each, in one byte */
    size_t n_cells;
};

/* Characters, which is what most fonts make of code points. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static size_t terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct table *table_new(enum table_kind kind, const char *const titles[], size_t columns)
{
    struct table *table = NEW(struct table);
    bool terminal = isatty(STDOUT_FILENO);
    if (columns > COLUMNS_MAX)
        abort();
    table->titles = titles;
    table->columns = columns;
    table->aligned = terminal || kind == TABLE_REPORT;
    table->line = terminal && kind == TABLE_LIST ? terminal_columns() : 0;
    for (size_t i = 0; i < columns; i++)
        table->widths[i] = width_of(titles[i]);
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
    size_t width = width_of(table->cells.data + start);
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

static void put_painted(const char *cell, size_t bytes, enum paint paint, const char *more)
{
    printf("%s%.*s%s%s", paint_start(paint), (int)bytes, cell, more, paint_end(paint));
}

/* Writes the last cell of a row, cut to the room that the line has. */
static void put_last(const struct table *table, const char *cell, enum paint paint, size_t used)
{
    size_t room = table->line > used + CUT_MIN ? table->line - used : SIZE_MAX;
    if (width_of(cell) <= room) {
        put_painted(cell, strlen(cell), paint, "");
        putchar('\n');
        return;
    }
    const char *end = cell;
    for (size_t width = 0; width < room; end++)
        width += ((unsigned char)*end & 0xc0) != 0x80;
    /* `end` is behind the first byte of the character that has no room any more. */
    put_painted(cell, (size_t)(end - 1 - cell), paint, ELLIPSIS);
    putchar('\n');
}

static void put_row(const struct table *table, const char *const cells[], const char paints[])
{
    size_t used = 0;
    for (size_t i = 0; i + 1 < table->columns; i++) {
        if (table->hidden[i])
            continue;
        size_t pad = table->widths[i] - width_of(cells[i]) + GAP;
        put_painted(cells[i], strlen(cells[i]), (enum paint)paints[i], "");
        if (table->aligned)
            printf("%*s", (int)pad, "");
        else
            putchar('\t');
        used += table->widths[i] + GAP;
    }
    size_t last = table->columns - 1;
    put_last(table, cells[last], (enum paint)paints[last], used);
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
