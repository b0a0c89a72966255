/* SPDX-License-Identifier: MIT */
#include "base/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

trace_sink_fn trace_sink;

/* Return the folder and the file, which are enough to find the line. The build may give
 * a whole path. */
static const char *short_name(const char *file)
{
    const char *src = strstr(file, "src/");
    return src ? src + strlen("src/") : file;
}

void trace_put(const char *file, int line, const char *function, const char *format, ...)
{
    char text[TRACE_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    struct trace trace = {short_name(file), line, function, text};
    trace_sink(&trace);
}
