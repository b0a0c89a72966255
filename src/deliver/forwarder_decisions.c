/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "forwarder_private.h"

static int give_back(struct store *store, const struct attempt *first)
{
    for (const struct attempt *a = first; a; a = a->next) {
        int r = store_unclaim(store, a->claim.delivery, a->claim.attempt, clock_trusted_usec());
        if (r)
            return r;
    }
    return 0;
}

static int give_back_queued(struct forwarder *f, struct store *store)
{
    int r = give_back(store, attempts_first_queued(&f->attempts));
    return r ? r : give_back(store, attempts_first_suspect(&f->attempts));
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
    struct retry_watch *watch = &f->retry_watch;
    AUTOFREE char *retried = NULL;
    if (!watch->look || f->followed)
        return 0;
    int r = store_get_fact(store, "webhook", f->name, STORE_RETRIED, &retried);
    if (r)
        return r;
    if (watch->known && !text_equal(retried, watch->last))
        end_waits(f);
    free(watch->last);
    watch->last = TAKE(retried);
    watch->known = true;
    watch->look = false;
    return 0;
}

void retry_watch_look(struct retry_watch *watch)
{
    watch->look = true;
}

void retry_watch_clear(struct retry_watch *watch)
{
    free(watch->last);
}

void forwarder_hurry(struct forwarder *f)
{
    end_waits(f);
    pending_hurry(&f->pending);
    backlog_expect(&f->backlog);
    turn_request(f->turn);
}

/* ---- the turn ---- */

int forwarder_decide(struct forwarder *f, struct store *store)
{
    int r = pending_write(&f->pending, store, f->webhook);
    if (!r)
        r = forwarder_read_pause(f, store);
    if (!r)
        r = look_at_retry(f, store);
    return !r && forwarder_is_silent(f) ? give_back_queued(f, store) : r;
}

void forwarder_decided(struct forwarder *f)
{
    if (pending_done(&f->pending))
        forwarder_hurry(f);
    if (!forwarder_report_pause(f))
        return;
    if (!pause_is_on(&f->pause))
        forwarder_hurry(f);
    facts_hurry(&f->facts);
}
