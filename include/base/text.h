/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/*
 * A growing buffer of bytes. `data` is NUL-terminated whenever it is not NULL. Start it as
 * `struct text t = {0};`, end it with text_clear. Appending never fails (base/memory.h); what comes
 * from outside is bounded by whoever appends.
 */
struct text {
    char *data;
    size_t size;      /* bytes in use, without the NUL */
    size_t allocated; /* bytes owned */
};

void text_clear(struct text *text);
#define AUTOTEXT CLEANUP(text_clear)

/* Empties the text but keeps its memory for the next use. */
void text_reset(struct text *text);

/* Makes room for `more` further bytes. */
void text_reserve(struct text *text, size_t more);

void text_append(struct text *text, const void *bytes, size_t size);
void text_append_string(struct text *text, const char *string);
void text_append_char(struct text *text, char c);
void text_appendf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_appendv(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Hands the bytes over as a string that the caller owns; the text is empty afterwards. */
char *text_take(struct text *text);

/* Whether a whole UTF-8 character is one that terminals obey: C0, DEL, C1, and those that end a
 * line or change the direction of text. */
bool text_is_control(const char *character, size_t length);

/* Appends foreign text made safe for a terminal and a log line: such characters and what is not
 * valid UTF-8 appear as \n, \t or \xNN, and a text that was made safe stays as it is; at most
 * `limit` source bytes are taken and
 * "..." marks a cut. */
void text_append_escaped(struct text *text, const char *bytes, size_t size, size_t limit);

/* Appends the bytes percent-encoded but for RFC 3986's unreserved characters: good for a path
 * segment, a query value and a form value alike. */
void text_append_percent(struct text *text, const char *bytes, size_t size);

/* Lower-case hex of `size` bytes into out, which has room for 2 * size + 1. */
void text_hex(char *out, const void *bytes, size_t size);

/* Whether the bytes are valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool text_is_utf8(const char *bytes, size_t size);

/* Copies a string (NULL: "") into out of `size` bytes, cut at a UTF-8 boundary, with its NUL. */
void text_copy(char *out, size_t size, const char *string);

/* Copies the letters, digits and ._- at the start of `string` (NULL: none), as many as fit into out
 * of `room` bytes: somebody else's word for an error, of which nothing else can get into a log
 * line. */
void text_copy_word(char *out, size_t room, const char *string);

/* Whether two strings are equal; NULL equals only NULL. */
bool text_equal(const char *a, const char *b);

/* Whether the string (may be NULL) starts with the prefix. */
bool text_starts(const char *string, const char *prefix);

/* Splits a comma separated list into trimmed, non-empty, owned strings; NULL-terminated.
 * Free with text_list_free. */
char **text_split_list(const char *list);
void text_list_free(char **list);
size_t text_list_size(char *const *list);
bool text_list_has(char *const *list, const char *item);

/* Parses an unsigned decimal number that fills the whole string. 0, or -EINVAL, or -ERANGE. */
int text_to_u64(const char *string, uint64_t *ret);

/* "5m 12s", "3d 4h": a duration with its two largest units. out has room for TEXT_SPAN_MAX. */
#define TEXT_SPAN_MAX 32
void text_span(char *out, uint64_t span_usec);

#endif
