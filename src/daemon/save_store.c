/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/memory.h"
#include "daemon.h"
#include "journal/events.h"
#include "spapi/secret_file.h"
#include "store/place.h"

/* Saves a store that has lost its place, so that the next start or an administrator finds it. */

/* Return the service's directory in /run: the first in RUNTIME_DIRECTORY (systemd.exec(5)); NULL:
 * none. */
static char *spare_directory(void)
{
    const char *names = getenv("RUNTIME_DIRECTORY");
    return names && names[0] == '/' ? memory_copy(names, strcspn(names, ":")) : NULL;
}

/* Return the next step in words, and the exit status: whether systemd may start the daemon
 * again. */
static char *what_next(struct daemon *d, const char *path, bool spare, enum daemon_exit *ret_exit)
{
    const char *directory = d->config->state_directory;
    *ret_exit = DAEMON_EXIT_FAILED;
    switch (store_loss(d->store)) {
    case STORE_REMOVED:
        if (!spare)
            return memory_string("the next start uses it");
        *ret_exit = DAEMON_EXIT_CONFIG;
        return memory_format("the directory %s is missing and cannot be made from here. Make it, "
                             "move that file to %s/" STORE_FILE ", give both to the user of the "
                             "service, then start Dockbell. Do it before the next reboot: the "
                             "file is in memory only",
                             directory, directory);
    case STORE_REPLACED:
    case STORE_OVERWRITTEN:
        if (!path)
            return memory_format("the next start uses %s/" STORE_FILE " as it is now", directory);
        return memory_format("the next start uses %s/" STORE_FILE " as it is now. To go on with "
                             "the saved file instead: stop Dockbell, move it over that one, start "
                             "Dockbell",
                             directory);
    case STORE_MOVED:
        *ret_exit = DAEMON_EXIT_CONFIG;
        return memory_format("that file is not at its path any more. Move it back to %s, or "
                             "unmount what is mounted over that directory; then start Dockbell. "
                             "A start before that would begin with an empty store",
                             directory);
    case STORE_LOG_LOST:
    case STORE_IN_PLACE:
        break;
    }
    return memory_string("the next start uses it");
}

/* Write the client secret beside the saved database, if its file was deleted too. */
static void restore_secret(struct daemon *d, const char *database)
{
    char bytes[SECRET_FILE_MAX];
    AUTOFREE char *directory = memory_copy(database, (size_t)(strrchr(database, '/') - database));
    AUTOFREE char *path = memory_format("%s/" SECRET_FILE_NAME, directory);
    if (d->secret_fd < 0 || access(path, F_OK) == 0)
        return;
    ssize_t size = pread(d->secret_fd, bytes, sizeof(bytes), 0);
    if (size > 0)
        (void)durable_write(directory, SECRET_FILE_NAME, bytes, (size_t)size);
    explicit_bzero(bytes, sizeof(bytes));
}

bool daemon_save_store(struct daemon *d)
{
    struct error error;
    char *path = NULL;
    AUTOFREE char *spare = spare_directory();
    uint64_t waiting = daemon_waiting(d);
    (void)turn_flush(d->turn);
    if (store_save(d->store, spare, &path, &error)) {
        if (!d->unsaved)
            event_store_unsaved(error.text, waiting);
        d->unsaved = true;
        return false;
    }
    bool in_spare = path && spare && strncmp(path, spare, strlen(spare)) == 0;
    AUTOFREE char *next = what_next(d, path, in_spare, &d->drained);
    if (path && store_loss(d->store) == STORE_REMOVED)
        restore_secret(d, path);
    event_store_saved(path, waiting, next);
    d->unsaved = false;
    free(path);
    return true;
}
