/* SPDX-License-Identifier: MIT */
#ifndef STORE_PERMISSION_H
#define STORE_PERMISSION_H

/* Why this process cannot write a store, in words that the caller owns: its file system is
 * read-only, or a file belongs to somebody else (with the command that changes it). NULL: neither,
 * or there is no store. */
char *permission_explain(const char *database);

#endif
