/* SPDX-License-Identifier: MIT */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The file system on which a directory is.
 */
struct disk {
    uint64_t free_bytes; /* that a process without privileges may use */
    bool read_only;      /* the whole file system, for all: remounted after an error */
    bool closed;         /* only this mount of it: a service's sandbox, a read-only bind mount */
    char source[256];    /* the device, as in mountinfo; "" if it is not known */
};

/* Look at the file system of a directory. 0 or a negative errno. The reason why a mount is
 * read-only comes from /proc/self/mountinfo (proc(5)). If that cannot be read, read_only is
 * assumed. */
int disk_look(const char *directory, struct disk *ret);

#endif
