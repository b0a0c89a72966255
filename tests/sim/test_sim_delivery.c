/* SPDX-License-Identifier: MIT */
/* Random lives, each from a seed, in a process of its own: any answers, copies, late events,
 * operators, full disks, power cuts at any write, restarts and reloads. In the end the receivers
 * are well but for some sick orders, and everything comes to an end in bounded time. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_vfs.h"
#include "fixture.h"
#include "sim.h"

enum { STEPS = 160, SEEDS = 40, EVENTS_MAX = 60 };

#define MAX_AGE_USEC  (6 * USEC_PER_HOUR)
#define HEAL_STEP     (30 * USEC_PER_SEC)
#define HEAL_STEPS    240
#define SICK_PERCENT  15
#define PATIENCE_USEC (3 * USEC_PER_SEC)

static struct sim_webhook *any_webhook(void)
{
    return &sim.webhooks[sim_random(sim.n_webhooks)];
}

static void publish_some(void)
{
    for (unsigned n = sim_random(5) + 1; n > 0 && sim.n_events < EVENTS_MAX; n--) {
        int order = (int)sim_random(SIM_ORDERS + 2);
        uint64_t age = sim_chance(60) ? 0 : sim_random(3600) * USEC_PER_SEC;
        sim_publish(order < SIM_ORDERS ? order : -1, age);
        fake_clock_advance(sim_random(1000) + 1);
    }
}

/* What lies in the queue comes, now or later; what was deleted comes now and then, too. */
static void receive_some(void)
{
    for (int i = 0; i < sim.n_events; i++)
        if (sim.events[i].deleted ? sim_chance(3) : sim_chance(70))
            sim_receive(&sim.events[i]);
    sim_pass(1);
}

static void pass_some(void)
{
    static const uint64_t most[] = {10 * USEC_PER_MSEC, USEC_PER_SEC, 10 * USEC_PER_SEC,
                                    USEC_PER_MIN, 10 * USEC_PER_MIN};
    sim_pass(fixture_random(&sim.random) % most[sim_random(ELEMENTS(most))] + 1);
}

static void change_weather(void)
{
    struct sim_webhook *w = any_webhook();
    w->weather = (enum sim_weather)sim_random(3);
    for (int i = 0; i < SIM_ORDERS; i++)
        w->sick[i] = sim_chance(SICK_PERCENT);
    w->sick_status = (unsigned[]){0, 400, 422, 500, 502}[sim_random(5)];
    sim_note("%s: weather %d, the sick get %u", w->name, w->weather, w->sick_status);
}

static void pause_or_resume(void)
{
    struct sim_webhook *w = any_webhook();
    if (w->paused)
        sim_resume(w);
    else if (sim_chance(30))
        sim_pause(w);
}

/* The disk is full for a moment, answers come that cannot be written, and it is told to leave. */
static void leave_in_a_hurry(void)
{
    fault_arm(FAULT_FULL, 1);
    turn_request(sim.turn);
    sim_pass(sim_random(4000) * USEC_PER_MSEC + 1);
    fault_arm(FAULT_NONE, 0);
    sim_stop(0);
}

static void restart(void)
{
    fault_arm(FAULT_NONE, 0);
    if (sim_chance(40))
        leave_in_a_hurry();
    else if (sim_chance(50))
        sim_kill();
    else
        sim_stop(sim_chance(50) ? 0 : PATIENCE_USEC);
    if (sim_chance(40))
        sim_set_clock();
    if (sim_chance(40))
        sim_boot();
    sim_start();
}

static void step(void)
{
    uint32_t dice = sim_random(100);
    if (dice < 20)
        publish_some();
    else if (dice < 40)
        receive_some();
    else if (dice < 64)
        pass_some();
    else if (dice < 76)
        sim_operate();
    else if (dice < 83)
        pause_or_resume();
    else if (dice < 87)
        change_weather();
    else if (dice < 88)
        sim_set_clock();
    else if (dice < 90)
        sim_expire(MAX_AGE_USEC);
    else if (dice < 93)
        fault_arm(FAULT_POWER, sim_random(60) + 1);
    else if (dice < 95)
        fault_arm(FAULT_FULL, sim_random(20) + 1);
    else if (dice < 97)
        sim_reload();
    else
        restart();
}

/* A power cut may strike again while it starts. */
static void rise(void)
{
    while (sim.crashed) {
        sim_kill();
        sim_start();
    }
}

static void heal(void)
{
    sim_note("---- healing");
    fault_arm(FAULT_NONE, 0);
    for (unsigned i = 0; i < sim.n_webhooks; i++) {
        sim.webhooks[i].weather = SIM_WELL;
        if (sim.webhooks[i].paused)
            sim_resume(&sim.webhooks[i]);
    }
    sim_release_all();
    for (int n = 0; n < HEAL_STEPS && !sim_all_is_done(); n++) {
        /* Healthy company, so that whose fault it is can be seen. */
        sim_receive(sim_publish(SIM_ORDERS + n, 0));
        for (int i = 0; i < sim.n_events; i++)
            if (!sim.events[i].deleted)
                sim_receive(&sim.events[i]);
        sim_pass(HEAL_STEP);
        /* One may have been gone when healing began. */
        for (unsigned i = 0; i < sim.n_webhooks; i++)
            if (sim.webhooks[i].paused)
                sim_resume(&sim.webhooks[i]);
    }
    sim_look();
    for (int64_t i = 1; i <= sim.n_deliveries; i++)
        SIM_LAW(!sim_is_open(&sim.deliveries[i]), "delivery %lld is %s still", (long long)i,
                delivery_state_name(sim.deliveries[i].state));
    SIM_LAW(sim_all_is_done(), "something is in the queue still");
}

static void live(uint64_t seed)
{
    sim_begin(seed, SIM_WEBHOOKS);
    change_weather();
    for (int n = 0; n < STEPS; n++) {
        step();
        rise();
    }
    heal();
    sim_end();
    sim_note("%d events, %u commits, %u starts, %u crashes, %u requests", sim.n_events,
             sim.n_commits, sim.n_starts, sim.n_crashes,
             sim.webhooks[0].requests + sim.webhooks[1].requests);
}

/* ---- many seeds ---- */

static bool run_seed(uint64_t seed)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        live(seed);
        fflush(stdout);
        _Exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv)
{
    sim.verbose = argc > 1 && strcmp(argv[1], "--verbose") == 0;
    argv += sim.verbose;
    argc -= sim.verbose;
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? 1 : SEEDS;
    char directory[] = "test-sim-XXXXXX";
    unsigned failed = 0;
    assert_non_null(mkdtemp(directory));
    sim.directory = directory;
    for (uint64_t seed = first; seed < first + count && failed < 3; seed++) {
        if (run_seed(seed))
            continue;
        failed++;
        printf("seed %llu fails; to see all of it: test_sim_delivery --verbose %llu\n",
               (unsigned long long)seed, (unsigned long long)seed);
    }
    fixture_remove(memory_string(directory));
    printf("%llu seeds, %u failed\n", (unsigned long long)count, failed);
    return failed != 0;
}
