/* SPDX-License-Identifier: MIT */
#include "fake_loop.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/memory.h"
#include "fake_clock.h"

/* More turns than this without time passing: something keeps the loop busy for ever. */
#define TURNS_MAX 1000000

/* A timer: in truth a source that is dispatched when we say that it is time. */
struct timer {
    LIST_ENTRY(timer) link;
    sd_event_source *source;
    sd_event_time_handler_t handler;
    void *userdata;
    uint64_t due_usec;
    bool armed;
};

static LIST_HEAD(, timer) timers = LIST_HEAD_INITIALIZER(timers);

/* libsystemd's own function of that name. */
static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

static int real_set_enabled(sd_event_source *source, int mode)
{
    int (*function)(sd_event_source *, int) = real("sd_event_source_set_enabled");
    return function(source, mode);
}

static struct timer *find(const sd_event_source *source)
{
    struct timer *timer;
    LIST_FOREACH(timer, &timers, link)
        if (timer->source == source)
            return timer;
    return NULL;
}

static int on_due(sd_event_source *source, void *userdata)
{
    struct timer *timer = userdata;
    timer->armed = false;
    return timer->handler(source, timer->due_usec, timer->userdata);
}

/* ---- in place of libsystemd's ---- */

int sd_event_add_time(sd_event *event, sd_event_source **ret, clockid_t clock, uint64_t usec,
                      uint64_t accuracy, sd_event_time_handler_t callback, void *userdata)
{
    struct timer *timer = NEW(struct timer);
    (void)clock;
    (void)accuracy;
    timer->handler = callback;
    timer->userdata = userdata;
    timer->due_usec = usec;
    timer->armed = true;
    int r = sd_event_add_defer(event, &timer->source, on_due, timer);
    if (r < 0 || real_set_enabled(timer->source, SD_EVENT_OFF) < 0)
        abort();
    LIST_INSERT_HEAD(&timers, timer, link);
    *ret = timer->source;
    return r;
}

int sd_event_add_time_relative(sd_event *event, sd_event_source **ret, clockid_t clock,
                               uint64_t usec, uint64_t accuracy, sd_event_time_handler_t callback,
                               void *userdata)
{
    return sd_event_add_time(event, ret, clock, clock_boot_usec() + usec, accuracy, callback,
                             userdata);
}

int sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
    struct timer *timer = find(source);
    if (!timer)
        abort();
    timer->due_usec = usec;
    return real_set_enabled(source, SD_EVENT_OFF);
}

int sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
    return sd_event_source_set_time(source, clock_boot_usec() + usec);
}

int sd_event_source_set_time_accuracy(sd_event_source *source, uint64_t usec)
{
    (void)source, (void)usec; /* it rings when it is due */
    return 0;
}

int sd_event_source_set_enabled(sd_event_source *source, int mode)
{
    struct timer *timer = source ? find(source) : NULL;
    if (!timer)
        return real_set_enabled(source, mode);
    timer->armed = mode != SD_EVENT_OFF;
    return mode == SD_EVENT_OFF ? real_set_enabled(source, mode) : 0;
}

sd_event_source *sd_event_source_disable_unref(sd_event_source *source)
{
    sd_event_source *(*function)(sd_event_source *) = real("sd_event_source_disable_unref");
    struct timer *timer = source ? find(source) : NULL;
    if (timer) {
        LIST_REMOVE(timer, link);
        real_set_enabled(source, SD_EVENT_OFF);
    }
    function(source);
    free(timer);
    return NULL;
}

/* ---- for the test ---- */

static bool rings(const struct timer *timer)
{
    return timer->armed && timer->due_usec <= clock_boot_usec();
}

static void ring(void)
{
    struct timer *timer;
    LIST_FOREACH(timer, &timers, link)
        if (rings(timer) && real_set_enabled(timer->source, SD_EVENT_ONESHOT) < 0)
            abort();
}

uint64_t fake_loop_next(void)
{
    uint64_t now = clock_boot_usec(), next = UINT64_MAX;
    struct timer *timer;
    LIST_FOREACH(timer, &timers, link) {
        uint64_t wait = timer->due_usec > now ? timer->due_usec - now : 0;
        if (timer->armed && wait < next)
            next = wait;
    }
    return next;
}

void fake_loop_rest(sd_event *event)
{
    for (unsigned turns = 0; turns < TURNS_MAX; turns++) {
        ring();
        int r = sd_event_run(event, 0);
        if (r < 0)
            abort();
        if (r == 0)
            return;
    }
    fprintf(stderr, "the loop never comes to rest\n");
    abort();
}

static bool never(void *userdata)
{
    (void)userdata;
    return false;
}

bool fake_loop_until(sd_event *event, bool (*ready)(void *userdata), void *userdata, uint64_t usec)
{
    uint64_t end = clock_boot_usec() + usec;
    for (;;) {
        fake_loop_rest(event);
        if (ready(userdata))
            return true;
        uint64_t left = end - clock_boot_usec(), next = fake_loop_next();
        if (left == 0)
            return false;
        fake_clock_advance(next < left ? next : left);
    }
}

void fake_loop_run(sd_event *event, uint64_t usec)
{
    fake_loop_until(event, never, NULL, usec);
}
