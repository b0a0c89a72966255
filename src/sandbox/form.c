/* SPDX-License-Identifier: MIT */
#include "form.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static int hex_pair(const char *text, size_t left)
{
    if (left < 2 || !isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
        return -1;
    char digits[3] = {text[0], text[1], '\0'};
    return (int)strtol(digits, NULL, 16);
}

/* Decode a name or value. NULL if an escape is bad. */
static char *decode(const char *bytes, size_t size)
{
    AUTOTEXT struct text out = {0};
    text_reserve(&out, size);
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '%') {
            text_append_char(&out, bytes[i] == '+' ? ' ' : bytes[i]);
            continue;
        }
        int value = hex_pair(bytes + i + 1, size - i - 1);
        if (value <= 0)
            return NULL;
        text_append_char(&out, (char)value);
        i += 2;
    }
    return text_take(&out);
}

static int add_field(struct form *form, const char *bytes, size_t size)
{
    const char *equals = memchr(bytes, '=', size);
    if (!equals || form->count == FORM_FIELDS_MAX)
        return -EINVAL;
    AUTOFREE char *name = decode(bytes, (size_t)(equals - bytes));
    AUTOFREE char *value = decode(equals + 1, (size_t)(bytes + size - equals - 1));
    if (!name || !value || form_get(form, name))
        return -EINVAL;
    form->names[form->count] = TAKE(name);
    form->values[form->count++] = TAKE(value);
    return 0;
}

int form_parse(struct form *ret, const char *bytes, size_t size)
{
    *ret = (struct form){.count = 0};
    while (size > 0) {
        const char *end = memchr(bytes, '&', size);
        size_t field = end ? (size_t)(end - bytes) : size;
        if (field > 0 && add_field(ret, bytes, field) < 0) {
            form_clear(ret);
            return -EINVAL;
        }
        size -= field + (end ? 1 : 0);
        bytes += field + (end ? 1 : 0);
    }
    return 0;
}

void form_clear(struct form *form)
{
    for (size_t i = 0; i < form->count; i++) {
        free(form->names[i]);
        free(form->values[i]);
    }
    form->count = 0;
}

const char *form_get(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (text_equal(form->names[i], name))
            return form->values[i];
    return NULL;
}
