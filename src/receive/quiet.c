/* SPDX-License-Identifier: MIT */
#include "receive/quiet.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"

struct quiet {
    struct quiet_watch *watch;
    char *name;
    const struct quiet *queue; /* NULL: this is a queue */
    uint64_t limit_usec, heard_usec;
    uint64_t answering_boot_usec; /* of a queue: it has answered since then; 0: it does not */
    bool told, dirty;
};

struct quiet_watch {
    sd_event *event;
    sd_event_source *timer;
    struct trusted_time *time;
    struct quiet **quiets;
    size_t count;
    uint64_t settle_usec; /* before a queue's silence means anything; 0: there is no threshold */
    uint64_t noted_boot_usec;
};

/* ---- looking ---- */

static uint64_t answering_since(const struct quiet *q)
{
    return q->queue ? q->queue->answering_boot_usec : q->answering_boot_usec;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void tell(struct quiet *q, uint64_t now_usec)
{
    q->told = true;
    event_quiet(q->queue ? q->queue->name : q->name, q->queue ? q->name : NULL,
                now_usec - q->heard_usec, q->heard_usec);
}

/* Whether a reported silence lasts. A limit that was raised or removed ends it. */
static bool is_still_silent(const struct quiet *q)
{
    uint64_t now = 0;
    if (!q->told || !q->limit_usec)
        return false;
    return !trusted_time_now(q->watch->time, &now) || now < q->heard_usec ||
           now - q->heard_usec >= q->limit_usec;
}

bool quiet_is_silent(struct quiet_watch *watch, bool seller, const char *name)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct quiet *q = watch->quiets[i];
        if (!q->queue != seller && text_equal(q->name, name))
            return q->told = is_still_silent(q);
    }
    return false;
}

/* Judge one queue or seller. Return the time until it is to be looked at again. */
static uint64_t judge(struct quiet *q, uint64_t now_usec)
{
    uint64_t boot = clock_boot_usec(), since = answering_since(q);
    uint64_t settle = q->watch->settle_usec;
    if (!q->limit_usec || q->told)
        return QUIET_LOOK_USEC;
    if (!q->heard_usec || q->heard_usec > now_usec)
        q->heard_usec = now_usec;
    uint64_t silent = now_usec - q->heard_usec;
    if (silent < q->limit_usec)
        return q->limit_usec - silent;
    if (!since)
        return settle;
    if (boot - since < settle)
        return settle - (boot - since);
    tell(q, now_usec);
    return QUIET_LOOK_USEC;
}

static uint64_t look(struct quiet_watch *watch)
{
    uint64_t now = 0, next = QUIET_LOOK_USEC;
    if (!trusted_time_now(watch->time, &now))
        return QUIET_UNTRUSTED_USEC;
    for (size_t i = 0; i < watch->count; i++)
        next = smaller(next, judge(watch->quiets[i], now));
    return next;
}

static void arm(struct quiet_watch *watch, uint64_t delay_usec)
{
    sd_event_source_set_time_relative(watch->timer, delay_usec);
    sd_event_source_set_enabled(watch->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct quiet_watch *watch = userdata;
    (void)source, (void)usec;
    arm(watch, look(watch));
    return 0;
}

/* ---- hearing ---- */

void quiet_heard(struct quiet *q, uint64_t now_usec)
{
    if (!q)
        return;
    if (q->told)
        event_heard(q->queue ? q->queue->name : q->name, q->queue ? q->name : NULL,
                    q->heard_usec && now_usec > q->heard_usec ? now_usec - q->heard_usec : 0);
    q->told = false;
    q->heard_usec = now_usec;
    q->dirty = true;
}

void quiet_answers(struct quiet *queue, bool answers)
{
    if (!queue)
        return;
    bool began = answers && !queue->answering_boot_usec;
    if (!answers)
        queue->answering_boot_usec = 0;
    if (!began)
        return;
    queue->answering_boot_usec = clock_boot_usec();
    if (queue->watch->settle_usec)
        arm(queue->watch, queue->watch->settle_usec);
}

/* Only for sellers: the receiver writes the same note for its queue. */
int quiet_write_facts(struct quiet_watch *watch, struct store *store)
{
    uint64_t boot = clock_boot_usec();
    int r = 0;
    if (watch->noted_boot_usec && boot - watch->noted_boot_usec < QUIET_FACTS_USEC)
        return 0;
    watch->noted_boot_usec = boot;
    for (size_t i = 0; i < watch->count && !r; i++) {
        struct quiet *q = watch->quiets[i];
        char text[CLOCK_TEXT_MAX];
        if (!q->dirty || !q->queue)
            continue;
        clock_rfc3339(text, q->heard_usec);
        r = store_set_fact(store, "seller", q->name, "last_message", text);
        q->dirty = r != 0;
    }
    return r;
}

void quiet_hurry_facts(struct quiet_watch *watch)
{
    watch->noted_boot_usec = 0;
}

/* ---- life ---- */

struct quiet *quiet_add(struct quiet_watch *watch, const struct quiet_options *options)
{
    struct quiet *q = NEW(struct quiet);
    q->watch = watch;
    q->name = memory_string(options->name);
    q->queue = options->queue;
    q->limit_usec = options->limit_usec;
    q->heard_usec = options->heard_usec;
    q->told = options->told;
    if (q->limit_usec)
        watch->settle_usec =
            smaller(watch->settle_usec ? watch->settle_usec : QUIET_SETTLE_USEC, q->limit_usec);
    watch->quiets = memory_resize(watch->quiets, watch->count + 1, sizeof(struct quiet *));
    return watch->quiets[watch->count++] = q;
}

void quiet_follow(struct quiet_watch *watch, struct quiet_watch *older)
{
    sd_event_source_set_enabled(older->timer, SD_EVENT_OFF);
    /* By name in the same order, because both come from configs: most pairs are found at once. */
    for (size_t i = 0, at = 0; i < watch->count; i++)
        for (size_t k = 0; k < older->count; k++) {
            const struct quiet *before = older->quiets[(at + k) % older->count];
            struct quiet *q = watch->quiets[i];
            if (!before->queue != !q->queue || !text_equal(before->name, q->name))
                continue;
            q->heard_usec = before->heard_usec;
            q->told = before->told;
            q->dirty = before->dirty;
            at = (at + k + 1) % older->count;
            break;
        }
}

int quiet_watch_new(struct quiet_watch **ret, sd_event *event, struct trusted_time *time)
{
    struct quiet_watch *watch = NEW(struct quiet_watch);
    watch->event = sd_event_ref(event);
    watch->time = time;
    int r = sd_event_add_time_relative(event, &watch->timer, CLOCK_BOOTTIME, 0, USEC_PER_SEC,
                                       on_timer, watch);
    if (r >= 0)
        r = sd_event_source_set_enabled(watch->timer, SD_EVENT_OFF);
    if (r < 0) {
        quiet_watch_free(watch);
        return r;
    }
    *ret = watch;
    return 0;
}

void quiet_watch_free(struct quiet_watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->count; i++) {
        free(watch->quiets[i]->name);
        free(watch->quiets[i]);
    }
    free(watch->quiets);
    sd_event_source_disable_unref(watch->timer);
    sd_event_unref(watch->event);
    free(watch);
}
