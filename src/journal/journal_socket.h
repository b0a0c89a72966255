/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_JOURNAL_SOCKET_H
#define SRC_JOURNAL_JOURNAL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/*
 * journald's socket. If journald does not read, sd_journal_sendv(3) waits without a limit, and the
 * loop would stop. Here the wait is at most JOURNAL_SOCKET_WAIT_MS, and there is none while
 * journald is known not to read. The format is that of https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
 * for fields without line breaks.
 */
#define JOURNAL_SOCKET_WAIT_MS 100

/* The path of the socket. Tests use one of their own. */
extern const char *journal_socket_path;

/* Send one entry. Each part is "NAME=value" without a line break; RECORD_FIELDS_MAX at most. If
 * journald does not read an important entry, it is kept (kept.h). Return 0 if the entry was sent or
 * kept, -EAGAIN if journald does not read and the entry is lost, or another negative errno. */
int journal_socket_send(const struct iovec parts[], size_t count, bool important);

#endif
