/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_STORE_ALONE_H
#define SRC_CLI_STORE_ALONE_H

#include "daemon/lock.h"

/* Takes the daemon's lock for a command that must be alone with the store. A CLI_ status; anything
 * but CLI_DONE was said on stderr. The caller drops the lock. */
int store_alone_begin(const char *directory, struct lock *ret);

#endif
