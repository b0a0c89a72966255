/* SPDX-License-Identifier: MIT */
#include "commands.h"
#include "store/store.h"

/* store_open takes the time over. The daemon keeps it beside the clock of delays. */
void cli_learn_time(const struct config *config)
{
    struct store *store = NULL;
    struct error error;
    if (store_open(&store, config->state_directory, STORE_READER, &error) == 0)
        store_free(store);
}
