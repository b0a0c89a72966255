/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <stdlib.h>
#include <string.h>

#define HANDLE_KEY "\"ReceiptHandle\":\""
#define BODY_KEY   "\"Body\":\""
#define ID_KEY     "otificationId\"" /* both spellings of the first letter */

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3F));
    } else {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
        *out++ = (char)(0x80 | (code & 0x3F));
    }
    return out;
}

/* Unescapes a JSON string up to its closing quote, in place; returns behind the quote. */
static char *unescape(char *in, size_t *ret_size)
{
    static const char letters[] = "nrtbf", values[] = "\n\r\t\b\f";
    char *start = in, *out = in;
    while (*in && *in != '"') {
        if (*in != '\\') {
            *out++ = *in++;
            continue;
        }
        in++;
        const char *letter = *in ? strchr(letters, *in) : NULL;
        if (*in == 'u') {
            char hex[5] = {0};
            strncpy(hex, in + 1, 4);
            in += 1 + strlen(hex);
            out = put_utf8(out, (unsigned)strtoul(hex, NULL, 16));
            continue;
        }
        *out++ = letter ? values[letter - letters] : *in;
        if (*in)
            in++;
    }
    char *behind = *in ? in + 1 : in;
    *out = '\0';
    *ret_size = (size_t)(out - start);
    return behind;
}

size_t scan_messages(char *answer, struct scan_message messages[SCAN_MESSAGES])
{
    size_t handles = 0, bodies = 0;
    char *at = answer;
    for (; handles < SCAN_MESSAGES && (at = strstr(at, HANDLE_KEY)); handles++) {
        at += strlen(HANDLE_KEY);
        messages[handles].handle = at;
        messages[handles].handle_size = strcspn(at, "\"");
    }
    /* Handles first: unescaping ends each body with a NUL that strstr would stop at. */
    at = answer;
    for (; bodies < handles && (at = strstr(at, BODY_KEY)); bodies++) {
        messages[bodies].body = at + strlen(BODY_KEY);
        at = unescape(messages[bodies].body, &messages[bodies].body_size);
    }
    return bodies;
}

const char *scan_id(const char *body, size_t *ret_size)
{
    const char *at = strstr(body, ID_KEY);
    if (!at || !(at = strchr(at + strlen(ID_KEY), '"')))
        return NULL;
    *ret_size = strcspn(++at, "\"");
    return at;
}
