/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"

/* The loops below go over all queues or all webhooks of one reading of the config. While parts are
 * being made, the later ones are not there yet. */
#define EACH_RECEIVER(p, i)                                                                        \
    for (size_t(i) = 0; (p)->receivers && (i) < (p)->config->n_queues; (i)++)
#define EACH_FORWARDER(p, i)                                                                       \
    for (size_t(i) = 0; (p)->forwarders && (i) < (p)->config->n_webhooks; (i)++)

/* This loop goes over the newest parts and the older ones that have not ended yet. */
#define EACH_PARTS(p) for (; (p); (p) = (p)->older)

void parts_start(struct parts *p)
{
    EACH_RECEIVER(p, i)
        receiver_start(p->receivers[i]);
    parts_release(p);
}

void parts_stop(struct parts *p)
{
    EACH_PARTS(p) {
        EACH_RECEIVER(p, i)
            receiver_stop(p->receivers[i]);
        EACH_FORWARDER(p, i)
            forwarder_stop(p->forwarders[i]);
    }
}

bool parts_idle(const struct parts *p)
{
    EACH_PARTS(p) {
        EACH_RECEIVER(p, i)
            if (!receiver_idle(p->receivers[i]))
                return false;
        EACH_FORWARDER(p, i)
            if (forwarder_in_flight(p->forwarders[i]) || forwarder_waiting(p->forwarders[i]))
                return false;
    }
    return true;
}

/* ---- one reading of the config follows another ---- */

static struct forwarder *forwarder_of(const struct parts *p, int64_t webhook)
{
    EACH_FORWARDER(p, i)
        if (forwarder_webhook(p->forwarders[i]) == webhook)
            return p->forwarders[i];
    return NULL;
}

static struct receiver *receiver_of(const struct parts *p, const char *arn)
{
    EACH_RECEIVER(p, i)
        if (text_equal(p->config->queues[i].arn, arn))
            return p->receivers[i];
    return NULL;
}

void parts_follow(struct parts *p, struct parts *older)
{
    EACH_FORWARDER(p, i) {
        struct forwarder *before = forwarder_of(older, forwarder_webhook(p->forwarders[i]));
        if (before)
            forwarder_take_over(p->forwarders[i], before);
    }
    EACH_RECEIVER(older, i)
        receiver_retire(older->receivers[i], receiver_of(p, older->config->queues[i].arn));
    EACH_FORWARDER(older, i)
        forwarder_stop(older->forwarders[i]);
    janitor_free(TAKE(older->janitor));
    quiet_follow(p->quiet, older->quiet);
    filter_watch_follow(p->filters, older->filters);
    p->older = older;
}

/* ---- the turn: where receivers and forwarders meet the store ---- */

int parts_decide(struct parts *p, struct store *store)
{
    /* The oldest first: the newest finds their decisions in the store. */
    int r = p->older ? parts_decide(p->older, store) : 0;
    EACH_FORWARDER(p, i)
        if (!r)
            r = forwarder_decide(p->forwarders[i], store);
    return r;
}

int parts_claim(struct parts *p, struct store *store)
{
    int r = p->older ? parts_claim(p->older, store) : 0;
    EACH_RECEIVER(p, i)
        if (!r)
            r = receiver_release_step(p->receivers[i], store);
    EACH_FORWARDER(p, i)
        if (!r)
            r = forwarder_claim(p->forwarders[i], store);
    return r;
}

int parts_write_facts(struct parts *p, struct store *store)
{
    /* The oldest first, so that status shows the facts of the newest in the end. */
    int r = p->older ? parts_write_facts(p->older, store) : 0;
    if (!r)
        r = quiet_write_facts(p->quiet, store);
    if (!r)
        r = filter_watch_write_facts(p->filters, store);
    EACH_RECEIVER(p, i)
        if (!r)
            r = receiver_write_facts(p->receivers[i], store);
    EACH_FORWARDER(p, i)
        if (!r)
            r = forwarder_write_facts(p->forwarders[i], store);
    return r;
}

void parts_committed(struct parts *p, bool elsewhere)
{
    EACH_PARTS(p)
        EACH_FORWARDER(p, i)
            forwarder_committed(p->forwarders[i], elsewhere);
}

void parts_void(struct parts *p)
{
    EACH_PARTS(p)
        EACH_FORWARDER(p, i)
            forwarder_void(p->forwarders[i]);
}

void parts_poke(struct parts *p)
{
    EACH_RECEIVER(p, i)
        receiver_poke(p->receivers[i]);
}

void parts_release(struct parts *p)
{
    EACH_RECEIVER(p, i)
        receiver_release(p->receivers[i]);
}

/* ---- questions ---- */

/* The webhook with the most room decides: one that is behind must not starve the others. If no
 * webhook takes requests, the store is filled as fast as possible. */
size_t parts_wanted(const struct parts *p)
{
    size_t wanted = 0;
    bool sends = false;
    EACH_FORWARDER(p, i) {
        if (!forwarder_sends(p->forwarders[i]))
            continue;
        size_t one = forwarder_spare(p->forwarders[i]);
        wanted = one > wanted ? one : wanted;
        sends = true;
    }
    return sends ? wanted : SIZE_MAX;
}

bool parts_provided(const struct parts *p)
{
    bool sends = false;
    EACH_FORWARDER(p, i) {
        if (!forwarder_sends(p->forwarders[i]))
            continue;
        if (!forwarder_is_provided(p->forwarders[i]))
            return false;
        sends = true;
    }
    return sends;
}

bool parts_have_facts(const struct parts *p)
{
    EACH_PARTS(p) {
        EACH_RECEIVER(p, i)
            if (receiver_has_facts(p->receivers[i]))
                return true;
        EACH_FORWARDER(p, i)
            if (forwarder_has_facts(p->forwarders[i]))
                return true;
    }
    return false;
}

void parts_hurry_facts(struct parts *p)
{
    EACH_PARTS(p) {
        quiet_hurry_facts(p->quiet);
        filter_watch_hurry_facts(p->filters);
        EACH_RECEIVER(p, i)
            receiver_hurry_facts(p->receivers[i]);
        EACH_FORWARDER(p, i)
            forwarder_hurry_facts(p->forwarders[i]);
    }
}

unsigned parts_in_flight(const struct parts *p)
{
    unsigned in_flight = 0;
    EACH_PARTS(p)
        EACH_FORWARDER(p, i)
            in_flight += forwarder_in_flight(p->forwarders[i]);
    return in_flight;
}

unsigned parts_in_flight_to(const struct parts *p, int64_t webhook)
{
    unsigned in_flight = 0;
    EACH_PARTS(p) {
        const struct forwarder *f = forwarder_of(p, webhook);
        in_flight += f ? forwarder_in_flight(f) : 0;
    }
    return in_flight;
}

unsigned parts_pollers(const struct parts *p, const char *queue)
{
    struct receiver_view view;
    unsigned pollers = 0;
    EACH_PARTS(p)
        EACH_RECEIVER(p, i)
            if (text_equal(p->config->queues[i].name, queue)) {
                receiver_look(p->receivers[i], &view);
                pollers += view.pollers;
            }
    return pollers;
}

unsigned parts_abandoned(const struct parts *p)
{
    unsigned abandoned = 0;
    EACH_PARTS(p)
        EACH_RECEIVER(p, i)
            abandoned += receiver_abandoned(p->receivers[i]);
    return abandoned;
}

uint64_t parts_overdue_poll_usec(const struct parts *p)
{
    uint64_t worst = 0;
    EACH_PARTS(p)
        EACH_RECEIVER(p, i) {
            uint64_t overdue = receiver_overdue_usec(p->receivers[i]);
            worst = overdue > worst ? overdue : worst;
        }
    return worst;
}

uint64_t parts_overdue_request_usec(const struct parts *p)
{
    uint64_t worst = 0;
    EACH_PARTS(p)
        EACH_FORWARDER(p, i) {
            uint64_t overdue = forwarder_overdue_usec(p->forwarders[i]);
            worst = overdue > worst ? overdue : worst;
        }
    return worst;
}

bool parts_have_receiver(const struct parts *p, const struct receiver *receiver)
{
    EACH_PARTS(p)
        EACH_RECEIVER(p, i)
            if (p->receivers[i] == receiver)
                return true;
    return false;
}

/* ---- the end ---- */

static void free_one(struct parts *p)
{
    janitor_free(p->janitor);
    EACH_RECEIVER(p, i)
        receiver_free(p->receivers[i]);
    EACH_FORWARDER(p, i)
        forwarder_free(p->forwarders[i]);
    quiet_watch_free(p->quiet);
    filter_watch_free(p->filters);
    for (size_t i = 0; p->token_ways && i < p->config->n_webhooks; i++) {
        http_transport_free(p->ways[i]);
        http_transport_free(p->token_ways[i]);
    }
    free(p->ways);
    free(p->token_ways);
    identities_free(p->identities);
    text_list_free(p->aws_files);
    free(p->receivers);
    free(p->forwarders);
    free(p->receiver_webhooks);
    free(p->receiver_sellers);
    free(p->janitor_webhooks);
    free(p->webhook_ids);
    config_free(p->owned);
    free(p);
}

void parts_free(struct parts *p)
{
    while (p) {
        struct parts *older = p->older;
        free_one(p);
        p = older;
    }
}

/* The oldest first: receivers hand work on to newer ones. */
void parts_free_ended(struct parts *p)
{
    if (!p->older)
        return;
    parts_free_ended(p->older);
    if (!p->older->older && parts_idle(p->older))
        free_one(TAKE(p->older));
}
