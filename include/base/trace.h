/* SPDX-License-Identifier: MIT */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include <stddef.h>

/*
 * Traces: the steps of a running daemon, for a person who debugs it: moves of states, claims,
 * commits, each HTTP call, each failure of SQLite. Off by default; `log_level = debug` turns them
 * on. If a user should know about a step, it is an event (journal/events.h) and not a trace.
 *
 *     TRACE("claimed %zu of %u deliveries", count, want);
 *
 * Never trace a secret, a body or a path of a URL: a path can be a secret.
 */

/* One trace: its place in the source and its text. Nothing is escaped. The strings are borrowed. */
struct trace {
    const char *file;
    int line;
    const char *function;
    const char *text;
};

/* Bytes of one text, with its NUL; a longer one is cut. */
#define TRACE_TEXT_MAX 512

/* The receiver of traces. It must not trace. */
typedef void (*trace_sink_fn)(const struct trace *trace);

/* NULL, the default: there is none, and a TRACE costs one comparison. */
extern trace_sink_fn trace_sink;

/* Format the text and give it to the sink, which must be set. */
void trace_put(const char *file, int line, const char *function, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define TRACE(...)                                                                                 \
    do {                                                                                           \
        if (__builtin_expect(trace_sink != NULL, 0))                                               \
            trace_put(__FILE__, __LINE__, __func__, __VA_ARGS__);                                  \
    } while (0)

#endif
