/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_TRACE_H
#define SRC_JOURNAL_TRACE_H

#include "base/trace.h"

/* The sink of base/trace.h: an entry of the journal with PRIORITY=7, CODE_FILE=, CODE_LINE= and
 * CODE_FUNC= (systemd.journal-fields(7)), or a line of stderr. If the journal does not take an
 * entry at once, it is lost, because the daemon must not wait for a trace. */
void journal_trace(const struct trace *trace);

#endif
