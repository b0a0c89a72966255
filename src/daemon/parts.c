/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "daemon.h"

/* Each loop below goes over all queues or all webhooks of one reading of the config. While parts
 * are being made, those that come later are not there yet. */
#define EACH_RECEIVER(p, i)  for (size_t i = 0; (p)->receivers && i < (p)->config->n_queues; i++)
#define EACH_FORWARDER(p, i) for (size_t i = 0; (p)->forwarders && i < (p)->config->n_webhooks; i++)

void parts_start(struct parts *p)
{
    EACH_RECEIVER(p, i)
    receiver_start(p->receivers[i]);
}

void parts_stop(struct parts *p)
{
    EACH_RECEIVER(p, i)
    receiver_stop(p->receivers[i]);
    EACH_FORWARDER(p, i)
    forwarder_stop(p->forwarders[i]);
}

bool parts_idle(const struct parts *p)
{
    EACH_RECEIVER(p, i)
    if (!receiver_idle(p->receivers[i]))
        return false;
    EACH_FORWARDER(p, i)
    if (forwarder_in_flight(p->forwarders[i]) || forwarder_waiting(p->forwarders[i]))
        return false;
    return true;
}

/* ---- the turn: where receivers and forwarders meet the store ---- */

int parts_claim(struct parts *p, struct store *store)
{
    int r = 0;
    EACH_RECEIVER(p, i)
    if (!r)
        r = receiver_write_notes(p->receivers[i], store);
    EACH_FORWARDER(p, i)
    if (!r)
        r = forwarder_claim(p->forwarders[i], store);
    return r;
}

void parts_committed(struct parts *p, bool elsewhere)
{
    EACH_FORWARDER(p, i)
    forwarder_committed(p->forwarders[i], elsewhere);
}

void parts_void(struct parts *p)
{
    EACH_FORWARDER(p, i)
    forwarder_void(p->forwarders[i]);
}

void parts_poke(struct parts *p)
{
    EACH_RECEIVER(p, i)
    receiver_poke(p->receivers[i]);
}

/* ---- looks ---- */

/* One webhook that is behind must not starve others, and for one that is down the store is filled
 * as fast as it goes. */
bool parts_busy(const struct parts *p)
{
    bool behind = false;
    EACH_FORWARDER(p, i)
    {
        if (forwarder_sends(p->forwarders[i]) && !forwarder_is_behind(p->forwarders[i]))
            return false;
        behind = behind || forwarder_is_behind(p->forwarders[i]);
    }
    return behind;
}

bool parts_have_notes(const struct parts *p)
{
    EACH_RECEIVER(p, i)
    if (receiver_has_notes(p->receivers[i]))
        return true;
    EACH_FORWARDER(p, i)
    if (forwarder_has_notes(p->forwarders[i]))
        return true;
    return false;
}

unsigned parts_in_flight(const struct parts *p)
{
    unsigned in_flight = 0;
    EACH_FORWARDER(p, i)
    in_flight += forwarder_in_flight(p->forwarders[i]);
    return in_flight;
}

unsigned parts_abandoned(const struct parts *p)
{
    unsigned abandoned = 0;
    EACH_RECEIVER(p, i)
    abandoned += receiver_abandoned(p->receivers[i]);
    return abandoned;
}

uint64_t parts_overdue_poll_usec(const struct parts *p)
{
    uint64_t worst = 0;
    EACH_RECEIVER(p, i)
    {
        uint64_t overdue = receiver_overdue_usec(p->receivers[i]);
        worst = overdue > worst ? overdue : worst;
    }
    return worst;
}

uint64_t parts_overdue_request_usec(const struct parts *p)
{
    uint64_t worst = 0;
    EACH_FORWARDER(p, i)
    {
        uint64_t overdue = forwarder_overdue_usec(p->forwarders[i]);
        worst = overdue > worst ? overdue : worst;
    }
    return worst;
}

/* ---- the end ---- */

void parts_free(struct parts *p)
{
    if (!p)
        return;
    janitor_free(p->janitor);
    EACH_RECEIVER(p, i)
    receiver_free(p->receivers[i]);
    EACH_FORWARDER(p, i)
    forwarder_free(p->forwarders[i]);
    aws_credentials_clear(&p->credentials);
    free(p->receivers);
    free(p->forwarders);
    free(p->receiver_webhooks);
    free(p->receiver_sellers);
    free(p->janitor_webhooks);
    free(p->webhook_ids);
    free(p);
}
