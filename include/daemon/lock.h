/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOCK_H
#define DAEMON_LOCK_H

#include <sys/types.h>

/*
 * One daemon per state directory. The file `lock` in it is locked by the running daemon for as long
 * as it lives (an open file description lock, fcntl(2): the kernel gives it up with the process,
 * and others can ask for it without taking it) and holds its pid.
 */
#define LOCK_FILE "lock"

/* Takes the lock. 0 and *ret_fd, which the caller keeps open for as long as the lock shall last; 1
 * when another process has it, with its pid in *ret_other (0: unknown); or a negative errno. */
int lock_take(const char *directory, int *ret_fd, pid_t *ret_other);

/* The pid of the daemon that runs on this directory, 0 when none does, -1 when it cannot be told
 * (no permission, or the lock is held and the file names no pid). */
pid_t lock_holder(const char *directory);

#endif
