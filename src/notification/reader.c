/* SPDX-License-Identifier: MIT */
#include "reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* Longest decoded member name that is searched for. */
#define NAME_MAX_SIZE 64

const char *reader_space(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
        at++;
    return at;
}

/* Whether the quote is escaped: an odd number of backslashes is before it. There is always a byte
 * that is none, at the latest the opening quote. */
static bool is_escaped(const char *quote)
{
    const char *at = quote;
    while (at[-1] == '\\')
        at--;
    return (quote - at) % 2 != 0;
}

/* Return the position behind the closing quote. `at` is the opening one. */
static const char *skip_string(const char *at)
{
    do {
        at = strchr(at + 1, '"');
        if (!at)
            abort(); /* notification/strict has refused such a text */
    } while (is_escaped(at));
    return at + 1;
}

/* Only a few bytes are between two strings or brackets, so each is looked at here. */
static const char *skip_bracket(const char *at)
{
    unsigned depth = 0;
    for (;;) {
        if (*at == '"')
            at = skip_string(at);
        else if (*at == '{' || *at == '[')
            depth++, at++;
        else if ((*at == '}' || *at == ']') && --depth == 0)
            return at + 1;
        else
            at++;
    }
}

const char *reader_skip(const char *at)
{
    if (*at == '"')
        return skip_string(at);
    if (*at == '{' || *at == '[')
        return skip_bracket(at);
    while ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') || *at == '-' || *at == '+' ||
           *at == '.' || *at == 'E')
        at++;
    return at;
}

const char *reader_first(const char *bracket)
{
    const char *at = reader_space(bracket + 1);
    return *at == ']' || *at == '}' ? NULL : at;
}

const char *reader_next(const char *end)
{
    const char *at = reader_space(end);
    return *at == ',' ? reader_space(at + 1) : NULL;
}

const char *reader_value(const char *name)
{
    return reader_space(reader_space(skip_string(name)) + 1);
}

bool reader_is_string(struct notification_raw raw)
{
    return raw.bytes && *raw.bytes == '"';
}

bool reader_is_number(struct notification_raw raw)
{
    return raw.bytes && (*raw.bytes == '-' || (*raw.bytes >= '0' && *raw.bytes <= '9'));
}

/* Return the rest of the path behind its first name if that is this name, NULL if it is not. The
 * first letter may be in either case. "*" fits every name. */
static const char *step(const char *path, const char *name, size_t size)
{
    if (*path == '*')
        return path + 1;
    if (size == 0 || (*path | 0x20) != (*name | 0x20))
        return NULL;
    for (size_t i = 1; i < size; i++)
        if (path[i] != name[i] || path[i] == '\0')
            return NULL;
    path += size;
    return *path == '.' || *path == '|' || *path == '\0' ? path : NULL;
}

/* The wants of an object that a name with a small, and with a capital first letter has met: one bit
 * for each. */
struct met {
    uint32_t cases[2];
};

_Static_assert(READER_WANTS_MAX <= 32, "one bit of struct met for each want");

/* Whether the object has the name in both cases. A receiver that minds case reads one of the two
 * values, and we cannot know which one: neither counts. */
static bool is_ambiguous(struct met *met, size_t want, char first)
{
    uint32_t bit = UINT32_C(1) << want;
    met->cases[(first & 0x20) != 0] |= bit;
    return met->cases[0] & met->cases[1] & bit;
}

/* One member: gives its value to the wants that it ends, looks inside for those that go on. */
static const char *member(const char *at, const struct reader_want wants[], size_t n,
                          struct met *met)
{
    struct reader_want inner[READER_WANTS_MAX];
    const struct reader_want *here[READER_WANTS_MAX];
    struct notification_raw *unclear[READER_WANTS_MAX];
    size_t n_inner = 0, n_here = 0, n_unclear = 0;
    char decoded[NAME_MAX_SIZE * 6];
    const char *behind = skip_string(at), *name = at + 1;
    size_t size = (size_t)(behind - at) - 2;

    if (size <= sizeof(decoded) && memchr(name, '\\', size)) {
        decoded[0] = '\0'; /* so that even an empty name has a first letter */
        size = reader_decode(decoded, (struct notification_raw){at, size + 2}, NULL);
        name = decoded;
    }
    for (size_t i = 0; i < n; i++) {
        const char *rest = step(wants[i].path, name, size);
        if (rest && *wants[i].path != '*' && is_ambiguous(met, i, *name))
            unclear[n_unclear++] = wants[i].ret;
        else if (rest && *rest == '.')
            inner[n_inner++] = (struct reader_want){rest + 1, wants[i].ret};
        else if (rest)
            here[n_here++] = &wants[i];
    }
    const char *value = reader_space(reader_space(behind) + 1), *end;
    for (size_t i = 0; i < n_inner; i++)
        *inner[i].ret = (struct notification_raw){0};
    if (n_inner > 0 && *value == '{')
        end = reader_find(value, inner, n_inner);
    else
        end = reader_skip(value);
    for (size_t i = 0; i < n_here; i++) {
        bool first = *here[i]->path == '*';
        if (!first || !here[i]->ret->bytes)
            *here[i]->ret = (struct notification_raw){value, (size_t)(end - value)};
    }
    for (size_t i = 0; i < n_unclear; i++)
        *unclear[i] = (struct notification_raw){0};
    return end;
}

const char *reader_find(const char *at, const struct reader_want wants[], size_t n)
{
    struct met met = {{0, 0}};
    at = reader_space(at + 1);
    while (*at != '}') {
        at = reader_space(member(at, wants, n, &met));
        if (*at == ',')
            at = reader_space(at + 1);
    }
    return at + 1;
}

/* Read \uXXXX at the backslash, or a pair of them for one character. */
static unsigned unit(const char **at)
{
    unsigned value = 0, low = 0;
    escape_hex4(*at + 2, &value);
    *at += 6;
    if (value >= 0xd800 && value < 0xdc00 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        escape_hex4(*at + 2, &low);
        if (low >= 0xdc00 && low < 0xe000) {
            *at += 6;
            return 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return value;
}

size_t reader_decode(char *out, struct notification_raw raw, bool *ret_clean)
{
    const char *at = raw.bytes + 1, *end = raw.bytes + raw.size - 1;
    bool clean = true;
    char *to = out;
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t run = (size_t)((escape ? escape : end) - at);
        memmove(to, at, run);
        to += run;
        at += run;
        if (!escape)
            break;
        if (at[1] != 'u') {
            *to++ = escape_meaning(at[1]);
            at += 2;
            continue;
        }
        unsigned c = unit(&at);
        clean = clean && c != 0 && (c < 0xd800 || c > 0xdfff);
        to = escape_put_utf8(to, c);
    }
    if (ret_clean)
        *ret_clean = clean;
    return (size_t)(to - out);
}
