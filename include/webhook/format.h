/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_FORMAT_H
#define WEBHOOK_FORMAT_H

#include <stdbool.h>

/* The format of a webhook's request bodies. A delivery keeps the number on disk, so a number never
 * gets another meaning. */
enum webhook_format {
    WEBHOOK_STANDARD = 0,    /* our envelope around Amazon's bytes */
    WEBHOOK_RAW = 1,         /* Amazon's bytes and nothing else */
    WEBHOOK_CLOUDEVENTS = 2, /* CloudEvents 1.0, structured mode, with the envelope's `data` */
    WEBHOOK_FORMATS = 3,
};

/* The name of a format in the configuration: "standard", "raw" or "cloudevents". Never NULL. */
const char *webhook_format_name(enum webhook_format format);

/* Find the format with a name. Returns false, and leaves *ret as it is, if there is none. */
bool webhook_format_find(const char *name, enum webhook_format *ret);

/* The media type of a format's bodies, for the header content-type. Never NULL. */
const char *webhook_format_media_type(enum webhook_format format);

#endif
