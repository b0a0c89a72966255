/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "text_utf8.h"

/* RFC 3629, table 3-7 of the Unicode standard: the first byte limits the bytes that may follow. */
size_t text_utf8_length(const char *bytes, size_t size)
{
    const unsigned char *b = (const unsigned char *)bytes;
    unsigned char low = 0x80, high = 0xbf;
    size_t length;

    if (b[0] < 0x80)
        return 1;
    if (b[0] >= 0xc2 && b[0] <= 0xdf)
        length = 2;
    else if (b[0] >= 0xe0 && b[0] <= 0xef)
        length = 3;
    else if (b[0] >= 0xf0 && b[0] <= 0xf4)
        length = 4;
    else
        return 0;
    if (b[0] == 0xe0)
        low = 0xa0;
    else if (b[0] == 0xed)
        high = 0x9f;
    else if (b[0] == 0xf0)
        low = 0x90;
    else if (b[0] == 0xf4)
        high = 0x8f;
    if (length > size || b[1] < low || b[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

bool text_is_utf8(const char *bytes, size_t size)
{
    size_t i = 0;
    while (i < size) {
        uint64_t eight;
        if (size - i >= 8 && (memcpy(&eight, bytes + i, 8), (eight & 0x8080808080808080ULL) == 0)) {
            i += 8;
            continue;
        }
        size_t length = text_utf8_length(bytes + i, size - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

static void append_escaped_byte(struct text *text, unsigned char c)
{
    switch (c) {
    case '\n':
        text_append(text, "\\n", 2);
        break;
    case '\t':
        text_append(text, "\\t", 2);
        break;
    case '\r':
        text_append(text, "\\r", 2);
        break;
    default:
        text_appendf(text, "\\x%02x", c);
    }
}

/* Whether the character changes the layout of text. U+2028 and U+2029 end a line, U+202A to U+202E
 * and U+2066 to U+2069 change the direction of text. */
static bool is_layout(const unsigned char *at)
{
    return at[0] == 0xe2 && ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
                             (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}

bool text_is_control(const char *character, size_t length)
{
    const unsigned char *at = (const unsigned char *)character;
    return (length == 1 && (at[0] < 0x20 || at[0] == 0x7f)) ||
           (length == 2 && at[0] == 0xc2 && at[1] < 0xa0) || (length == 3 && is_layout(at));
}

void text_append_escaped(struct text *text, const char *bytes, size_t size, size_t limit)
{
    const unsigned char *in = (const unsigned char *)bytes;
    size_t i = 0, end = size < limit ? size : limit;
    while (i < end) {
        size_t length = text_utf8_length(bytes + i, size - i);
        if (length > 1 && i + length > end)
            break; /* the cut is inside a character: leave it out whole */
        if (length == 0 || text_is_control(bytes + i, length)) {
            for (size_t k = 0; k < (length ? length : 1); k++)
                append_escaped_byte(text, in[i + k]);
        } else {
            text_append(text, bytes + i, length);
        }
        i += length ? length : 1;
    }
    if (size > limit)
        text_append_string(text, "...");
    text_reserve(text, 0);
}
