/* SPDX-License-Identifier: MIT */
#include "config/register_plan.h"

#include <stdlib.h>

#include "base/backoff.h"
#include "base/memory.h"

void register_plan_init(struct register_plan *plan, size_t sellers)
{
    register_plan_clear(plan);
    plan->sellers = memory_new((sellers + 1) * sizeof(*plan->sellers));
    plan->count = sellers;
}

void register_plan_clear(struct register_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->sellers[i].told);
    free(plan->sellers);
    *plan = (struct register_plan){0};
}

void register_plan_want(struct register_plan *plan, size_t seller, size_t types)
{
    struct register_seller *s = &plan->sellers[seller];
    s->wanted = true;
    s->next_boot_usec = clock_boot_usec();
    s->n_told = types + 1;
    s->told = memory_new(s->n_told * sizeof(*s->told));
}

size_t register_plan_begin(struct register_plan *plan)
{
    uint64_t due = clock_boot_usec() + REGISTER_TOGETHER_USEC;
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        struct register_seller *s = &plan->sellers[i];
        s->in_round = s->wanted && s->next_boot_usec <= due;
        if (!s->in_round)
            continue;
        s->troubled = s->failed = s->passes = false;
        count++;
    }
    plan->running = count > 0;
    return count;
}

static uint64_t pause_after(const struct register_plan *plan, const struct register_seller *s,
                            bool passes)
{
    if (passes && plan->hurried)
        return REGISTER_HURRY_USEC;
    return passes ? backoff_usec(REGISTER_AGAIN_USEC, REGISTER_AGAIN_CAP_USEC, s->tries + 1)
                  : backoff_jitter_usec(REGISTER_FINAL_USEC);
}

uint64_t register_plan_fail(struct register_plan *plan, size_t seller, bool passes)
{
    struct register_seller *s = &plan->sellers[seller];
    uint64_t next = clock_boot_usec() + pause_after(plan, s, passes);
    if (!s->in_round)
        return s->failed && s->next_boot_usec < next ? s->next_boot_usec : next;
    /* The first failure that may not repeat decides: the others are tried with it. */
    if (!s->failed || (passes && !s->passes))
        s->next_boot_usec = next;
    s->troubled = s->failed = true;
    s->passes = s->passes || passes;
    return s->next_boot_usec;
}

void register_plan_differ(struct register_plan *plan, size_t seller)
{
    plan->sellers[seller].troubled = true;
}

bool register_plan_is_new(struct register_plan *plan, size_t seller, size_t type, uint64_t hash)
{
    struct register_seller *s = &plan->sellers[seller];
    if (type >= s->n_told)
        return true;
    bool is_new = s->told[type] != hash;
    s->told[type] = hash;
    return is_new;
}

static void settle(struct register_seller *s, uint64_t day_usec)
{
    s->in_round = false;
    s->tries = s->passes ? s->tries + 1 : 0;
    if (!s->failed)
        s->next_boot_usec = clock_boot_usec() + day_usec;
    for (size_t i = 0; i < s->n_told && !s->troubled; i++)
        s->told[i] = 0;
}

void register_plan_end(struct register_plan *plan)
{
    /* Not all daemons at the same moment, but all sellers of one daemon. */
    uint64_t day = backoff_jitter_usec(REGISTER_DAILY_USEC);
    for (size_t i = 0; i < plan->count; i++)
        if (plan->sellers[i].in_round)
            settle(&plan->sellers[i], day);
    plan->running = false;
    plan->ended_boot_usec = clock_boot_usec();
    if (plan->hurried)
        register_plan_hurry(plan);
}

void register_plan_hurry(struct register_plan *plan)
{
    uint64_t soon = plan->ended_boot_usec + REGISTER_HURRY_USEC;
    plan->hurried = plan->running;
    for (size_t i = 0; i < plan->count && !plan->running; i++) {
        struct register_seller *s = &plan->sellers[i];
        if (s->failed && s->passes && s->next_boot_usec > soon)
            s->next_boot_usec = soon;
    }
}

uint64_t register_plan_next(const struct register_plan *plan)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < plan->count && !plan->running; i++)
        if (plan->sellers[i].wanted && plan->sellers[i].next_boot_usec < next)
            next = plan->sellers[i].next_boot_usec;
    return next;
}
