/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOCK_H
#define DAEMON_LOCK_H

#include <sys/types.h>

/*
 * One daemon per state directory. The running daemon holds two locks as long as it lives; the
 * kernel releases them when the process ends.
 * The directory itself is locked (flock(2)): that lock cannot be deleted together with a file.
 * The file `lock` in it is locked too (an open file description lock, fcntl(2)) and holds the pid.
 * Others can read who has this lock without taking it. On a file system that cannot lock
 * directories (NFS), it is the only lock.
 */
#define LOCK_FILE "lock"

struct lock {
    int directory_fd, file_fd; /* negative: not held */
};
#define LOCK_NONE ((struct lock){-1, -1})

/* Take the lock. 0 and *ret, which the caller gives to lock_drop; 1 if another process has it, with
 * its pid in *ret_other (0: unknown); or a negative errno. A full disk is no failure: then the file
 * names no pid. If a command asks at the same moment, this waits for it, LOCK_WAIT_MS at most. */
#define LOCK_WAIT_MS 1000
int lock_take(const char *directory, struct lock *ret, pid_t *ret_other);
void lock_drop(struct lock *lock);

/* If the file was deleted, make it again: others read in it who runs. */
void lock_keep(const char *directory, struct lock *lock);

/* Return the pid of the daemon that runs on this directory, 0 if none does, -1 if it is not known
 * (no permission, or the lock is held and the file names no pid or was deleted). */
pid_t lock_holder(const char *directory);

#endif
