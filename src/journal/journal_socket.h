/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_JOURNAL_SOCKET_H
#define JOURNAL_JOURNAL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/*
 * journald's socket. sd_journal_sendv(3) waits without a limit while journald does not read, and
 * with it the loop would stop. Here nobody waits longer than JOURNAL_SOCKET_WAIT_MS, and not at all
 * while journald is known not to read. The form is that of
 * https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ for fields without line breaks.
 */
#define JOURNAL_SOCKET_WAIT_MS 100

/* Where it is; tests have one of their own. */
extern const char *journal_socket_path;

/* Sends one entry: each part is "NAME=value" without a line break, RECORD_FIELDS_MAX at most. An
 * important one that journald does not read is kept (kept.h). 0: sent or kept; -EAGAIN: journald
 * does not read, and the entry is lost; or another negative errno. */
int journal_socket_send(const struct iovec parts[], size_t count, bool important);

#endif
