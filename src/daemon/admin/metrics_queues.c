/* SPDX-License-Identifier: MIT */
#include "metrics_read.h"

static const char *queue_name(const struct scrape *s, size_t i)
{
    return s->d->config->queues[i].name;
}

static struct queue_tally *tally_of(struct scrape *s, size_t i)
{
    return tallies_queue(&s->d->tallies, queue_name(s, i));
}

static struct receiver_view view_of(const struct scrape *s, size_t i)
{
    struct receiver_view view;
    receiver_look(s->d->parts->receivers[i], &view);
    return view;
}

void read_messages(struct scrape *s)
{
    static const char *const results[TALLY_RESULTS] = {
        [ACCEPTED_NEW] = "new",
        [ACCEPTED_COPY] = "copy",
        [ACCEPTED_REVIVED] = "revived",
        [ACCEPTED_REJECTED] = "rejected",
        [ACCEPTED_OVER_LIMIT] = "over_limit",
        [ACCEPTED_LEFT] = "left",
    };
    for (size_t i = 0; i < s->n_queues; i++)
        for (size_t r = 0; r < TALLY_RESULTS; r++)
            scrape_number(s, tally_of(s, i)->results[r], VALUES(queue_name(s, i), results[r]));
}

void read_lag(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        scrape_histogram(s, &tally_of(s, i)->lag, VALUES(queue_name(s, i)));
}

void read_deletes_failed(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        scrape_number(s, tally_of(s, i)->deletes_failed, VALUES(queue_name(s, i)));
}

void read_deletes_failing(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        scrape_number(s, view_of(s, i).delete_trouble != NULL, VALUES(queue_name(s, i)));
}

void read_damaged(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        scrape_number(s, tally_of(s, i)->damaged, VALUES(queue_name(s, i)));
}

void read_pollers(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        scrape_number(s, parts_pollers(s->d->parts, queue_name(s, i)), VALUES(queue_name(s, i)));
}

void read_depth(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        scrape_number(s, view_of(s, i).depth, VALUES(queue_name(s, i)));
}

void read_queue_failing(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        scrape_number(s, view_of(s, i).trouble != NULL, VALUES(queue_name(s, i)));
}

static void put_time(struct scrape *s, size_t i, uint64_t usec, const char *fact)
{
    const char *name = queue_name(s, i);
    scrape_moment(s, usec ? usec : scrape_fact_usec(s, "queue", name, fact), VALUES(name));
}

void read_last_receive(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        put_time(s, i, view_of(s, i).received_usec, "last_receive");
}

void read_last_message(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        put_time(s, i, view_of(s, i).message_usec, "last_message");
}

void read_sqs_calls(struct scrape *s)
{
    for (size_t i = 0; i < s->n_queues; i++)
        for (unsigned o = 0; o < SQS_OPERATIONS; o++)
            for (unsigned c = 0; c < CALL_OUTCOMES; c++)
                scrape_number(
                    s, tally_of(s, i)->calls[o].calls[c],
                    VALUES(queue_name(s, i), sqs_operation_name(o), call_outcome_name(c)));
}

/* ---- sellers ---- */

void read_seller_accepted(struct scrape *s)
{
    for (size_t i = 0; i < s->n_sellers; i++) {
        const struct config_seller *seller = &s->d->config->sellers[i];
        scrape_number(s, tallies_seller(&s->d->tallies, seller->name)->accepted,
                      VALUES(seller->queue, seller->name));
    }
    for (size_t i = 0; i < s->n_queues; i++)
        scrape_number(s, tally_of(s, i)->strangers.accepted, VALUES(queue_name(s, i), ""));
}

void read_seller_last(struct scrape *s)
{
    for (size_t i = 0; i < s->n_sellers; i++) {
        const struct config_seller *seller = &s->d->config->sellers[i];
        scrape_moment(s, tallies_seller(&s->d->tallies, seller->name)->last_usec,
                      VALUES(seller->queue, seller->name));
    }
}

void read_seller_troubled(struct scrape *s)
{
    for (size_t i = 0; s->d->plan.sellers && i < s->n_sellers; i++)
        scrape_number(s, s->d->plan.sellers[i].troubled, VALUES(s->d->config->sellers[i].name));
}
