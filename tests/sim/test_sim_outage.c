/* SPDX-License-Identifier: MIT */
/* A webhook that is down for an hour of load, in any way: few probes, nothing lost or out of order,
 * and it goes on within one probe interval of its return. */
#include <stdlib.h>

#include "fixture.h"
#include "sim.h"

enum { LANES = 100, EVENTS = 360, PROBES_MAX = 300 };

#define EVERY_USEC    (10 * USEC_PER_SEC)
#define INTERVAL_USEC (33 * USEC_PER_SEC) /* the longest between two probes, with jitter */
#define TIMEOUT_USEC  (20 * USEC_PER_SEC)
#define DRAIN_USEC    (5 * USEC_PER_MIN)

static char directory[] = "test-sim-XXXXXX";

static void publish_for(unsigned events)
{
    for (unsigned i = 0; i < events; i++) {
        sim_receive(sim_publish((int)sim_random(LANES), 0));
        sim_pass(EVERY_USEC);
    }
}

static void be_out(const struct sim_answer *answer, uint64_t answer_usec)
{
    struct sim_webhook *w = &sim.webhooks[0];
    memset(&sim, 0, sizeof(sim));
    sim.directory = directory;
    sim_begin(1, 1);
    w->weather = SIM_WELL;
    publish_for(20);
    unsigned before = w->requests;

    w->weather = answer ? SIM_OUT : SIM_DOWN;
    w->out = answer ? *answer : (struct sim_answer){0};
    publish_for(EVENTS);
    unsigned probes = w->requests - before;
    assert_in_range(probes, 1, PROBES_MAX - 1);

    w->weather = SIM_WELL;
    w->first_taken_usec = 0;
    uint64_t back = fake_boot_usec;
    sim_pass(DRAIN_USEC);
    assert_true(sim_all_is_done());
    assert_int_equal(w->taken, sim.n_events);
    assert_int_equal(w->disorder + w->repeats, 0);
    uint64_t took = w->first_taken_usec - back;
    print_message("%u requests in an hour, the first success %.1f s after the return\n", probes,
                  (double)took / USEC_PER_SEC);
    assert_in_range(took, 0, INTERVAL_USEC + answer_usec);
    sim_end();
}

static void connections_are_refused(void **state)
{
    (void)state;
    be_out(&(struct sim_answer){.error = ERROR_CONNECT}, 0);
}

static void nobody_answers(void **state)
{
    (void)state;
    be_out(&(struct sim_answer){.error = ERROR_TIMEOUT}, TIMEOUT_USEC);
}

static void every_answer_is_an_error(void **state)
{
    (void)state;
    be_out(&(struct sim_answer){.status = 500}, 5 * USEC_PER_SEC);
}

static void every_event_is_refused(void **state)
{
    (void)state;
    be_out(&(struct sim_answer){.status = 422}, 5 * USEC_PER_SEC);
}

static void any_fault(void **state)
{
    (void)state;
    be_out(NULL, 2 * USEC_PER_MIN); /* some of them ask for two minutes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_refused),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(every_answer_is_an_error),
        cmocka_unit_test(every_event_is_refused),
        cmocka_unit_test(any_fault),
    };
    assert_non_null(mkdtemp(directory));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_remove(memory_string(directory));
    return failed;
}
