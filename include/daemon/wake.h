/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_WAKE_H
#define DAEMON_WAKE_H

/*
 * How a command tells the running daemon that it has changed the store: one empty datagram to the
 * socket `wake` in the state directory. What changed is read from the store; a lost datagram costs
 * time, never an event.
 */
#define WAKE_FILE "wake"

/* Makes the socket, in place of one that an earlier run left. The caller must hold the lock
 * (daemon/lock.h). *ret_fd is non-blocking and the caller's; datagrams have no content that counts.
 * 0 or a negative errno. */
int wake_listen(const char *directory, int *ret_fd);

/* Sends one. Never blocks. 0, also when no daemon listens or its queue of datagrams is full; else a
 * negative errno. */
int wake_send(const char *directory);

#endif
