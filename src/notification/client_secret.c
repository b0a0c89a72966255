/* SPDX-License-Identifier: MIT */
#include "client_secret.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"

#define CLIENT_SECRET_TYPE   "APPLICATION_OAUTH_CLIENT_NEW_SECRET"
#define CLIENT_SECRET_MEMBER "newClientSecret"

static int hex_digit(unsigned char c)
{
    return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* Return the character of "uXXXX" at `at`, or -1. */
static int escaped(const char *at, const char *end)
{
    int value = 0;
    if (end - at < 5 || *at != 'u')
        return -1;
    for (int i = 1; i < 5; i++) {
        int digit = hex_digit((unsigned char)at[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* Copy the bytes in lower case, without NULs and backslashes. \uXXXX becomes its character if its
 * code is below 0x100. Return the number of copied bytes. */
static size_t fold(char *out, const char *at, const char *end)
{
    char *to = out;
    while (at < end) {
        bool backslash = *at == '\\';
        int c = backslash ? escaped(at + 1, end) : -1;
        if (c >= 0) {
            at += 6;
        } else {
            c = backslash ? 0 : (unsigned char)*at;
            at++;
        }
        if (c != 0 && c < 0x100)
            *to++ = (char)tolower(c);
    }
    return (size_t)(to - out);
}

static bool has(const char *folded, size_t size, const char *word)
{
    char lower[64];
    size_t length = strlen(word);
    for (size_t i = 0; i < length; i++)
        lower[i] = (char)tolower((unsigned char)word[i]);
    return memmem(folded, size, lower, length) != NULL;
}

bool client_secret_mentioned(const char *bytes, size_t size)
{
    AUTOFREE char *folded = memory_resize(NULL, size + 1, 1);
    size_t left = fold(folded, bytes, bytes + size);
    return has(folded, left, CLIENT_SECRET_TYPE) || has(folded, left, CLIENT_SECRET_MEMBER);
}
