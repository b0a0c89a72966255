/* SPDX-License-Identifier: MIT */
#include "prose.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

/* Minimum columns beside an indent. If there are fewer, the indent is small. */
#define ROOM_MIN     20
#define SMALL_INDENT 4

size_t prose_columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return 0;
    return size.ws_col;
}

static size_t width_of(const char *text, size_t bytes)
{
    size_t width = 0;
    for (size_t i = 0; i < bytes; i++)
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    return width;
}

size_t prose_width(const char *text)
{
    return width_of(text, strlen(text));
}

/* Write a word and the blanks before it, on this line or on the next. Return the used
 * columns of the line. */
static size_t put_word(const char *word, size_t bytes, size_t blanks, size_t at, size_t indent,
                       size_t columns)
{
    size_t width = width_of(word, bytes);
    if (columns && at > indent && at + blanks + width > columns) {
        indent = indent + width > columns ? SMALL_INDENT : indent;
        printf("\n%*s", (int)indent, "");
        at = indent;
        blanks = 0;
    }
    printf("%*s%.*s", (int)blanks, "", (int)bytes, word);
    return at + blanks + width;
}

void prose_put(const char *text, size_t at, size_t indent)
{
    size_t columns = prose_columns();
    if (columns && indent + ROOM_MIN > columns)
        indent = SMALL_INDENT;
    while (*text) {
        size_t blanks = strspn(text, " ");
        size_t bytes = strcspn(text + blanks, " ");
        at = put_word(text + blanks, bytes, blanks, at, indent, columns);
        text += blanks + bytes;
    }
    putchar('\n');
}

void prose_putf(size_t indent, const char *format, ...)
{
    AUTOTEXT struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_appendv(&text, format, arguments);
    va_end(arguments);
    prose_put(text.data ? text.data : "", 0, indent);
}
