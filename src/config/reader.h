/* SPDX-License-Identifier: MIT */
#ifndef SRC_CONFIG_READER_H
#define SRC_CONFIG_READER_H

#include <stddef.h>

/*
 * The syntax: sections, keys and values, comments, continued lines. It does not know the meaning of
 * sections and keys. Strings live during the call.
 */
struct config_lines {
    /* "[kind name]"; name is NULL for "[kind]". kind is NULL for a header that cannot be read:
     * `problem` was called, and the values that follow belong to no section. */
    void (*section)(unsigned line, const char *kind, const char *name, void *userdata);
    void (*value)(unsigned line, const char *key, const char *value, void *userdata);
    /* The text never repeats the line, which may contain a piece of a secret. */
    void (*problem)(unsigned line, const char *text, void *userdata);
    void *userdata;
};

/* Read the bytes of a whole file. */
void config_read_lines(const char *bytes, size_t size, const struct config_lines *lines);

/* Read a file into *ret, which the caller frees. 0; -EFBIG: it has more than CONFIG_FILE_MAX; other
 * negative errno. */
int config_read_file(const char *path, char **ret, size_t *ret_size);

#endif
