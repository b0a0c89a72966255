/* SPDX-License-Identifier: MIT */
#include "webhook/format.h"

#include <string.h>

static const struct {
    const char *name, *media_type;
} formats[WEBHOOK_FORMATS] = {
    [WEBHOOK_STANDARD] = {"standard", "application/json"},
    [WEBHOOK_RAW] = {"raw", "application/json"},
    [WEBHOOK_CLOUDEVENTS] = {"cloudevents", "application/cloudevents+json"},
};

/* Return the row of the format. The number may come from a damaged disk. */
static unsigned row_of(enum webhook_format format)
{
    return (unsigned)format < WEBHOOK_FORMATS ? format : WEBHOOK_STANDARD;
}

const char *webhook_format_name(enum webhook_format format)
{
    return formats[row_of(format)].name;
}

bool webhook_format_find(const char *name, enum webhook_format *ret)
{
    for (unsigned i = 0; i < WEBHOOK_FORMATS; i++) {
        if (strcmp(name, formats[i].name) != 0)
            continue;
        *ret = (enum webhook_format)i;
        return true;
    }
    return false;
}

const char *webhook_format_media_type(enum webhook_format format)
{
    return formats[row_of(format)].media_type;
}
