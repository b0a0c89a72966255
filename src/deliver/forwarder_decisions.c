/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "forwarder_private.h"
#include "journal/events.h"

/* The fact that a pause was reported. If a later start finds it, it reports the end of the pause,
 * too. */
#define PAUSE_TOLD "pause_told"

static int write_decisions(struct forwarder *f, struct store *store)
{
    int r = 0;
    for (size_t i = 0; !r && i < f->n_forgive; i++)
        r = store_forgive(store, f->forgive[i], f->forgive_refusal[i]);
    if (!r && f->hasten)
        r = store_hasten(store, f->webhook, store_delay_usec(store));
    if (!r && f->hurry)
        r = store_hurry(store, f->webhook, &f->hurry_more);
    if (!r && f->pause)
        r = store_pause(store, f->webhook, STORE_PAUSED_GONE, clock_trusted_usec());
    return r;
}

static int give_back(struct store *store, const struct attempt_queue *queue)
{
    for (const struct attempt *a = queue->first; a; a = a->next) {
        int r = store_unclaim(store, a->claim.delivery, a->claim.attempt, clock_trusted_usec());
        if (r)
            return r;
    }
    return 0;
}

static int give_back_queued(struct forwarder *f, struct store *store)
{
    int r = give_back(store, &f->queued);
    return r ? r : give_back(store, &f->suspects);
}

/* ---- pauses: by an operator, by this forwarder, or by the forwarder of an older config ---- */

/* After a start, look whether the last process reported a pause. */
static int recall_pause(struct forwarder *f, struct store *store)
{
    AUTOFREE char *since = NULL;
    int r = store_get_fact(store, "webhook", f->name, PAUSE_TOLD, &since);
    if (r == 0 && since && !f->paused_usec)
        f->told_usec = 1; /* the time does not matter: the pause is over */
    f->pause_known = r == 0;
    return r;
}

static int note_pause(struct forwarder *f, struct store *store)
{
    char since[CLOCK_TEXT_MAX];
    clock_rfc3339(since, f->paused_usec);
    return store_set_fact(store, "webhook", f->name, PAUSE_TOLD, f->paused_usec ? since : NULL);
}

static int look_at_pause(struct forwarder *f, struct store *store)
{
    const char *why;
    f->paused_usec = store_paused_usec(store, f->webhook, &why);
    f->paused_gone = text_equal(why, STORE_PAUSED_GONE);
    if (f->followed)
        return 0;
    int r = f->pause_known ? 0 : recall_pause(f, store);
    return r || f->paused_usec == f->told_usec ? r : note_pause(f, store);
}

static void tell_pause(struct forwarder *f)
{
    if (f->followed || f->paused_usec == f->told_usec)
        return;
    if (!f->paused_usec) {
        event_webhook_resumed(f->name);
        forwarder_hurry(f);
    } else if (f->paused_gone)
        event_webhook_gone(f->name);
    else
        event_webhook_paused(f->name, f->paused_usec);
    f->told_usec = f->paused_usec;
    f->note = true;
}

/* ---- an operator's retry ---- */

static void end_waits(struct forwarder *f)
{
    breaker_hurry(&f->breaker, clock_boot_usec());
    pace_hurry(&f->pace);
}

/* If another process has asked for a retry, the breaker does not wait any longer, either. */
static int look_at_retry(struct forwarder *f, struct store *store)
{
    AUTOFREE char *retried = NULL;
    if (!f->look_at_retry || f->followed)
        return 0;
    int r = store_get_fact(store, "webhook", f->name, STORE_RETRIED, &retried);
    if (r)
        return r;
    if (f->retried_known && !text_equal(retried, f->retried))
        end_waits(f);
    free(f->retried);
    f->retried = TAKE(retried);
    f->retried_known = true;
    f->look_at_retry = false;
    return 0;
}

void forwarder_hurry(struct forwarder *f)
{
    end_waits(f);
    f->hurry = f->more = true;
    turn_request(f->turn);
}

/* ---- the turn ---- */

int forwarder_decide(struct forwarder *f, struct store *store)
{
    int r = write_decisions(f, store);
    if (!r)
        r = look_at_pause(f, store);
    if (!r)
        r = look_at_retry(f, store);
    return !r && forwarder_is_silent(f) ? give_back_queued(f, store) : r;
}

void forwarder_decided(struct forwarder *f)
{
    f->n_forgive = 0;
    f->pause = f->hasten = f->hurry = false;
    if (f->hurry_more)
        forwarder_hurry(f);
    f->hurry_more = false;
    tell_pause(f);
}
