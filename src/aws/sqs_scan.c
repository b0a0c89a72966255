/* SPDX-License-Identifier: MIT */
#include "sqs_scan.h"

#include <string.h>

#include "base/escape.h"

static char *fail(struct sqs_scan *scan)
{
    scan->failed = true;
    return NULL;
}

char sqs_scan_kind(struct sqs_scan *scan)
{
    while (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t')
        scan->at++;
    return scan->failed ? '\0' : *scan->at;
}

static bool take(struct sqs_scan *scan, char c)
{
    if (sqs_scan_kind(scan) != c)
        return false;
    scan->at++;
    return true;
}

/* ---- strings ---- */

/* Decode \uXXXX (behind the backslash and u), or a pair of them for one character. Half of a pair
 * is refused: it is not valid UTF-8, and SQS sends none. */
static char *unicode(struct sqs_scan *scan, char *to)
{
    unsigned c, low;
    if (!escape_hex4(scan->at, &c) || c == 0)
        return fail(scan);
    scan->at += 4;
    if (c >= 0xdc00 && c < 0xe000)
        return fail(scan);
    if (c >= 0xd800 && c < 0xdc00) {
        if (scan->at[0] != '\\' || scan->at[1] != 'u' || !escape_hex4(scan->at + 2, &low) ||
            low < 0xdc00 || low >= 0xe000)
            return fail(scan);
        scan->at += 6;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    return escape_put_utf8(to, c);
}

static char *escape(struct sqs_scan *scan, char *to)
{
    char c = *scan->at;
    if (c == 'u') {
        scan->at++;
        return unicode(scan, to);
    }
    *to = escape_meaning(c);
    if (!*to)
        return fail(scan);
    scan->at++;
    return to + 1;
}

/* Bytes that stand for themselves inside a string. */
__extension__ static const bool plain[256] = {
    [0x20 ... 0x21] = true,
    [0x23 ... 0x5b] = true,
    [0x5d ... 0xff] = true,
};

/* The first byte from `at` on that ends a run of plain ones: a quote, a backslash, a control
 * character or the NUL. */
static char *run_end(char *at)
{
    while (plain[(unsigned char)*at])
        at++;
    return at;
}

char *sqs_scan_string(struct sqs_scan *scan, size_t *ret_size)
{
    if (!take(scan, '"'))
        return fail(scan);
    char *start = scan->at, *to = start;
    for (;;) {
        char *end = run_end(scan->at);
        size_t run = (size_t)(end - scan->at);
        if (to != scan->at)
            memmove(to, scan->at, run);
        to += run;
        scan->at = end + 1;
        if (*end == '"')
            break;
        to = *end == '\\' ? escape(scan, to) : NULL;
        if (!to) {
            scan->at = end;
            return fail(scan);
        }
    }
    *to = '\0';
    if (ret_size)
        *ret_size = (size_t)(to - start);
    return start;
}

/* ---- objects and arrays ---- */

bool sqs_scan_enter(struct sqs_scan *scan, char bracket)
{
    if (!take(scan, bracket) || ++scan->depth > SQS_SCAN_DEPTH_MAX) {
        fail(scan);
        return false;
    }
    if (!take(scan, bracket == '{' ? '}' : ']'))
        return true;
    scan->depth--;
    return false;
}

bool sqs_scan_more(struct sqs_scan *scan, char bracket)
{
    if (scan->failed || take(scan, ','))
        return !scan->failed;
    if (!take(scan, bracket))
        fail(scan);
    scan->depth--;
    return false;
}

const char *sqs_scan_name(struct sqs_scan *scan)
{
    const char *name = sqs_scan_string(scan, NULL);
    if (name && !take(scan, ':'))
        name = fail(scan);
    return name ? name : "";
}

/* ---- any value ---- */

static void skip_word(struct sqs_scan *scan)
{
    size_t size = strspn(scan->at, "0123456789+-.eEaflnrstu");
    if (size == 0)
        fail(scan);
    scan->at += size;
}

void sqs_scan_skip(struct sqs_scan *scan)
{
    char kind = sqs_scan_kind(scan), end = kind == '{' ? '}' : ']';
    if (kind == '"') {
        sqs_scan_string(scan, NULL);
        return;
    }
    if (kind != '{' && kind != '[') {
        skip_word(scan);
        return;
    }
    for (bool more = sqs_scan_enter(scan, kind); more; more = sqs_scan_more(scan, end)) {
        if (kind == '{')
            sqs_scan_name(scan);
        if (!scan->failed)
            sqs_scan_skip(scan);
    }
}

bool sqs_scan_ended(struct sqs_scan *scan)
{
    return sqs_scan_kind(scan) == '\0' && !scan->failed;
}
