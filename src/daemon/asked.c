/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "daemon.h"
#include "daemon/wake.h"

/*
 * Datagrams of other processes at the wake socket. The sender has changed the store, or asks for
 * the state. If it asks, the facts are written now, and the answer is sent when they are committed.
 */

static void remember(struct daemon *d, const struct wake_asker *asker)
{
    if (d->n_askers < DAEMON_ASKERS_MAX)
        d->askers[d->n_askers++] = *asker;
}

void daemon_answer_askers(struct daemon *d)
{
    AUTOTEXT struct text line = {0};
    if (!d->n_askers)
        return;
    daemon_status_words(d, &line);
    for (size_t i = 0; i < d->n_askers; i++)
        wake_answer(d->wake_fd, &d->askers[i], line.data);
    d->n_askers = 0;
}

static int on_wake(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct daemon *d = userdata;
    struct wake_asker asker;
    bool changed = false;
    (void)source, (void)revents;
    while (wake_take(fd, &asker) == 0) {
        if (asker.size)
            remember(d, &asker);
        else
            changed = true;
    }
    if (changed)
        daemon_reread_subscriptions(d);
    if (d->n_askers)
        daemon_note_now(d);
    if (d->full_since_usec)
        daemon_answer_askers(d); /* nothing can be written now */
    turn_request(d->turn);
    return 0;
}

int daemon_watch_wake(struct daemon *d)
{
    int r = wake_listen(d->config->state_directory, &d->wake_fd);
    return r < 0 ? r : sd_event_add_io(d->event, NULL, d->wake_fd, EPOLLIN, on_wake, d);
}
