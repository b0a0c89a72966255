/* SPDX-License-Identifier: MIT */
/* The pause of a webhook: by an operator, by this forwarder, or by the forwarder of an older
 * config. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "forwarder_private.h"
#include "journal/events.h"

/* The fact that a pause was reported. If a later start finds it, it reports the end of the pause,
 * too. */
#define PAUSE_REPORTED "pause_told"

/* After a start, look whether the last process reported a pause. */
static int recall(struct forwarder *f, struct store *store)
{
    AUTOFREE char *since = NULL;
    int r = store_get_fact(store, "webhook", f->name, PAUSE_REPORTED, &since);
    if (r == 0 && since && !f->pause.since_usec)
        f->pause.reported_usec = 1; /* the time does not matter: the pause is over */
    f->pause.known = r == 0;
    return r;
}

static int note_reported(struct forwarder *f, struct store *store)
{
    char since[CLOCK_TEXT_MAX];
    clock_rfc3339(since, f->pause.since_usec);
    return store_set_fact(store, "webhook", f->name, PAUSE_REPORTED,
                          f->pause.since_usec ? since : NULL);
}

int forwarder_read_pause(struct forwarder *f, struct store *store)
{
    struct pause *pause = &f->pause;
    const char *why;
    pause->since_usec = store_paused_usec(store, f->webhook, &why);
    pause->gone = text_equal(why, STORE_PAUSED_GONE);
    if (f->followed)
        return 0;
    int r = pause->known ? 0 : recall(f, store);
    return r || pause->since_usec == pause->reported_usec ? r : note_reported(f, store);
}

bool forwarder_report_pause(struct forwarder *f)
{
    struct pause *pause = &f->pause;
    if (f->followed || pause->since_usec == pause->reported_usec)
        return false;
    if (!pause->since_usec)
        event_webhook_resumed(f->name);
    else if (pause->gone)
        event_webhook_gone(f->name);
    else
        event_webhook_paused(f->name, pause->since_usec);
    pause->reported_usec = pause->since_usec;
    return true;
}

bool pause_is_on(const struct pause *pause)
{
    return pause->since_usec != 0;
}

bool pause_is_gone(const struct pause *pause)
{
    return !pause->known || (pause->since_usec && pause->gone);
}
