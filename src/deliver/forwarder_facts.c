/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "forwarder_private.h"

void facts_hurry(struct facts *facts)
{
    facts->urgent = true;
}

void facts_change(struct facts *facts)
{
    facts->dirty = true;
}

bool facts_wait(const struct facts *facts)
{
    return facts->urgent || facts->dirty;
}

void facts_success(struct facts *facts, uint64_t usec)
{
    facts->success_usec = usec;
}

void facts_error(struct facts *facts, const char *reason, uint64_t usec)
{
    text_copy(facts->last_error, sizeof(facts->last_error), reason);
    facts->last_error_usec = usec;
}

uint64_t facts_success_usec(const struct facts *facts)
{
    return facts->success_usec;
}

const char *facts_last_error(const struct facts *facts)
{
    return facts->last_error;
}

void facts_take_over(struct facts *facts, const struct facts *other)
{
    facts->success_usec = other->success_usec;
    facts_error(facts, other->last_error, other->last_error_usec);
}

/* ---- writing ---- */

static int note(struct forwarder *f, struct store *store, const char *key, const char *value)
{
    return store_set_fact(store, "webhook", f->name, key, value);
}

static int note_time(struct forwarder *f, struct store *store, const char *key, uint64_t usec)
{
    char text[CLOCK_TEXT_MAX];
    if (!usec)
        return 0;
    clock_rfc3339(text, usec);
    return note(f, store, key, text);
}

static int note_number(struct forwarder *f, struct store *store, const char *key, unsigned value)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", value);
    return note(f, store, key, text);
}

/* Note the rate that the receiver's throttling leaves. It is a fact only while it is throttled. */
static int note_throttling(struct forwarder *f, struct store *store)
{
    char text[32];
    double rate = pace_throttled_to(&f->pace);
    snprintf(text, sizeof(text), rate < 10 ? "%.1f/s" : "%.0f/s", rate);
    return note(f, store, "throttled_to", rate > 0 ? text : NULL);
}

static uint64_t breaker_since_usec(const struct forwarder *f)
{
    if (breaker_shown(&f->breaker) == BREAKER_CLOSED)
        return 0;
    return clock_trusted_usec() - (clock_boot_usec() - f->breaker.opened_usec);
}

/* Return the time of the next request; 0: now, as far as the receiver is concerned. */
static uint64_t next_request_usec(const struct forwarder *f)
{
    uint64_t boot = clock_boot_usec(), at = 0;
    if (breaker_shown(&f->breaker) == BREAKER_OPEN)
        at = f->breaker.probe_usec;
    else if (f->pace.resting)
        at = f->pace.rest_usec;
    return at > boot ? clock_trusted_usec() + (at - boot) : 0;
}

static int note_next_request(struct forwarder *f, struct store *store)
{
    uint64_t next = next_request_usec(f);
    return next ? note_time(f, store, "next_request", next) : note(f, store, "next_request", NULL);
}

int forwarder_write_facts(struct forwarder *f, struct store *store)
{
    uint64_t boot = clock_boot_usec();
    if (!f->facts.urgent && boot - f->facts.written_boot_usec < FORWARDER_FACTS_USEC)
        return 0;
    f->facts.urgent = f->facts.dirty = false;
    f->facts.written_boot_usec = boot;
    int r = note(f, store, "breaker", breaker_name(&f->breaker));
    if (!r && breaker_shown(&f->breaker) == BREAKER_CLOSED)
        r = note(f, store, "breaker_since", NULL);
    if (!r)
        r = note_time(f, store, "breaker_since", breaker_since_usec(f));
    if (!r)
        r = note_next_request(f, store);
    if (!r)
        r = note_time(f, store, "last_success", f->facts.success_usec);
    if (!r && f->facts.last_error_usec)
        r = note(f, store, "last_error", f->facts.last_error);
    if (!r)
        r = note_time(f, store, "last_error_at", f->facts.last_error_usec);
    if (!r)
        r = note_number(f, store, "in_flight", slots_sending(&f->slots));
    if (!r)
        r = note_throttling(f, store);
    return r ? r : note_number(f, store, "limit", f->ramp.limit);
}
