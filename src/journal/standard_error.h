/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_STANDARD_ERROR_H
#define SRC_JOURNAL_STANDARD_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Lines for standard error, which may be a pipe without a reader
 * (docs/decisions/0026-logging-waits-for-nobody.md). A line waits at most STANDARD_ERROR_WAIT_MS
 * for its reader, and not at all while the reader is behind. Important lines that are not taken are
 * kept (kept.h).
 */
#define STANDARD_ERROR_WAIT_MS 100

/* Write a line, which ends with a line feed and is shorter than PIPE_BUF. Return false
 * if it is lost. */
bool standard_error_write(const char *line, size_t size, bool important);

/* Whether stderr is the journal: $JOURNAL_STREAM names its device and inode (systemd.exec(5)). This
 * is checked once, because neither changes while the program runs. */
bool standard_error_is_journal(void);

#endif
