/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "journal_socket.h"
#include "standard_error.h"

enum { FIELDS = 6, FIELD_SIZE = 128 };

static void send_to_journal(const struct trace *trace, const char *text)
{
    char fields[FIELDS - 1][FIELD_SIZE];
    AUTOTEXT struct text message = {0};
    struct iovec parts[FIELDS];
    text_appendf(&message, "MESSAGE=%s", text);
    snprintf(fields[0], FIELD_SIZE, "PRIORITY=7");
    snprintf(fields[1], FIELD_SIZE, "SYSLOG_IDENTIFIER=dockbell");
    snprintf(fields[2], FIELD_SIZE, "CODE_FILE=%s", trace->file);
    snprintf(fields[3], FIELD_SIZE, "CODE_LINE=%d", trace->line);
    snprintf(fields[4], FIELD_SIZE, "CODE_FUNC=%s", trace->function);
    for (size_t i = 0; i < FIELDS - 1; i++)
        parts[i] = (struct iovec){fields[i], strlen(fields[i])};
    parts[FIELDS - 1] = (struct iovec){message.data, message.size};
    journal_socket_send(parts, FIELDS, false);
}

void journal_trace(const struct trace *trace)
{
    AUTOTEXT struct text text = {0};
    text_append_escaped(&text, trace->text, strlen(trace->text), TRACE_TEXT_MAX);
    if (standard_error_is_journal()) {
        send_to_journal(trace, text.data);
        return;
    }
    AUTOTEXT struct text line = {0};
    text_appendf(&line, "debug: %s:%d: %s\n", trace->file, trace->line, text.data);
    standard_error_write(line.data, line.size, false);
}
