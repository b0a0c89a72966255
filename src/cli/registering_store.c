/* SPDX-License-Identifier: MIT */
#include "registering_store.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "commands.h"
#include "daemon/wake.h"
#include "register/registered.h"
#include "store/store.h"

/* Rows of one transaction: the daemon must not wait for long. */
#define ROWS_MAX 200

void registering_store_add(struct registering_store *list, const char *seller, const char *type,
                           const char *id, enum subscription_event event)
{
    list->all = memory_resize(list->all, list->count + 1, sizeof(*list->all));
    list->all[list->count++] = (struct registered_subscription){
        memory_string(seller), memory_string(type), memory_string(id), event};
}

static int write_some(struct store *store, const struct registered_subscription *all, size_t count)
{
    uint64_t now = clock_trusted_usec();
    int r = store_begin(store);
    if (r)
        return r;
    for (size_t i = 0; i < count && !r; i++)
        r = registered_write(store, all[i].seller, all[i].type, all[i].id, all[i].event, now);
    if (r == 0)
        return store_commit(store);
    store_rollback(store);
    return r;
}

static void report(const char *why)
{
    cli_error("the subscriptions are registered, but they cannot be written into the store: %s. A "
              "daemon that runs finds them at its next registration (within 24 hours; systemctl "
              "reload dockbell: at once)",
              why);
}

static void write_all(const struct registering_store *list, const char *state_directory)
{
    struct store *store = NULL;
    struct error error;
    int r = store_open(&store, state_directory, STORE_COMMAND, &error);
    if (r == STORE_MISSING || r == STORE_OLDER)
        return;
    if (r) {
        report(error.text);
        return;
    }
    for (size_t i = 0; i < list->count && !r; i += ROWS_MAX)
        r = write_some(store, list->all + i,
                       list->count - i < ROWS_MAX ? list->count - i : ROWS_MAX);
    if (r)
        report(store_why(store));
    store_free(store);
    (void)wake_send(state_directory);
}

void registering_store_end(struct registering_store *list, const char *state_directory)
{
    if (list->count)
        write_all(list, state_directory);
    for (size_t i = 0; i < list->count; i++) {
        free(list->all[i].seller);
        free(list->all[i].type);
        free(list->all[i].id);
    }
    free(list->all);
    *list = (struct registering_store){0};
}
