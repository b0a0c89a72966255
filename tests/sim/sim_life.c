/* SPDX-License-Identifier: MIT */
/* One process after another on the same disk. */
#include <stdlib.h>

#include "deliver/forwarder.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "fault_vfs.h"
#include "fixture.h"
#include "sim.h"

static const struct schedule schedule = {
    .retry_first_usec = 5 * USEC_PER_SEC,
    .retry_longest_usec = 60 * USEC_PER_SEC,
    .refused = {.usec = {30 * USEC_PER_SEC, 60 * USEC_PER_SEC}, .count = 2},
    .probe_first_usec = 5 * USEC_PER_SEC,
    .probe_longest_usec = 30 * USEC_PER_SEC,
    .retry_after_longest_usec = USEC_PER_DAY,
    .breaker_faults = 5,
};

/* ---- the turn, as daemon/run.c has it ---- */

#define EACH_FORWARDER(w, f)                                                                       \
    for (struct sim_webhook *w = sim.webhooks; w < sim.webhooks + sim.n_webhooks; w++)             \
        for (int old_ = 1; old_ >= 0; old_--)                                                      \
            for (struct forwarder *f = old_ ? w->older : w->forwarder; f; f = NULL)

static int on_decide(struct store *store, void *userdata)
{
    int r = 0;
    (void)userdata;
    EACH_FORWARDER(w, f)
        if (!r)
            r = forwarder_decide(f, store);
    return r;
}

static int on_claim(struct store *store, void *userdata)
{
    int r = 0;
    (void)userdata;
    EACH_FORWARDER(w, f)
        if (!r)
            r = forwarder_claim(f, store);
    return r;
}

static int on_write_facts(struct store *store, void *userdata)
{
    int r = 0;
    (void)userdata;
    EACH_FORWARDER(w, f)
        if (!r)
            r = forwarder_write_facts(f, store);
    return r;
}

static void on_committed(bool elsewhere, void *userdata)
{
    (void)userdata;
    sim.n_commits++;
    sim_outcomes_are_written();
    sim_look();
    for (unsigned i = 0; i < sim.n_webhooks; i++)
        sim.webhooks[i].noticed = sim.webhooks[i].paused;
    elsewhere = elsewhere || sim.elsewhere;
    sim.elsewhere = false;
    EACH_FORWARDER(w, f)
        forwarder_committed(f, elsewhere);
}

static void on_failed(int result, const char *why, void *userdata)
{
    (void)userdata;
    sim_note("the turn fails: %d %s", result, why);
    sim.crashed = sim.crashed || result != STORE_FULL;
    EACH_FORWARDER(w, f)
        forwarder_void(f);
}

/* ---- the queue ---- */

struct message {
    struct accept accept;
    struct accept_target targets[SIM_WEBHOOKS];
    struct sim_event *event;
    char order[16], message_id[32];
};

static void on_done(struct accept *accept, int result)
{
    struct message *message = accept->userdata;
    message->event->under_way = false;
    if (result == 0) {
        sim_accepted(message->event, accept);
        message->event->deleted = true;
    }
    free(message);
}

void sim_receive(struct sim_event *event)
{
    static const char prefix[] = "{\"data\":{\"notification\":";
    struct message *message = NEW(struct message);
    if (event->under_way)
        return free(message);
    event->under_way = true;
    *message = (struct message){.event = event};
    snprintf(message->order, sizeof(message->order), "408-%d", event->order);
    snprintf(message->message_id, sizeof(message->message_id), "m-%s", event->id);
    for (unsigned i = 0; i < sim.n_webhooks; i++)
        message->targets[i] =
            (struct accept_target){.webhook = sim.webhooks[i].id, .state = DELIVERY_READY};
    message->accept = (struct accept){
        .id = event->id,
        .queue = "orders-eu",
        .message_id = message->message_id,
        .seller = "acme",
        .seller_id = "A297A7DJHEYXBY",
        .type = "ORDER_CHANGE",
        .order_id = event->order < 0 ? NULL : message->order,
        .event_usec = event->event_usec,
        .received_usec = clock_trusted_usec(),
        .prefix = prefix,
        .prefix_size = strlen(prefix),
        .bytes = event->payload,
        .bytes_size = strlen(event->payload),
        .is_state = !event->is_request,
        .targets = message->targets,
        .n_targets = sim.n_webhooks,
        .done = on_done,
        .userdata = message,
    };
    digest_sha256(message->accept.payload_sha256, event->payload, strlen(event->payload));
    turn_accept(sim.turn, &message->accept);
}

/* ---- processes ---- */

static struct forwarder *make_forwarder(struct sim_webhook *webhook)
{
    webhook->generation++;
    webhook->probes = 0;
    struct webhook_keys keys = {0};
    struct webhook_auth auth = {0};
    struct forwarder *forwarder = NULL;
    struct forwarder_options options = {
        .event = sim.event,
        .http = sim.http,
        .turn = sim.turn,
        .webhook = webhook->id,
        .name = webhook->name,
        .url = webhook->url,
        .keys = &keys,
        .auth = &auth,
        .concurrency = webhook->concurrency,
        .max_attempts = webhook->max_attempts,
        .timeout_usec = 20 * USEC_PER_SEC,
        .schedule = schedule,
        .pace = {.rest_longest_usec = USEC_PER_MIN},
    };
    assert_int_equal(forwarder_new(&forwarder, &options), 0);
    return forwarder;
}

static int prepare(void *userdata)
{
    const char *names[SIM_WEBHOOKS];
    int64_t ids[SIM_WEBHOOKS];
    size_t recovered;
    (void)userdata;
    for (unsigned i = 0; i < sim.n_webhooks; i++)
        names[i] = sim.webhooks[i].name;
    int r = store_set_webhooks(sim.store, names, sim.n_webhooks, ids);
    for (unsigned i = 0; r == 0 && i < sim.n_webhooks; i++)
        sim.webhooks[i].id = ids[i];
    return r ? r : store_recover(sim.store, clock_trusted_usec(), &recovered);
}

static bool open_store(void)
{
    struct error error = {0};
    int r = store_open(&sim.store, sim.directory, STORE_DAEMON, &error);
    if (r) {
        sim_note("the store cannot be opened: %d %s", r, error.text);
        SIM_LAW(fault_struck(), "the store cannot be opened: %s", error.text);
        return false;
    }
    return sim_transact(prepare, NULL);
}

/* CLOCK_BOOTTIME goes on, as all timers here hang on it; the store cannot know. */
void sim_boot(void)
{
    char id[16];
    snprintf(id, sizeof(id), "%u", sim.n_starts + 1);
    sim_note("boot %s, %+lld s from the truth", id,
             (long long)(fake_now_usec - sim_true_usec()) / (long long)USEC_PER_SEC);
    assert_int_equal(setenv("DOCKBELL_BOOT_ID", id, 1), 0);
    for (unsigned i = 0; i < sim.n_webhooks; i++)
        sim_free(&sim.webhooks[i]); /* a clock that is ahead ends waits */
}

void sim_set_clock(void)
{
    static const int64_t off_s[] = {0, 0, 120, -120, 7200, -7200, 315360000, -315360000};
    fake_now_usec = sim_true_usec() + (uint64_t)(off_s[sim_random(8)] * (int64_t)USEC_PER_SEC);
    if (sim_chance(50))
        clock_learn(sim_true_usec(), sim_random(20) * USEC_PER_SEC);
    sim_note("the clock is set to %+lld s from the truth, trusted time is %+lld s from it",
             (long long)(fake_now_usec - sim_true_usec()) / (long long)USEC_PER_SEC,
             (long long)(clock_trusted_usec() - sim_true_usec()) / (long long)USEC_PER_SEC);
}

void sim_start(void)
{
    struct turn_hooks hooks = {on_decide, on_claim, on_write_facts, on_committed, on_failed,
                               NULL,      NULL};
    sim_note("the process starts");
    sim.n_starts++;
    sim.crashed = false;
    sim.recovering = true;
    fake_clock_forget();
    assert_int_equal(http_new(&sim.http, sim.event), 0);
    if (!open_store()) {
        sim.crashed = true;
        return;
    }
    assert_int_equal(turn_new(&sim.turn, sim.event, sim.store, &hooks), 0);
    for (unsigned i = 0; i < sim.n_webhooks; i++)
        sim.webhooks[i].forwarder = make_forwarder(&sim.webhooks[i]);
    sim_look();
    turn_request(sim.turn);
    fake_loop_rest(sim.event);
}

static void check_store(void)
{
    AUTOFREE char *path = memory_format("%s/%s", sim.directory, STORE_FILE);
    fixture_check(path, FAULT_VFS);
}

static void free_process(void)
{
    for (struct sim_webhook *w = sim.webhooks; w < sim.webhooks + sim.n_webhooks; w++) {
        forwarder_free(TAKE(w->forwarder));
        forwarder_free(TAKE(w->older));
        w->gone = w->noticed = false;
        w->quiet_usec = w->rest_usec = 0;
    }
    turn_free(TAKE(sim.turn));
    http_free(TAKE(sim.http));
    store_free(TAKE(sim.store));
    fake_loop_rest(sim.event);
}

void sim_kill(void)
{
    sim_note("the process dies");
    sim.n_crashes++;
    fault_arm(FAULT_POWER, 1); /* unless it struck already: ending writes nothing */
    free_process();
    sim_forget_unwritten();
    fault_reboot(sim.seed + sim.n_crashes);
    check_store();
}

static bool is_idle(void *userdata)
{
    (void)userdata;
    EACH_FORWARDER(w, f)
        if (forwarder_in_flight(f) || forwarder_waiting(f))
            return false;
    return sim.crashed || turn_unsettled(sim.turn) == 0;
}

/* What was decided is on disk now. */
static void check_decisions(void)
{
    sim_look();
    for (struct sim_webhook *w = sim.webhooks; w < sim.webhooks + sim.n_webhooks; w++)
        SIM_LAW(!w->gone || w->paused, "%s answered 410 and is not paused after the end", w->name);
    for (int64_t i = 1; i <= sim.n_deliveries; i++)
        SIM_LAW(!sim.deliveries[i].answered, "delivery %lld: its outcome is lost by the end",
                (long long)i);
}

void sim_stop(uint64_t patience_usec)
{
    sim_note("SIGTERM");
    EACH_FORWARDER(w, f)
        forwarder_stop(f);
    fake_loop_until(sim.event, is_idle, NULL, patience_usec);
    bool flushed = !sim.crashed && turn_flush(sim.turn) == 0;
    if (sim.crashed || fault_struck()) {
        sim_kill();
        return;
    }
    if (flushed)
        check_decisions();
    fault_arm(FAULT_NONE, 0);
    free_process();
    sim_forget_unwritten();
    check_store();
}

void sim_reload(void)
{
    sim_note("SIGHUP");
    for (struct sim_webhook *w = sim.webhooks; w < sim.webhooks + sim.n_webhooks; w++) {
        if (w->older && (forwarder_in_flight(w->older) || forwarder_waiting(w->older)))
            continue; /* it has not ended yet */
        forwarder_free(w->older);
        w->older = w->forwarder;
        w->forwarder = make_forwarder(w);
        forwarder_take_over(w->forwarder, w->older);
        forwarder_stop(w->older);
    }
    turn_request(sim.turn);
    fake_loop_rest(sim.event);
}

static bool is_dead(void *userdata)
{
    (void)userdata;
    return sim.crashed;
}

void sim_pass(uint64_t usec)
{
    fake_loop_until(sim.event, is_dead, NULL, usec);
}

bool sim_transact(int (*verb)(void *), void *userdata)
{
    int r = store_begin(sim.store);
    if (r == 0) {
        r = verb(userdata);
        if (r == 0)
            r = store_commit(sim.store);
        else
            store_rollback(sim.store);
    }
    if (r == 0)
        return true;
    if (fault_struck() && r != STORE_FULL)
        sim.crashed = true;
    return false;
}

/* ---- the world ---- */

void sim_begin(uint64_t seed, unsigned n_webhooks)
{
    static const struct sim_webhook webhooks[SIM_WEBHOOKS] = {
        {.name = "wms", .url = "https://wms.example/hook", .concurrency = 8, .max_attempts = 4},
        {.name = "erp", .url = "https://erp.example/hook", .concurrency = 2, .max_attempts = 3},
    };
    sim.seed = sim.random = seed;
    sim.n_webhooks = n_webhooks;
    sim.true_base_usec = fake_now_usec - fake_boot_usec;
    setenv("DOCKBELL_BOOT_ID", "0", 1);
    memcpy(sim.webhooks, webhooks, sizeof(webhooks));
    ear_close();
    fault_install();
    assert_true(sd_event_new(&sim.event) >= 0);
    sim_start();
}

void sim_end(void)
{
    sim_stop(USEC_PER_MIN);
    sd_event_unref(sim.event);
    fault_remove();
}
