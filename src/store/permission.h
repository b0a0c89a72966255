/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_PERMISSION_H
#define SRC_STORE_PERMISSION_H

/* Return why this process cannot write a store: its file system is read-only, or a file belongs to
 * somebody else (with the command that changes it). NULL: neither, or there is no store. The caller
 * owns the text. */
char *permission_explain(const char *database);

#endif
