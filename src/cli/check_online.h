/* SPDX-License-Identifier: MIT */
#ifndef CHECK_ONLINE_H
#define CHECK_ONLINE_H

#include <stdbool.h>

#include "base/text.h"
#include "daemon/config.h"

/* What `check --online` saw. Functions below take NULL for "it did not look". */
struct online;

/* Looks, until all of it is known. The caller owns the result; NULL: the loop failed, and that is
 * said on stderr. The config is borrowed until online_free. */
struct online *online_look(const struct config *config);
void online_free(struct online *online);

/* Whether nothing has failed. */
bool online_is_good(const struct online *online);

/* One line each on stdout; remedies stand below. */
void online_print(const struct online *online);

/* Appends the member "online": a list, or null. */
void online_put(struct text *out, const struct online *online);

#endif
