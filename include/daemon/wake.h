/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_WAKE_H
#define DAEMON_WAKE_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"

/*
 * How a command notifies the running daemon that it has changed the store: by one empty datagram to
 * the socket `wake` in the state directory. The daemon reads the changes from the store; a lost
 * datagram costs time, never an event. If the command's socket has an address, the daemon answers:
 * with its state in one sentence, when all facts of `dockbell status` are on disk.
 */
#define WAKE_FILE "wake"

/* Make the socket, in place of one that an earlier run left. The caller must hold the lock
 * (daemon/lock.h). *ret_fd is non-blocking and the caller's; the content of datagrams means
 * nothing. 0 or a negative errno. */
int wake_listen(const char *directory, int *ret_fd);

/* Send a datagram. Never blocks. 0, also if no daemon listens or its queue of datagrams is full;
 * else a negative errno. */
int wake_send(const char *directory);

/* Bytes of the answer's sentence. */
#define WAKE_ANSWER_MAX 4096

/* The address to answer; size 0: none. */
struct wake_asker {
    struct sockaddr_un address;
    socklen_t size;
};

/* Ask the daemon and wait for its answer, at most wait_usec. 1 and the sentence in *ret_line; 0: no
 * answer came in time, or no daemon listens; else a negative errno (-EACCES: only root and the
 * service's user may ask). */
int wake_ask(const char *directory, uint64_t wait_usec, struct text *ret_line);

/* The daemon's side: take one datagram (negative errno: there is none), and answer one. An asker
 * that is gone, or whose buffer is full, gets nothing. */
int wake_take(int fd, struct wake_asker *ret);
void wake_answer(int fd, const struct wake_asker *asker, const char *line);

#endif
