/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_WATCHED_FILES_H
#define SRC_AWS_WATCHED_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* The state of a file when it was added. */
struct watched_file {
    char *path;
    bool there;
    struct timespec changed;
    ino_t inode;
    off_t size;
};

/* More files are not watched. */
#define WATCHED_FILES_MAX 16

/* Files that credentials were read from. Zero: there are none. */
struct watched_files {
    struct watched_file files[WATCHED_FILES_MAX];
    size_t count;
};

/* Add a file in its present state, to be called before it is read. The path is copied; NULL is
 * fine. */
void watched_files_add(struct watched_files *files, const char *path);

/* Whether one of them is not as it was: another one, changed, new or gone. */
bool watched_files_changed(const struct watched_files *files);

/* Forget all files and free their paths. */
void watched_files_clear(struct watched_files *files);

#endif
