/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/memory.h"
#include "daemon.h"
#include "journal/events.h"
#include "spapi/secret_file.h"
#include "store/place.h"

/*
 * The store's files are not at their path any more. From then on, nothing is received or deleted
 * from SQS. Requests under way end, and their outcomes go into the open file. Its contents are
 * saved where the next start or an administrator finds them. Only then the daemon ends.
 */

/* Changes of the directory and of the names in it. */
#define CHANGES                                                                                    \
    (IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF |         \
     IN_ONLYDIR)

void daemon_lose_store(struct daemon *d, const char *why)
{
    if (d->lost)
        return;
    d->lost = true;
    d->drained = DAEMON_EXIT_FAILED;
    event_store_lost(why);
    daemon_drain(d, "the loss of its store");
}

bool daemon_in_place(void *userdata)
{
    struct daemon *d = userdata;
    int r = store_look(d->store);
    if (r)
        daemon_lose_store(d, store_why(d->store));
    return r == 0;
}

/* ---- the client secret ---- */

/* Open the file of the client secret. Like the database, the open file outlives its name. It is
 * opened again after every change, because a newer secret is a new file. */
static void hold_secret(struct daemon *d)
{
    AUTOFREE char *path = memory_format("%s/" SECRET_FILE_NAME, d->config->state_directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    if (d->secret_fd >= 0)
        close(d->secret_fd);
    d->secret_fd = fd;
}

/* ---- noticing ---- */

static int on_change(sd_event_source *source, const struct inotify_event *change, void *userdata)
{
    struct daemon *d = userdata;
    (void)source;
    (void)change;
    if (!daemon_in_place(d))
        return 0;
    lock_keep(d->config->state_directory, &d->lock);
    hold_secret(d);
    return 0;
}

/* Watch the state directory. Commits and deletes check it as well: without inotify, a loss is only
 * noticed later. */
void daemon_watch_place(struct daemon *d)
{
    hold_secret(d);
    (void)sd_event_add_inotify(d->event, &d->place_watch, d->config->state_directory, CHANGES,
                               on_change, d);
}
