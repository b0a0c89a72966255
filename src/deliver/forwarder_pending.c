/* SPDX-License-Identifier: MIT */
/* Decisions that follow from answers. They are written with the next turn. */
#include "base/clock.h"
#include "base/memory.h"
#include "forwarder_private.h"

/* The streak of an earlier opening may still wait for its commit. */
void pending_forgive(struct pending *pending, const struct breaker *breaker)
{
    for (size_t i = 0; i < breaker->n_streak && pending->n_forgive < ELEMENTS(pending->forgive);
         i++) {
        pending->forgive[pending->n_forgive] = breaker->streak[i].delivery;
        pending->forgive_refusal[pending->n_forgive++] = breaker->streak[i].refusal;
    }
}

void pending_pause(struct pending *pending)
{
    pending->pause = true;
}

bool pending_is_pause(const struct pending *pending)
{
    return pending->pause;
}

void pending_hasten(struct pending *pending)
{
    pending->hasten = true;
}

void pending_hurry(struct pending *pending)
{
    pending->hurry = true;
}

int pending_write(struct pending *pending, struct store *store, int64_t webhook)
{
    int r = 0;
    for (size_t i = 0; !r && i < pending->n_forgive; i++)
        r = store_forgive(store, pending->forgive[i], pending->forgive_refusal[i]);
    if (!r && pending->hasten)
        r = store_hasten(store, webhook, store_delay_usec(store));
    if (!r && pending->hurry)
        r = store_hurry(store, webhook, &pending->hurry_more);
    if (!r && pending->pause)
        r = store_pause(store, webhook, STORE_PAUSED_GONE, clock_trusted_usec());
    return r;
}

bool pending_done(struct pending *pending)
{
    bool hurry_more = pending->hurry_more;
    pending->n_forgive = 0;
    pending->pause = pending->hasten = pending->hurry = pending->hurry_more = false;
    return hurry_more;
}
