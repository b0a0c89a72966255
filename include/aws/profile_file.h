/* SPDX-License-Identifier: MIT */
#ifndef AWS_PROFILE_FILE_H
#define AWS_PROFILE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * A config or credentials file of the AWS programs. The rules are those of botocore, which reads
 * such files with Python's configparser: = or : separates, comments have lines of their own, keys
 * are in lower case, an indented line continues a value, a section or key that is given twice is an
 * error. In the config file a profile is [profile NAME] or [default], in the credentials file
 * [NAME].
 */
struct profile_file;

enum profile_file_kind {
    PROFILE_FILE_CONFIG,
    PROFILE_FILE_CREDENTIALS,
};

/* A file may have so many bytes. */
#define PROFILE_FILE_MAX ((size_t)1024 * 1024)

/* Parse the contents of a file; `path` is for messages. 0, or -EIO with path and line in *error,
 * which never repeats a value. The caller owns the file (profile_file_free). */
int profile_file_parse(struct profile_file **ret, enum profile_file_kind kind, const char *path,
                       const char *bytes, size_t size, struct error *error);

/* Read a file. 0; 1: there is none; -EIO with the reason in *error. */
int profile_file_read(struct profile_file **ret, enum profile_file_kind kind, const char *path,
                      struct error *error);

/* Wipe and free a file. NULL is fine. */
void profile_file_free(struct profile_file *file);

/* Whether the file has the profile; file may be NULL. */
bool profile_file_has(const struct profile_file *file, const char *profile);

/* Return the value of a key of a profile; NULL: it has none, or one that is made of further keys.
 * file may be NULL. Borrowed. */
const char *profile_file_get(const struct profile_file *file, const char *profile, const char *key);

#endif
