/* SPDX-License-Identifier: MIT */
#ifndef STANDARD_ERROR_H
#define STANDARD_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Lines for standard error, which may be a pipe that nobody reads
 * (docs/decisions/0026-logging-waits-for-nobody.md). A line waits for its reader for
 * STANDARD_ERROR_WAIT_MS at most, and not at all while the reader is behind. Important lines that
 * do not get through are kept (kept.h).
 */
#define STANDARD_ERROR_WAIT_MS 100

/* `line` ends with a line feed and is shorter than PIPE_BUF. False: it is lost. */
bool standard_error_write(const char *line, size_t size, bool important);

/* Whether stderr is the journal: $JOURNAL_STREAM names its device and inode (systemd.exec(5)).
 * Looked up once, as neither changes while the program runs. */
bool standard_error_is_journal(void);

#endif
