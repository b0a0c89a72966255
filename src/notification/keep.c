/* SPDX-License-Identifier: MIT */
#include "keep.h"

#include <string.h>

#include "reader.h"

size_t keep_room(struct notification_raw raw)
{
    return raw.size <= KEEP_RAW_MAX ? raw.size + 1 : 0;
}

size_t keep_room_member(struct notification_raw member)
{
    return 2 * keep_room(member); /* the JSON string and the text that is made of it */
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

struct notification_raw keep_member(char **next, struct notification_raw member)
{
    char *start = *next, *to = start;
    if (!member.bytes || member.size > KEEP_RAW_MAX)
        return (struct notification_raw){0};
    size_t name = (size_t)(reader_skip(member.bytes) - member.bytes) - 1; /* and one quote */
    const char *value = reader_value(member.bytes);
    struct notification_raw raw = {value, (size_t)(member.bytes + member.size - value)};
    bool quoted = reader_is_string(raw);

    if (quoted ? raw.size == 2 : !reader_is_number(raw))
        return (struct notification_raw){0};
    to = (char *)memcpy(to, member.bytes, name) + name;
    *to++ = ':';
    to = (char *)memcpy(to, raw.bytes + quoted, raw.size - quoted) + raw.size - quoted;
    if (!quoted)
        *to++ = '"';
    *next = to;
    return (struct notification_raw){start, (size_t)(to - start)};
}
