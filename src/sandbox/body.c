/* SPDX-License-Identifier: MIT */
#include "body.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* For each byte: 0 for unchanged, REFUSED, MAYBE refused (the next two bytes decide), or the
 * character that follows the backslash. */
enum { REFUSED = 1, MAYBE = 2 };
__extension__ static const char escapes[256] = {
    [0 ... 8] = REFUSED,   ['\t'] = 't', ['\n'] = 'n',  [11 ... 12] = REFUSED, ['\r'] = 'r',
    [14 ... 31] = REFUSED, ['"'] = '"',  ['\\'] = '\\', [0xef] = MAYBE,
};

/* Whether the character is U+FFFE or U+FFFF: EF BF BE or EF BF BF. */
static bool is_noncharacter(const unsigned char *at, size_t left)
{
    return left >= 3 && at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe;
}

int body_escape(struct text *out, const char *bytes, size_t size)
{
    if (!text_is_utf8(bytes, size))
        return -EILSEQ;
    text_reserve(out, size + size / 4);
    size_t plain = 0; /* start of the bytes that are copied unchanged */
    for (size_t i = 0; i < size; i++) {
        char escape = escapes[(unsigned char)bytes[i]];
        if (escape == 0)
            continue;
        if (escape == REFUSED ||
            (escape == MAYBE && is_noncharacter((const unsigned char *)bytes + i, size - i)))
            return -EILSEQ;
        if (escape == MAYBE)
            continue;
        text_append(out, bytes + plain, i - plain);
        text_append(out, (char[]){'\\', escape}, 2);
        plain = i + 1;
    }
    text_append(out, bytes + plain, size - plain);
    return 0;
}

void body_md5(char out[33], const void *bytes, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(bytes, size, digest, &length, EVP_md5(), NULL) != 1 || length != 16)
        abort(); /* the sandbox is for developers' machines: no FIPS build there */
    text_hex(out, digest, 16);
}

bool body_has_escaped_nul(const char *json, size_t size)
{
    const char *at = json, *end = json + size;
    while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL && end - at >= 6) {
        if (memcmp(at, "\\u0000", 6) == 0)
            return true;
        at += 2; /* the backslash and the escaped character */
    }
    return false;
}
