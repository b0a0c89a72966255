/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_WAKE_H
#define DAEMON_WAKE_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"

/*
 * How a command tells the running daemon that it has changed the store: one empty datagram to the
 * socket `wake` in the state directory. What changed is read from the store; a lost datagram costs
 * time, never an event. A command that has an address of its own and asks by it is sent the state
 * in one sentence when all facts of `dockbell status` are on disk.
 */
#define WAKE_FILE "wake"

/* Makes the socket, in place of one that an earlier run left. The caller must hold the lock
 * (daemon/lock.h). *ret_fd is non-blocking and the caller's; datagrams have no content that counts.
 * 0 or a negative errno. */
int wake_listen(const char *directory, int *ret_fd);

/* Sends one. Never blocks. 0, also when no daemon listens or its queue of datagrams is full; else a
 * negative errno. */
int wake_send(const char *directory);

/* Bytes of the sentence. */
#define WAKE_ANSWER_MAX 4096

/* Whom to answer; size 0: nobody. */
struct wake_asker {
    struct sockaddr_un address;
    socklen_t size;
};

/* Asks the daemon and waits for its answer, at most so long. 1 and the sentence in *ret_line; 0:
 * there was no answer in time, or no daemon listens; else a negative errno (-EACCES: only root and
 * the service's user may ask). */
int wake_ask(const char *directory, uint64_t wait_usec, struct text *ret_line);

/* The daemon's side: takes one datagram (negative errno: there is none), and answers one. An asker
 * that is gone, or whose buffer is full, gets nothing. */
int wake_take(int fd, struct wake_asker *ret);
void wake_answer(int fd, const struct wake_asker *asker, const char *line);

#endif
