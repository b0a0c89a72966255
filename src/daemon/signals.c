/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>

#include "daemon.h"

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    struct daemon *d = userdata;
    (void)source;
    d->hurried = d->stopping && !d->lost;
    /* If the store has lost its place, it is saved first, unless that has failed already. */
    if (d->hurried || d->unsaved)
        daemon_end(d, d->drained);
    daemon_drain(d, info->ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
    return 0;
}

static int on_hup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    struct daemon *d = userdata;
    (void)source;
    (void)info;
    if (!d->stopping)
        daemon_ask_reload(d);
    return 0;
}

int daemon_handle_signals(struct daemon *d)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    int r = sd_event_add_signal(d->event, NULL, SIGTERM, on_stop, d);
    if (r >= 0)
        r = sd_event_add_signal(d->event, NULL, SIGINT, on_stop, d);
    return r < 0 ? r : sd_event_add_signal(d->event, NULL, SIGHUP, on_hup, d);
}
