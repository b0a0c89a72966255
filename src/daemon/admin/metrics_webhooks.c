/* SPDX-License-Identifier: MIT */
#include "metrics_read.h"

/* The last row belongs to no webhook. */
#define EACH_WEBHOOK(s, w)                                                                         \
    for (struct scrape_webhook * (w) = (s)->webhooks; (w)->index != SIZE_MAX; (w)++)

static struct webhook_tally *tally_of(struct scrape *s, const struct scrape_webhook *w)
{
    return tallies_webhook(&s->d->tallies, w->name);
}

static struct forwarder_view view_of(const struct scrape *s, const struct scrape_webhook *w)
{
    struct forwarder_view view;
    forwarder_look(s->d->parts->forwarders[w->index], &view);
    return view;
}

void read_deliveries(struct scrape *s)
{
    for (size_t i = 0; i < s->n_webhooks; i++)
        for (unsigned state = 1; state < DELIVERY_STATES; state++)
            scrape_number(s, s->webhooks[i].counts[state],
                          VALUES(s->webhooks[i].name, delivery_state_name(state)));
}

void read_moves(struct scrape *s)
{
    for (size_t i = 0; i < s->n_webhooks; i++)
        for (unsigned state = 1; state < DELIVERY_ORPHANED; state++)
            scrape_number(s, s->webhooks[i].moves[state],
                          VALUES(s->webhooks[i].name, delivery_state_name(state)));
}

/* Whether an outcome can have this status. Impossible pairs are left out: their numbers would be a
 * third more lines. */
static bool may_be(unsigned result, unsigned status)
{
    return result == OUTCOME_DESTINATION_FAULT || status == 2 ||
           (result != OUTCOME_DELIVERED && status == 4) ||
           (result == OUTCOME_THROTTLED && status == 5);
}

void read_attempts(struct scrape *s)
{
    static const char *const results[TALLY_OUTCOMES] = {
        [OUTCOME_DELIVERED] = "delivered",
        [OUTCOME_EVENT_FAULT] = "event_fault",
        [OUTCOME_DESTINATION_FAULT] = "destination_fault",
        [OUTCOME_GONE] = "gone",
        [OUTCOME_THROTTLED] = "throttled",
    };
    static const char *const statuses[TALLY_STATUSES] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    EACH_WEBHOOK(s, w)
        for (unsigned r = 0; r < TALLY_OUTCOMES; r++)
            for (unsigned c = 0; c < TALLY_STATUSES; c++)
                if (may_be(r, c) || tally_of(s, w)->attempts[r][c])
                    scrape_number(s, tally_of(s, w)->attempts[r][c],
                                  VALUES(w->name, results[r], statuses[c]));
}

void read_attempt_duration(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_histogram(s, &tally_of(s, w)->duration, VALUES(w->name));
}

void read_delivery_time(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_histogram(s, &tally_of(s, w)->delivery, VALUES(w->name));
}

void read_webhook_backlog(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_number(s,
                      w->counts[DELIVERY_READY] + w->counts[DELIVERY_INFLIGHT] +
                          w->counts[DELIVERY_BEHIND],
                      VALUES(w->name));
}

void read_oldest_age(struct scrape *s)
{
    EACH_WEBHOOK(s, w) {
        bool waits = w->waiting_usec && w->waiting_usec < s->now_usec;
        scrape_usec(s, waits ? (int64_t)(s->now_usec - w->waiting_usec) : 0, VALUES(w->name));
    }
}

void read_in_flight(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_number(s, parts_in_flight_to(s->d->parts, s->d->parts->webhook_ids[w->index]),
                      VALUES(w->name));
}

void read_limit(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_number(s, view_of(s, w).limit, VALUES(w->name));
}

static int64_t rounded(double rate)
{
    return ((int64_t)(rate * 10) + 5) / 10;
}

void read_rate(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_number(s, rounded(view_of(s, w).rate), VALUES(w->name));
}

void read_throttled(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_number(s, view_of(s, w).throttled_to > 0, VALUES(w->name));
}

void read_filtered(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_number(s, tally_of(s, w)->filtered, VALUES(w->name));
}

void read_filter_blocks(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_number(s, filter_watch_blocks(s->d->parts->filters, w->name), VALUES(w->name));
}

void read_breaker(struct scrape *s)
{
    static const char *const states[] = {
        [BREAKER_CLOSED] = "closed",
        [BREAKER_OPEN] = "open",
        [BREAKER_PROBING] = "probing",
    };
    EACH_WEBHOOK(s, w)
        for (unsigned state = BREAKER_CLOSED; state <= BREAKER_PROBING; state++)
            scrape_number(s, view_of(s, w).breaker == state, VALUES(w->name, states[state]));
}

void read_paused(struct scrape *s)
{
    EACH_WEBHOOK(s, w)
        scrape_number(s, w->paused, VALUES(w->name));
}

void read_last_success(struct scrape *s)
{
    EACH_WEBHOOK(s, w) {
        uint64_t usec = view_of(s, w).last_usec;
        scrape_moment(s, usec ? usec : scrape_fact_usec(s, "webhook", w->name, "last_success"),
                      VALUES(w->name));
    }
}
