/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/*
 * A growing buffer of bytes. `data` is NUL-terminated whenever it is not NULL. Begin it as `struct
 * text t = {0};`, end it with text_clear. Appending never fails (base/memory.h); the caller bounds
 * bytes from outside.
 */
struct text {
    char *data;
    size_t size;      /* bytes in use, without the NUL */
    size_t allocated; /* bytes owned */
};

/* Free the bytes and make the text empty. */
void text_clear(struct text *text);
#define AUTOTEXT CLEANUP(text_clear)

/* Make the text empty, but keep its memory for the next use. */
void text_reset(struct text *text);

/* Make room for `more` further bytes. */
void text_reserve(struct text *text, size_t more);

/* Append bytes, a string, a character, or formatted text. */
void text_append(struct text *text, const void *bytes, size_t size);
void text_append_string(struct text *text, const char *string);
void text_append_char(struct text *text, char c);
void text_appendf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_appendv(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Append a decimal number. It takes a tenth of text_appendf's time, for places that run for each
 * message. */
void text_append_number(struct text *text, uint64_t number);

/* Write a decimal number. out has room for TEXT_NUMBER_MAX. */
#define TEXT_NUMBER_MAX 21
void text_number(char *out, uint64_t number);

/* Return the bytes as a string that the caller owns; the text is empty afterwards. */
char *text_take(struct text *text);

/* Whether a whole UTF-8 character is one that terminals obey: C0, DEL, C1, and characters that end
 * a line or change the direction of text. */
bool text_is_control(const char *character, size_t length);

/* Append foreign text, made safe for a terminal and a log line: such characters and invalid UTF-8
 * appear as \n, \t or \xNN. A text that was made safe already stays as it is. At most `limit`
 * source bytes are taken, and "..." marks a cut. */
void text_append_escaped(struct text *text, const char *bytes, size_t size, size_t limit);

/* Append the bytes percent-encoded, except RFC 3986's unreserved characters. The result fits into a
 * path segment, a query value and a form value. */
void text_append_percent(struct text *text, const char *bytes, size_t size);

/* Write lower-case hex of `size` bytes into out, which has room for 2 * size + 1. */
void text_hex(char *out, const void *bytes, size_t size);

/* Whether the bytes are valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool text_is_utf8(const char *bytes, size_t size);

/* Copy a string (NULL: "") into out of `size` bytes, cut at a UTF-8 boundary, with its NUL. */
void text_copy(char *out, size_t size, const char *string);

/* Copy the letters, digits and ._- at the start of `string` (NULL: none), as many as fit into out
 * of `room` bytes. It is for the other side's word for an error: no other character can get into a
 * log line. */
void text_copy_word(char *out, size_t room, const char *string);

/* Whether two strings are equal; NULL equals only NULL. */
bool text_equal(const char *a, const char *b);

/* Whether the string (may be NULL) starts with the prefix. */
bool text_starts(const char *string, const char *prefix);

/* Split a comma separated list into trimmed, non-empty, owned strings; NULL-terminated. Free it
 * with text_list_free. */
char **text_split_list(const char *list);
void text_list_free(char **list);
size_t text_list_size(char *const *list);
bool text_list_has(char *const *list, const char *item);

/* Parse an unsigned decimal number that fills the whole string. 0, or -EINVAL, or -ERANGE. */
int text_to_u64(const char *string, uint64_t *ret);

/* Write a duration with its two largest units: "5m 12s", "3d 4h". out has room for
 * TEXT_SPAN_MAX. */
#define TEXT_SPAN_MAX 32
void text_span(char *out, uint64_t span_usec);

#endif
