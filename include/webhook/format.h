/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_FORMAT_H
#define WEBHOOK_FORMAT_H

#include <stdbool.h>

/* What a webhook gets as the body of its requests. A delivery keeps the number on disk, so a number
 * never gets another meaning. */
enum webhook_format {
    WEBHOOK_STANDARD = 0,    /* our envelope around Amazon's bytes (design 4.3) */
    WEBHOOK_RAW = 1,         /* Amazon's bytes and nothing else */
    WEBHOOK_CLOUDEVENTS = 2, /* CloudEvents 1.0, structured mode, with the envelope's `data` */
    WEBHOOK_FORMATS = 3,
};

/* "standard", "raw" or "cloudevents", as the configuration calls it. Never NULL. */
const char *webhook_format_name(enum webhook_format format);

/* Finds the format of a name; false, with *ret untouched, where there is none. */
bool webhook_format_find(const char *name, enum webhook_format *ret);

/* The media type of its bodies, for the header content-type. Never NULL. */
const char *webhook_format_media_type(enum webhook_format format);

#endif
