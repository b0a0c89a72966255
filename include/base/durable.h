/* SPDX-License-Identifier: MIT */
#ifndef BASE_DURABLE_H
#define BASE_DURABLE_H

#include <stddef.h>

/*
 * Small files that are there whole, or as they were before, whatever happens: written beside,
 * fsync, rename, fsync of the directory. Mode 0600; what root writes belongs to whoever owns the
 * directory, so that the daemon can read what an administrator's command left.
 */

/* Replaces directory/name. 0, or negative errno: then what was there is still there. */
int durable_write(const char *directory, const char *name, const void *bytes, size_t size);

/* Opens the file or directory with the flags of open(2) and syncs it. 0, or negative errno. */
int durable_sync(const char *path, int flags);

/* Removes what a write that was cut off left behind. Nothing there is fine. */
void durable_clean(const char *directory, const char *name);

#endif
