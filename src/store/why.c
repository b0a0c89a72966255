/* SPDX-License-Identifier: MIT */
#include <stdarg.h>

#include "base/text.h"
#include "inside.h"

int store_say(struct store *store, int result, const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_appendv(&text, format, arguments);
    va_end(arguments);
    free(store->why);
    store->why = text_take(&text);
    return result;
}

const char *store_why(const struct store *store)
{
    return store->why ? store->why : "";
}
