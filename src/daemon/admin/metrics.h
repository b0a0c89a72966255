/* SPDX-License-Identifier: MIT */
#ifndef SRC_DAEMON_ADMIN_METRICS_H
#define SRC_DAEMON_ADMIN_METRICS_H

#include "base/histogram.h"
#include "base/text.h"
#include "daemon.h"
#include "wire/server.h"

/*
 * /metrics: Prometheus' text format 0.0.4, from one table (metrics_table.c). A scrape reads
 * counters and finds single rows by an index. It goes through sections of the config, never through
 * deliveries.
 */

/* Most sections of a kind that have numbers of their own; the others are left out. */
#define METRICS_SECTIONS_MAX 500
#define METRICS_LABELS_MAX   3

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* The time that a value is about. */
enum metric_life {
    METRIC_NOW,     /* the moment of the scrape */
    METRIC_PROCESS, /* since the daemon was started */
    METRIC_STORE,   /* since the store was made: it outlasts restarts */
};

struct scrape;

struct metric {
    const char *name;
    enum metric_type type;
    enum metric_life life;
    const char *labels[METRICS_LABELS_MAX + 1]; /* NULL-terminated */
    const char *help;                           /* one line */
    void (*read)(struct scrape *scrape);        /* writes the known values */
};

extern const struct metric metrics[];
extern const size_t n_metrics;

/* The store's numbers of a webhook. */
struct scrape_webhook {
    const char *name; /* as in the config; "": deliveries without a webhook in the config */
    size_t index;     /* in the config; SIZE_MAX with "" */
    uint64_t counts[DELIVERY_STATES], moves[DELIVERY_STATES];
    uint64_t waiting_usec; /* when the oldest waiting delivery was received; 0: none waits */
    bool paused;
};

/* An answer that is being written. */
struct scrape {
    struct text *out;
    struct daemon *d;
    const struct metric *metric; /* whose values are written */
    uint64_t now_usec;
    struct scrape_webhook *webhooks; /* in the config's order, and "" last */
    size_t n_webhooks;
    size_t n_queues, n_sellers; /* sections with numbers of their own */
};

/* The values of the metric's labels, in their order. */
#define VALUES(...)                                                                                \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* Write one number, time (in seconds) or histogram. values NULL: it has no labels. */
void scrape_number(struct scrape *scrape, uint64_t value, const char *const values[]);
void scrape_usec(struct scrape *scrape, int64_t usec, const char *const values[]);
void scrape_histogram(struct scrape *scrape, const struct histogram *histogram,
                      const char *const values[]);

/* Write a time, unless it is 0: unknown ones are left out. */
void scrape_moment(struct scrape *scrape, uint64_t usec, const char *const values[]);

/* Return a time that the store has as a fact; 0: it has none. */
uint64_t scrape_fact_usec(struct scrape *scrape, const char *section, const char *name,
                          const char *key);

/* Answer GET /metrics. */
void admin_answer_metrics(struct daemon *d, struct exchange *exchange);

#endif
