/* SPDX-License-Identifier: MIT */
#include "keep.h"

#include <string.h>

#include "reader.h"

size_t keep_room(struct notification_raw raw)
{
    return raw.size <= KEEP_RAW_MAX ? raw.size + 1 : 0;
}

const char *keep_text(char **next, struct notification_raw *raw)
{
    char *text = *next;
    bool fit = raw->size <= KEEP_RAW_MAX;
    size_t size = 0;

    if (fit && reader_is_string(*raw)) {
        size = reader_decode(text, *raw, &fit);
    } else if (fit && reader_is_number(*raw)) {
        size = raw->size;
        memcpy(text, raw->bytes, size);
    } else {
        fit = false;
    }
    if (!fit || size > NOTIFICATION_FIELD_MAX) {
        *raw = (struct notification_raw){0};
        return NULL;
    }
    if (size == 0)
        return NULL;
    text[size] = '\0';
    *next += size + 1;
    return text;
}
