/* SPDX-License-Identifier: MIT */
/* Values in Prometheus' text format. */
#include "metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

static void put_label(struct text *out, const char *name, const char *value, bool first)
{
    text_appendf(out, "%c%s=\"", first ? '{' : ',', name);
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            text_append_char(out, '\\');
        if (*value == '\n')
            text_append_string(out, "\\n");
        else
            text_append_char(out, *value);
    }
    text_append_char(out, '"');
}

/* Write the name and labels of a value. `le`: the bound of a bucket; NULL for other values. */
static void put_series(struct scrape *scrape, const char *suffix, const char *const values[],
                       const char *le)
{
    const struct metric *metric = scrape->metric;
    bool first = true;
    text_appendf(scrape->out, "%s%s", metric->name, suffix);
    for (size_t i = 0; values && metric->labels[i]; i++, first = false)
        put_label(scrape->out, metric->labels[i], values[i], first);
    if (le)
        put_label(scrape->out, "le", le, first);
    if (le || !first)
        text_append_char(scrape->out, '}');
}

static void put_seconds(struct text *out, int64_t usec)
{
    const long long second = (long long)USEC_PER_SEC;
    text_appendf(out, " %s%lld.%06lld\n", usec < 0 ? "-" : "", llabs(usec / second),
                 llabs(usec % second));
}

void scrape_number(struct scrape *scrape, uint64_t value, const char *const values[])
{
    put_series(scrape, "", values, NULL);
    text_appendf(scrape->out, " %" PRIu64 "\n", value);
}

void scrape_usec(struct scrape *scrape, int64_t usec, const char *const values[])
{
    put_series(scrape, "", values, NULL);
    put_seconds(scrape->out, usec);
}

void scrape_moment(struct scrape *scrape, uint64_t usec, const char *const values[])
{
    if (usec)
        scrape_usec(scrape, (int64_t)usec, values);
}

void scrape_histogram(struct scrape *scrape, const struct histogram *histogram,
                      const char *const values[])
{
    uint64_t sum = 0;
    char le[32];
    for (size_t i = 0; i < histogram->n_bounds; i++) {
        sum += histogram->counts[i];
        snprintf(le, sizeof(le), "%g", (double)histogram->bounds_usec[i] / (double)USEC_PER_SEC);
        put_series(scrape, "_bucket", values, le);
        text_appendf(scrape->out, " %" PRIu64 "\n", sum);
    }
    sum += histogram->counts[histogram->n_bounds];
    put_series(scrape, "_bucket", values, "+Inf");
    text_appendf(scrape->out, " %" PRIu64 "\n", sum);
    put_series(scrape, "_sum", values, NULL);
    put_seconds(scrape->out, (int64_t)histogram->sum_usec);
    put_series(scrape, "_count", values, NULL);
    text_appendf(scrape->out, " %" PRIu64 "\n", sum);
}

uint64_t scrape_fact_usec(struct scrape *scrape, const char *section, const char *name,
                          const char *key)
{
    AUTOFREE char *value = NULL;
    uint64_t usec = 0;
    if (store_get_fact(scrape->d->store, section, name, key, &value) != 0 || !value ||
        clock_parse_rfc3339(value, strlen(value), &usec) < 0)
        return 0;
    return usec;
}
