/* SPDX-License-Identifier: MIT */
#include "base/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

trace_sink_fn trace_sink;

/* The build may give a whole path; the folder and the file are enough to find the line. */
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
