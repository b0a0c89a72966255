/* SPDX-License-Identifier: MIT */
#include "check_schedule.h"

#include <stdio.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "prose.h"
#include "table.h"

enum cause { CAUSE_FAULT, CAUSE_REFUSAL, CAUSE_PROBE };

/* One try, or several with the same wait before them. */
struct row {
    unsigned first, last;
    uint64_t wait_usec;
    /* Time since the first try, or since the breaker opened: the earliest and the latest. */
    uint64_t since_usec, since_latest_usec;
    const char *dead; /* the key that ends the delivery if this try also fails; NULL: none */
    bool repeats;     /* this wait repeats from here on */
};

typedef void (*row_fn)(const struct row *row, void *userdata);

static uint64_t wait_before(const struct schedule *s, enum cause cause, unsigned number)
{
    switch (cause) {
    case CAUSE_FAULT:
        return schedule_retry_usec(s, number - 1);
    case CAUSE_REFUSAL:
        return schedule_refused_usec(s, number - 1);
    case CAUSE_PROBE:
        break;
    }
    return schedule_probe_usec(s, number - 1);
}

/* Return the number of tries. For probes, count until their interval does not grow any more. */
static unsigned count_of(const struct config_webhook *w, enum cause cause)
{
    unsigned count = 1;
    if (cause == CAUSE_FAULT)
        return w->max_attempts;
    if (cause == CAUSE_REFUSAL)
        return schedule_refused_tries(&w->schedule);
    while (wait_before(&w->schedule, cause, count) < w->schedule.probe_longest_usec)
        count++;
    return count;
}

/* Return the key that ends the delivery if try `number`, at `since_usec`, fails. NULL
 * if none does. */
static const char *death_of(const struct config_webhook *w, enum cause cause, unsigned number,
                            unsigned count, uint64_t since_usec)
{
    if (cause == CAUSE_PROBE)
        return NULL;
    if (number == count)
        return cause == CAUSE_FAULT ? "max_attempts" : "refused_delays";
    uint64_t next = since_usec + wait_before(&w->schedule, cause, number + 1);
    return next > w->max_age_usec ? "max_age" : NULL;
}

static void each_try(const struct config_webhook *w, enum cause cause, row_fn each, void *userdata)
{
    unsigned count = count_of(w, cause);
    struct row row = {0};
    for (unsigned i = 1; i <= count && !row.dead; i++) {
        row.first = row.last = i;
        row.wait_usec = wait_before(&w->schedule, cause, i);
        row.since_usec += row.wait_usec;
        row.since_latest_usec += backoff_latest_usec(row.wait_usec);
        row.dead = death_of(w, cause, i, count, row.since_usec);
        row.repeats = cause == CAUSE_PROBE && i == count;
        each(&row, userdata);
    }
}

/* ---- for people ---- */

/* Add a time as "5.5s" or "16m 30s". Times below a minute have tenths of a second. */
static void cell_time(struct table *table, uint64_t usec)
{
    char span[TEXT_SPAN_MAX];
    if (usec < USEC_PER_MIN && usec % USEC_PER_SEC) {
        table_cellf(table, "%.1fs", (double)usec / (double)USEC_PER_SEC);
        return;
    }
    text_span(span, usec);
    table_cell(table, span);
}

struct printing {
    struct table *table;
    struct row run; /* tries with the same wait, not yet written; first 0: none */
};

static void put_run(struct printing *p)
{
    const struct row *run = &p->run;
    if (!run->first)
        return;
    if (run->repeats)
        table_cellf(p->table, "%u, ...", run->first);
    else if (run->first == run->last)
        table_cellf(p->table, "%u", run->first);
    else
        table_cellf(p->table, "%u to %u", run->first, run->last);
    cell_time(p->table, run->wait_usec);
    cell_time(p->table, backoff_latest_usec(run->wait_usec));
    cell_time(p->table, run->since_usec);
    cell_time(p->table, run->since_latest_usec);
}

static void print_row(const struct row *row, void *userdata)
{
    struct printing *p = userdata;
    unsigned first = row->first;
    if (p->run.first && p->run.wait_usec == row->wait_usec)
        first = p->run.first;
    else
        put_run(p);
    p->run = *row;
    p->run.first = first;
}

/* Print the table of one cause. Return the key that ends the delivery after the last row. */
static const char *print_table(const struct config_webhook *w, enum cause cause, const char *title,
                               const char *const titles[])
{
    struct printing p = {.table = table_new(TABLE_REPORT, titles, 5)};
    prose_put(title, 0, 0);
    each_try(w, cause, print_row, &p);
    put_run(&p);
    table_print(p.table);
    table_free(p.table);
    return p.run.dead;
}

static void print_end(const struct config_webhook *w, const char *dead, unsigned tries)
{
    char age[TEXT_SPAN_MAX];
    text_span(age, w->max_age_usec);
    if (text_equal(dead, "max_age"))
        prose_putf(0, "A dead letter %s after it came (max_age).", age);
    else
        prose_putf(0, "A dead letter after %u %s (%s), or %s after it came (max_age).", tries,
                   tries == 1 ? "try" : "tries", dead, age);
    putchar('\n');
}

/* Return the number of probes within an hour, if each one comes as early as possible. */
static unsigned probes_of_an_hour(const struct schedule *s)
{
    unsigned count = 0;
    for (uint64_t at = schedule_probe_usec(s, 0); at <= USEC_PER_HOUR;)
        at += schedule_probe_usec(s, ++count);
    return count;
}

static void print_asked(const struct schedule *s)
{
    char span[TEXT_SPAN_MAX];
    text_span(span, s->retry_after_longest_usec);
    if (s->retry_after_longest_usec)
        prose_putf(
            0,
            "Retry-After, in seconds or as a date, is obeyed up to %s (retry_after_longest): "
            "no try is sooner.",
            span);
    else
        puts("Retry-After is not obeyed (retry_after_longest).");
}

static void print_pace(const struct pace_limit *limit)
{
    char rest[TEXT_SPAN_MAX], per[TEXT_SPAN_MAX];
    text_span(rest, limit->rest_longest_usec);
    text_span(per, limit->per_usec);
    prose_putf(0,
               "429, and 503 with Retry-After while other requests succeed, count for no order: "
               "nothing is sent for as long as Retry-After says (1s without one), at most %s "
               "(throttle_rest), then half as many requests a second and more as they are taken. "
               "From the fifth in a row of one order they count for it.",
               rest);
    if (limit->count)
        prose_putf(0, "At most %u %s in %s (rate), %u at once (burst).", limit->count,
                   limit->count == 1 ? "request" : "requests", per, limit->burst);
}

static void print_webhook(const struct config_webhook *w)
{
    static const char *const tries[] = {"TRY", "WAIT", "WITH JITTER", "SINCE THE FIRST",
                                        "WITH JITTER"};
    static const char *const probes[] = {"PROBE", "WAIT", "WITH JITTER", "SINCE IT STOPPED",
                                         "WITH JITTER"};
    char age[TEXT_SPAN_MAX];
    text_span(age, w->max_age_usec);
    printf("\nWebhook %s\n\n", w->name);
    const char *dead = print_table(w, CAUSE_FAULT,
                                   "One order fails (no answer, 3xx, 5xx, 401 to 408, 421, 423, "
                                   "425, 426, 428, 431, 451), others arrive:",
                                   tries);
    print_end(w, dead, w->max_attempts);
    dead = print_table(w, CAUSE_REFUSAL,
                       "One order is refused (400, 413, 414, 415, 422, other 4xx):", tries);
    print_end(w, dead, schedule_refused_tries(&w->schedule));
    print_table(w, CAUSE_PROBE,
                "The webhook works for nobody; one order after the other is tried:", probes);
    prose_putf(0,
               "It stops after %u failures in a row (breaker_faults), or at once when there is no "
               "connection. At most %u probes in the first hour. Such tries count for no order; a "
               "dead letter %s after it came (max_age).",
               w->schedule.breaker_faults, probes_of_an_hour(&w->schedule), age);
    putchar('\n');
    print_asked(&w->schedule);
    print_pace(&w->pace);
}

void schedule_print(const struct config *config)
{
    for (size_t i = 0; i < config->n_webhooks; i++)
        print_webhook(&config->webhooks[i]);
}

/* ---- for programs ---- */

struct putting {
    const char *webhook, *cause;
};

static void put_ms(struct text *out, const char *key, uint64_t usec)
{
    json_number(out, key, (int64_t)(usec / USEC_PER_MSEC));
}

static void put_row(const struct row *row, void *userdata)
{
    const struct putting *p = userdata;
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "webhook", p->webhook);
    json_string(&out, "cause", p->cause);
    json_number(&out, "try", row->first);
    put_ms(&out, "wait_ms", row->wait_usec);
    put_ms(&out, "wait_latest_ms", backoff_latest_usec(row->wait_usec));
    put_ms(&out, "since_first_ms", row->since_usec);
    put_ms(&out, "since_first_latest_ms", row->since_latest_usec);
    json_string(&out, "dead", row->dead);
    json_bool(&out, "repeats", row->repeats);
    json_close(&out, '}');
    puts(out.data);
}

static void put_limits(const struct config_webhook *w)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "webhook", w->name);
    json_string(&out, "cause", "limits");
    json_number(&out, "max_attempts", w->max_attempts);
    json_number(&out, "refused_tries", schedule_refused_tries(&w->schedule));
    put_ms(&out, "max_age_ms", w->max_age_usec);
    put_ms(&out, "retry_after_longest_ms", w->schedule.retry_after_longest_usec);
    json_number(&out, "breaker_faults", w->schedule.breaker_faults);
    put_ms(&out, "throttle_rest_ms", w->pace.rest_longest_usec);
    json_number(&out, "rate", w->pace.count);
    put_ms(&out, "rate_per_ms", w->pace.per_usec);
    json_number(&out, "burst", w->pace.burst);
    json_number(&out, "probes_of_an_hour", probes_of_an_hour(&w->schedule));
    json_close(&out, '}');
    puts(out.data);
}

void schedule_print_json(const struct config *config)
{
    for (size_t i = 0; i < config->n_webhooks; i++) {
        const struct config_webhook *w = &config->webhooks[i];
        put_limits(w);
        each_try(w, CAUSE_FAULT, put_row, &(struct putting){w->name, "fault"});
        each_try(w, CAUSE_REFUSAL, put_row, &(struct putting){w->name, "refusal"});
        each_try(w, CAUSE_PROBE, put_row, &(struct putting){w->name, "probe"});
    }
}
