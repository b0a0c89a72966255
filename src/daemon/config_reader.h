/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include <stddef.h>

/*
 * The syntax: sections, keys and values, comments, continued lines. What sections and keys mean is
 * somebody else's. Strings live during the call.
 */
struct config_lines {
    /* "[kind name]"; name is NULL for "[kind]". kind is NULL for a header that cannot be read: what
     * follows belongs to no section, and `problem` has said so. */
    void (*section)(unsigned line, const char *kind, const char *name, void *userdata);
    void (*value)(unsigned line, const char *key, const char *value, void *userdata);
    /* Never repeats what the line says: it may be a piece of a secret. */
    void (*problem)(unsigned line, const char *text, void *userdata);
    void *userdata;
};

/* Reads a whole file's bytes. */
void config_read_lines(const char *bytes, size_t size, const struct config_lines *lines);

/* Reads a file into *ret, which the caller frees. 0; -EFBIG: more than CONFIG_FILE_MAX; other
 * negative errno. */
int config_read_file(const char *path, char **ret, size_t *ret_size);

#endif
