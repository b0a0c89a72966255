/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

void text_clear(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

void text_reset(struct text *text)
{
    text->size = 0;
    if (text->data)
        text->data[0] = '\0';
}

void text_reserve(struct text *text, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(text->size, more, &need) || ++need == 0)
        abort();
    if (need <= text->allocated)
        return;
    size_t room = text->allocated ? text->allocated : 64;
    while (room < need)
        room = room > SIZE_MAX / 2 ? need : room * 2;
    text->data = memory_resize(text->data, room, 1);
    text->data[text->size] = '\0';
    text->allocated = room;
}

void text_append(struct text *text, const void *bytes, size_t size)
{
    if (text->allocated - text->size <= size)
        text_reserve(text, size);
    if (size)
        memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void text_append_string(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_append_char(struct text *text, char c)
{
    if (text->allocated - text->size <= 1)
        text_reserve(text, 1);
    text->data[text->size++] = c;
    text->data[text->size] = '\0';
}

void text_appendf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_appendv(text, format, arguments);
    va_end(arguments);
}

void text_appendv(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    text_reserve(text, 1);
    size_t room = text->allocated - text->size;
    int size = vsnprintf(text->data + text->size, room, format, arguments);
    if (size < 0)
        abort();
    if ((size_t)size >= room) {
        text_reserve(text, (size_t)size);
        vsnprintf(text->data + text->size, (size_t)size + 1, format, again);
    }
    text->size += (size_t)size;
    va_end(again);
}

void text_number(char *out, uint64_t number)
{
    char digits[TEXT_NUMBER_MAX];
    char *end = digits + sizeof(digits), *at = end;
    *--at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    memcpy(out, at, (size_t)(end - at));
}

void text_append_number(struct text *text, uint64_t number)
{
    char digits[TEXT_NUMBER_MAX];
    text_number(digits, number);
    text_append_string(text, digits);
}

char *text_take(struct text *text)
{
    text_reserve(text, 0);
    char *taken = text->data;
    *text = (struct text){0};
    return taken;
}

void text_hex(char *out, const void *bytes, size_t size)
{
    const unsigned char *in = bytes;
    for (size_t i = 0; i < size; i++) {
        *out++ = "0123456789abcdef"[in[i] >> 4];
        *out++ = "0123456789abcdef"[in[i] & 15];
    }
    *out = '\0';
}

void text_copy(char *out, size_t size, const char *string)
{
    assert(size > 0);
    const char *from = string ? string : "";
    size_t length = strlen(from);
    if (length >= size) {
        length = size - 1;
        /* Move back to the start of the character that would be cut. */
        while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(out, from, length);
    out[length] = '\0';
}

void text_copy_word(char *out, size_t room, const char *string)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789._-";
    const char *word = string ? string : "";
    size_t size = strspn(word, allowed);
    if (size >= room)
        size = room - 1;
    memcpy(out, word, size);
    out[size] = '\0';
}

bool text_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_starts(const char *string, const char *prefix)
{
    return string && strncmp(string, prefix, strlen(prefix)) == 0;
}

int text_to_u64(const char *string, uint64_t *ret)
{
    uint64_t value = 0;
    if (!string || *string == '\0')
        return -EINVAL;
    bool over = false;
    for (const char *at = string; *at; at++) {
        if (*at < '0' || *at > '9')
            return -EINVAL;
        over = over || __builtin_mul_overflow(value, 10, &value) ||
               __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value);
    }
    if (over)
        return -ERANGE;
    *ret = value;
    return 0;
}

void text_span(char *out, uint64_t span_usec)
{
    static const struct {
        const char *name;
        uint64_t usec;
    } units[] = {
        {"d", USEC_PER_DAY}, {"h", USEC_PER_HOUR},  {"m", USEC_PER_MIN},
        {"s", USEC_PER_SEC}, {"ms", USEC_PER_MSEC},
    };
    size_t i = 0;
    while (i < ELEMENTS(units) - 1 && span_usec < units[i].usec)
        i++;
    uint64_t whole = span_usec / units[i].usec, rest = span_usec % units[i].usec;
    bool second = i < 3 && rest >= units[i + 1].usec;
    if (whole == 0)
        snprintf(out, TEXT_SPAN_MAX, "0s");
    else if (second)
        snprintf(out, TEXT_SPAN_MAX, "%llu%s %llu%s", (unsigned long long)whole, units[i].name,
                 (unsigned long long)(rest / units[i + 1].usec), units[i + 1].name);
    else
        snprintf(out, TEXT_SPAN_MAX, "%llu%s", (unsigned long long)whole, units[i].name);
}

/* ---- percent-encoding (RFC 3986) ---- */

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void text_append_percent(struct text *out, const char *bytes, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (is_unreserved(bytes[i]))
            text_append_char(out, bytes[i]);
        else
            text_append(out, (char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
    }
}
