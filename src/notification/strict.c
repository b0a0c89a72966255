/* SPDX-License-Identifier: MIT */
#include "notification/strict.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Python refuses whole numbers with more digits (sys.int_info.default_max_str_digits), and
 * everything that passes here must parse there. */
#define STRICT_DIGITS_MAX 4300

struct check {
    const unsigned char *at, *end;
    uint64_t objects; /* one bit for each open bracket, the innermost lowest; 1: a brace */
    unsigned depth;
    const char *why;
};

_Static_assert(STRICT_DEPTH_MAX <= 64, "one bit of `objects` for each level");

enum step {
    STEP_BAD = false,
    STEP_VALUE, /* a value must follow */
    STEP_CLOSED /* a value has ended */
};

/* Bytes that mean themselves inside a string. */
__extension__ static const bool plain[256] = {
    [0x20 ... 0x21] = true,
    [0x23 ... 0x5b] = true,
    [0x5d ... 0x7f] = true,
};

static bool bad(struct check *c, const char *why)
{
    c->why = why;
    return false;
}

static bool is_digit(const struct check *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static bool next_is(const struct check *c, unsigned char wanted)
{
    return c->at < c->end && *c->at == wanted;
}

static void space(struct check *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t'))
        c->at++;
}

/* Check one character beyond ASCII by RFC 3629: no overlong forms, no surrogates,
 * nothing above U+10FFFF. */
static bool utf8(struct check *c)
{
    const unsigned char *p = c->at;
    size_t left = (size_t)(c->end - p);
    unsigned char low = 0x80, high = 0xbf; /* limits of the second byte */
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

    if (p[0] < 0xc2 || p[0] > 0xf4)
        return bad(c, "invalid UTF-8");
    if (p[0] == 0xe0)
        low = 0xa0;
    else if (p[0] == 0xed)
        high = 0x9f;
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f;
    for (size_t i = 1; i < length; i++) {
        if (i >= left || p[i] < low || p[i] > high)
            return bad(c, "invalid UTF-8");
        low = 0x80;
        high = 0xbf;
    }
    c->at += length;
    return true;
}

static bool is_hex(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool escape(struct check *c)
{
    c->at++;
    if (c->at == c->end)
        return bad(c, "unterminated string");
    if (*c->at != 'u') {
        if (*c->at == '\0' || !strchr("\"\\/bfnrt", *c->at))
            return bad(c, "unknown escape in a string");
        c->at++;
        return true;
    }
    c->at++;
    for (int i = 0; i < 4; i++, c->at++)
        if (c->at == c->end || !is_hex(*c->at))
            return bad(c, "\\u without four hex digits");
    return true;
}

/* Check a string from its opening quote to behind its closing one. */
static bool string(struct check *c)
{
    c->at++;
    for (;;) {
        const unsigned char *at = c->at; /* in a register: most of a message passes here */
        while (at < c->end && plain[*at])
            at++;
        c->at = at;
        if (at == c->end)
            return bad(c, "unterminated string");
        if (*c->at == '"') {
            c->at++;
            return true;
        }
        if (*c->at < 0x20)
            return bad(c, "control character in a string");
        if (*c->at == '\\' ? !escape(c) : !utf8(c))
            return false;
    }
}

static bool digits(struct check *c)
{
    if (!is_digit(c))
        return bad(c, "digit expected");
    while (is_digit(c))
        c->at++;
    return true;
}

static bool number(struct check *c)
{
    bool whole = true;
    if (*c->at == '-')
        c->at++;
    const unsigned char *first = c->at;
    if (!digits(c))
        return false;
    if (*first == '0' && c->at - first > 1) {
        c->at = first + 1;
        return bad(c, "number with a leading zero");
    }
    size_t count = (size_t)(c->at - first);
    if (next_is(c, '.')) {
        whole = false;
        c->at++;
        if (!digits(c))
            return false;
    }
    if (c->at < c->end && (*c->at | 0x20) == 'e') {
        whole = false;
        c->at++;
        if (c->at < c->end && (*c->at == '+' || *c->at == '-'))
            c->at++;
        if (!digits(c))
            return false;
    }
    return !whole || count <= STRICT_DIGITS_MAX || bad(c, "number with too many digits");
}

static bool word(struct check *c, const char *wanted)
{
    for (; *wanted; wanted++, c->at++)
        if (!next_is(c, (unsigned char)*wanted))
            return bad(c, "not a JSON value");
    return true;
}

static bool scalar(struct check *c)
{
    if (c->at == c->end)
        return bad(c, "it ends where a value should be");
    switch (*c->at) {
    case '"':
        return string(c);
    case 't':
        return word(c, "true");
    case 'f':
        return word(c, "false");
    case 'n':
        return word(c, "null");
    default:
        if (*c->at != '-' && !is_digit(c))
            return bad(c, "not a JSON value");
        return number(c);
    }
}

/* Check a member's name and its colon. */
static bool name(struct check *c)
{
    space(c);
    if (!next_is(c, '"'))
        return bad(c, "member name in quotes expected");
    if (!string(c))
        return false;
    space(c);
    if (!next_is(c, ':'))
        return bad(c, "colon expected");
    c->at++;
    return true;
}

/* Check a scalar, or an opening bracket and the first thing behind it. */
static enum step value(struct check *c)
{
    space(c);
    bool brace = next_is(c, '{');
    if (!brace && !next_is(c, '['))
        return scalar(c) ? STEP_CLOSED : STEP_BAD;
    if (c->depth == STRICT_DEPTH_MAX)
        return bad(c, "nested too deeply");
    c->at++;
    space(c);
    if (next_is(c, brace ? '}' : ']')) {
        c->at++;
        return STEP_CLOSED;
    }
    c->objects = c->objects << 1 | brace;
    c->depth++;
    return !brace || name(c) ? STEP_VALUE : STEP_BAD;
}

/* Check a comma or the bracket's end behind a value inside a bracket. */
static enum step separator(struct check *c)
{
    bool brace = c->objects & 1;
    space(c);
    if (next_is(c, brace ? '}' : ']')) {
        c->at++;
        c->objects >>= 1;
        c->depth--;
        return STEP_CLOSED;
    }
    if (!next_is(c, ','))
        return bad(c, "comma or closing bracket expected");
    c->at++;
    return !brace || name(c) ? STEP_VALUE : STEP_BAD;
}

static bool document(struct check *c)
{
    enum step step = STEP_VALUE;
    do {
        step = step == STEP_VALUE ? value(c) : separator(c);
        if (step == STEP_BAD)
            return false;
    } while (step == STEP_VALUE || c->depth > 0);
    space(c);
    return c->at == c->end || bad(c, "something stands behind the JSON value");
}

size_t strict_json_check(const char *bytes, size_t size, const char **ret_why)
{
    const unsigned char *start = (const unsigned char *)bytes;
    struct check c = {.at = start, .end = start + size};
    if (document(&c))
        return 0;
    if (ret_why)
        *ret_why = c.why;
    return (size_t)(c.at - start) + 1;
}
