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

/* Open the file or directory with the flags of open(2) and sync it. 0, or negative errno. */
int durable_sync(const char *path, int flags);

/* Remove the remains of an interrupted write. It is fine if there are none. */
void durable_clean(const char *directory, const char *name);

#endif
