/* SPDX-License-Identifier: MIT */
#include "event_type.h"

#include <string.h>

#include "base/json.h"

void event_type_append(struct text *out, const char *type)
{
    json_raw(out, "type", "\"amazon.", strlen("\"amazon."));
    for (const char *c = type ? type : "unknown"; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            text_append_char(out, (char)(*c + ('a' - 'A')));
        else if ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9'))
            text_append_char(out, *c);
        else if (((unsigned char)*c & 0xc0) != 0x80)
            text_append_char(out, '_');
    }
    text_append_char(out, '"');
}
