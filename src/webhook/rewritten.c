/* SPDX-License-Identifier: MIT */
#include "rewritten.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"

/* The text in front of Amazon's bytes. */
#define NOTIFICATION "\"notification\":"

/* Beginnings of bodies without blanks. */
#define STANDARD   "{\"type\":\"amazon."
#define CLOUDEVENT "{\"specversion\":"
#define SORTED     "{\"data\":{" /* the first name in alphabetical order */

static void append_without_blanks(struct text *out, struct webhook_part body)
{
    const char *bytes = body.bytes;
    bool quoted = false;
    text_reserve(out, body.size);
    for (size_t i = 0; i < body.size; i++) {
        if (!quoted && strchr(" \t\r\n", bytes[i]) && bytes[i])
            continue;
        if (quoted && bytes[i] == '\\' && i + 1 < body.size)
            text_append_char(out, bytes[i++]);
        else if (bytes[i] == '"')
            quoted = !quoted;
        text_append_char(out, bytes[i]);
    }
}

void rewritten_form(struct text *out, unsigned form, struct webhook_part body)
{
    AUTOTEXT struct text plain = {0};
    append_without_blanks(&plain, body);
    if (!plain.size)
        return;
    const char *inner = memmem(plain.data, plain.size, NOTIFICATION, strlen(NOTIFICATION));
    size_t kept = form == 0 ? plain.size : 0; /* bytes before those that get blanks */
    if (form == 2 && inner)
        kept = (size_t)(inner - plain.data) + strlen(NOTIFICATION);
    text_append(out, plain.data, kept);
    json_spread(out, plain.data + kept, plain.size - kept);
}

bool rewritten_begins_otherwise(struct webhook_part body)
{
    static const char *const ours[] = {STANDARD, CLOUDEVENT};
    AUTOTEXT struct text plain = {0};
    append_without_blanks(&plain, body);
    if (!plain.size || text_starts(plain.data, SORTED))
        return plain.size > 0;
    for (size_t i = 0; i < ELEMENTS(ours); i++) {
        size_t size = strlen(ours[i]);
        if (text_starts(plain.data, ours[i]))
            return body.size < size || memcmp(body.bytes, ours[i], size) != 0;
    }
    return false;
}
