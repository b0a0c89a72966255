/* SPDX-License-Identifier: MIT */
#include "sim.h"

#include <stdlib.h>
#include <sys/random.h>

#include "fixture.h"

struct sim sim;

/* Jitter takes its seed from here, in place of the kernel: a run can be repeated. */
ssize_t getrandom(void *out, size_t size, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)out)[i] = (unsigned char)fixture_random(&sim.random);
    return (ssize_t)size;
}

uint32_t sim_random(uint32_t below)
{
    return fixture_random(&sim.random) % below;
}

bool sim_chance(unsigned percent)
{
    return sim_random(100) < percent;
}

uint64_t sim_true_usec(void)
{
    return sim.true_base_usec + fake_boot_usec;
}

void sim_note(const char *format, ...)
{
    char *line = sim.trace[sim.n_trace++ % SIM_TRACE];
    int size = snprintf(line, sizeof(sim.trace[0]), "%12.3f ",
                        (double)(fake_boot_usec - USEC_PER_HOUR) / USEC_PER_SEC);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + size, sizeof(sim.trace[0]) - (size_t)size, format, arguments);
    va_end(arguments);
    if (sim.verbose)
        printf("%s\n", line);
}

void sim_broken(const char *format, ...)
{
    va_list arguments;
    if (!sim.verbose)
        for (unsigned i = sim.n_trace > SIM_TRACE ? sim.n_trace - SIM_TRACE : 0; i < sim.n_trace;
             i++)
            printf("%s\n", sim.trace[i % SIM_TRACE]);
    printf("BROKEN at seed %llu: ", (unsigned long long)sim.seed);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    _Exit(1);
}

struct sim_event *sim_publish(int order, uint64_t age_usec)
{
    SIM_LAW(sim.n_events < SIM_ROOM, "the test has no room for more events");
    SIM_LAW(order < SIM_LANES, "the test has no room for more orders");
    struct sim_event *event = &sim.events[sim.n_events];
    *event = (struct sim_event){.order = order, .event_usec = sim_true_usec() - age_usec};
    event->is_request = sim_random(4) == 0;
    snprintf(event->id, sizeof(event->id), "n-%d", sim.n_events);
    snprintf(event->payload, sizeof(event->payload), "{\"of\":%d}", sim.n_events);
    sim.n_events++;
    return event;
}

/* ---- answers ---- */

static const int taken[] = {200, 201, 202, 204, 299};
static const int refusals[] = {400, 409, 411, 413, 414, 415, 417, 422};
static const int faults[] = {300, 301, 304, 308, 401, 402, 403, 404, 405, 407, 408,
                             421, 425, 426, 428, 429, 431, 451, 500, 502, 503, 504};
static const enum error_kind errors[] = {ERROR_CONNECT, ERROR_DNS,   ERROR_TLS,
                                         ERROR_TIMEOUT, ERROR_RESET, ERROR_RESET};

#define ONE_OF(array) ((array)[sim_random(ELEMENTS(array))])

static struct sim_answer fault(void)
{
    struct sim_answer answer = {0};
    if (sim_chance(40))
        answer.error = ONE_OF(errors);
    else
        answer.status = ONE_OF(faults);
    if (answer.status && sim_chance(30))
        answer.retry_after_usec = (sim_random(120) + 1) * USEC_PER_SEC;
    return answer;
}

static struct sim_answer refusal(void)
{
    struct sim_answer answer = {.status = ONE_OF(refusals)};
    if (sim_chance(20))
        answer.retry_after_usec = (sim_random(120) + 1) * USEC_PER_SEC;
    return answer;
}

static struct sim_answer any(void)
{
    uint32_t dice = sim_random(100);
    if (dice < 45)
        return (struct sim_answer){.status = ONE_OF(taken)};
    if (dice < 70)
        return refusal();
    return dice < 97 ? fault() : (struct sim_answer){.status = 410};
}

static struct sim_answer by_weather(const struct sim_webhook *webhook)
{
    switch (webhook->weather) {
    case SIM_WELL:
        return (struct sim_answer){.status = ONE_OF(taken)};
    case SIM_GOOD:
        return sim_chance(96) ? (struct sim_answer){.status = ONE_OF(taken)} : any();
    case SIM_DOWN:
        return fault();
    case SIM_OUT:
        return webhook->out;
    case SIM_MIXED:
        return any();
    }
    return any();
}

struct sim_answer sim_answer(const struct sim_webhook *webhook, const struct sim_event *event)
{
    bool sick = event->order >= 0 && event->order < SIM_ORDERS && webhook->sick[event->order];
    struct sim_answer answer = by_weather(webhook);
    if (sick && webhook->weather != SIM_DOWN && webhook->weather != SIM_OUT)
        answer = webhook->sick_status ? (struct sim_answer){.status = (int)webhook->sick_status}
                                      : (struct sim_answer){.error = ERROR_TIMEOUT};
    answer.as_date = sim_chance(30);
    answer.after_usec =
        sim_chance(80) ? sim_random(50) * USEC_PER_MSEC + 1 : sim_random(5000) * USEC_PER_MSEC + 1;
    if (answer.error == ERROR_TIMEOUT)
        answer.after_usec = 20 * USEC_PER_SEC;
    return answer;
}
