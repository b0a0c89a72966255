/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STOCK_H
#define TESTS_STOCK_H

/*
 * A state directory with a config and a store that has a little of everything: deliveries
 * 1 dead, 2 delivered, 3 in flight, 4 ready, 5 behind it, 6 held, 7 unreadable, 8 orphaned, and
 * what a daemon notes about queue and webhook.
 */
#define STOCK_DELIVERIES 8

/* Makes it in a new directory (scratch_new), in memory if there is no $TMPDIR, which is returned.
 * *ret_config: its config file; the caller frees it. Aborts where that fails. */
char *stock_new(char **ret_config);

#endif
