/* SPDX-License-Identifier: MIT */
#ifndef BASE_DURABLE_H
#define BASE_DURABLE_H

#include <stddef.h>

/*
 * Small files that are always complete, in their new or in their old state: written beside, fsync,
 * rename, fsync of the directory. Mode 0600. A file that root writes gets the owner of the
 * directory, so that the daemon can read the files of an administrator's command.
 */

/* Replace directory/name. 0, or negative errno: then the old file is still there. */
int durable_write(const char *directory, const char *name, const void *bytes, size_t size);

/* Open a file with the flags of open(2), and create it, with mode 0600, if it is not there. The
 * last part of the path is never followed if it is a link. If root calls it and the file is root's,
 * the owner of the directory gets the file: a command of root must leave no file behind that the
 * daemon cannot open. A file with other names (hard links) stays root's. File descriptor, or
 * negative errno. */
int durable_open(const char *path, int flags);

/* Open the file or directory with the flags of open(2) and sync it. 0, or negative errno. */
int durable_sync(const char *path, int flags);

/* Remove the remains of an interrupted write. It is fine if there are none. */
void durable_clean(const char *directory, const char *name);

#endif
