/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_CHECK_ROWS_H
#define SRC_STORE_CHECK_ROWS_H

#include "store/backup.h"

/* Report deliveries whose states contradict each other: at most STORE_PROBLEMS_MAX of each kind.
 * It reads the whole table. */
int check_rows(struct store *store, store_problem_fn problem, void *userdata);

#endif
