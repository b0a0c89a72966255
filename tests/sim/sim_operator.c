/* SPDX-License-Identifier: MIT */
/* What operators and the janitor do, each in a transaction of its own between two turns. */
#include "sim.h"

struct change {
    enum operation operation;
    int64_t delivery;
};

static int operate(void *userdata)
{
    const struct change *change = userdata;
    return store_operate(sim.store, change->operation, change->delivery, clock_trusted_usec());
}

/* The daemon is told, as by the datagram of a command. */
static void changed(void)
{
    sim.elsewhere = true;
    sim_look();
    turn_request(sim.turn);
    fake_loop_rest(sim.event);
}

static void operate_on(int64_t delivery, enum operation operation)
{
    static const char *const names[] = {"retry", "hold", "release", "drop", "resend"};
    struct change change = {operation, delivery};
    struct sim_delivery *d = &sim.deliveries[delivery];
    d->touched = true;
    if (sim_transact(operate, &change)) {
        sim_note("delivery %lld: %s", (long long)delivery, names[operation]);
        if (operation == OPERATE_RETRY || operation == OPERATE_RESEND)
            d->asked_usec = 0;
        if (operation == OPERATE_RETRY)
            sim_free(&sim.webhooks[d->webhook]);
        changed();
    } else if (!sim.crashed) {
        d->touched = false;
    }
}

void sim_operate(void)
{
    static const enum operation operations[] = {OPERATE_RETRY, OPERATE_HOLD, OPERATE_RELEASE,
                                                OPERATE_DROP, OPERATE_RESEND};
    if (sim.n_deliveries)
        operate_on(sim_random((uint32_t)sim.n_deliveries) + 1, operations[sim_random(5)]);
}

void sim_release_all(void)
{
    for (int64_t i = 1; i <= sim.n_deliveries && !sim.crashed; i++)
        if (sim.deliveries[i].state == DELIVERY_HELD)
            operate_on(i, OPERATE_RELEASE);
}

static int pause_it(void *userdata)
{
    const struct sim_webhook *webhook = userdata;
    return store_pause(sim.store, webhook->id, STORE_PAUSED_BY_OPERATOR, clock_trusted_usec());
}

static int resume_it(void *userdata)
{
    const struct sim_webhook *webhook = userdata;
    return store_resume(sim.store, webhook->id, clock_trusted_usec());
}

void sim_pause(struct sim_webhook *webhook)
{
    if (!sim_transact(pause_it, webhook))
        return;
    sim_note("%s: paused by an operator", webhook->name);
    changed();
}

void sim_resume(struct sim_webhook *webhook)
{
    if (!sim_transact(resume_it, webhook))
        return;
    sim_note("%s: resumed by an operator", webhook->name);
    webhook->gone = false;
    sim_free(webhook);
    changed();
}

struct expiry {
    const struct sim_webhook *webhook;
    uint64_t max_age_usec;
};

static void on_expired(const struct expired *expired, void *userdata)
{
    (void)userdata;
    sim_note("delivery %lld: expired", (long long)expired->delivery);
}

static int expire(void *userdata)
{
    const struct expiry *expiry = userdata;
    size_t count;
    return store_expire(sim.store, expiry->webhook->id, clock_trusted_usec(), expiry->max_age_usec,
                        100, on_expired, NULL, &count);
}

void sim_expire(uint64_t max_age_usec)
{
    for (unsigned i = 0; i < sim.n_webhooks && !sim.crashed; i++) {
        struct expiry expiry = {&sim.webhooks[i], max_age_usec};
        if (sim_transact(expire, &expiry))
            changed();
    }
}
