/* SPDX-License-Identifier: MIT */
#ifndef SCRATCH_H
#define SCRATCH_H

/* A directory of its own for a test, below $TMPDIR. The caller ends it with scratch_remove, which
 * frees the path as well. */
char *scratch_new(void);
void scratch_remove(char *directory);

/* Writes directory/name (whose own directories are made) and returns its path; the caller frees it.
 */
char *scratch_write(const char *directory, const char *name, const char *content);

#endif
