/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "queue.h"
#include "table.h"

/* The limits of the columns of ages, and the last column without a limit. */
static const struct {
    const char *title;
    uint64_t usec;
} ages[] = {
    {"1m", USEC_PER_MIN},     {"5m", 5 * USEC_PER_MIN},  {"15m", 15 * USEC_PER_MIN},
    {"1h", USEC_PER_HOUR},    {"6h", 6 * USEC_PER_HOUR}, {"1d", USEC_PER_DAY},
    {"3d", 3 * USEC_PER_DAY}, {"7d", 7 * USEC_PER_DAY},  {"older", UINT64_MAX},
};
#define AGES ELEMENTS(ages)

struct histogram {
    char *webhook; /* NULL: of no webhook */
    uint64_t total, counts[AGES];
};

struct shape {
    const struct cli *cli;
    struct queue_filter filter;
    uint64_t now_usec;
    struct histogram *histograms;
    size_t count, rows;
    int64_t last;
};

static struct histogram *histogram_of(struct shape *shape, const char *webhook)
{
    for (size_t i = 0; i < shape->count; i++)
        if (text_equal(shape->histograms[i].webhook, webhook))
            return &shape->histograms[i];
    shape->histograms =
        memory_resize(shape->histograms, shape->count + 1, sizeof(*shape->histograms));
    struct histogram *fresh = &shape->histograms[shape->count++];
    *fresh = (struct histogram){.webhook = memory_string(webhook)};
    return fresh;
}

static void add_row(const struct list_row *row, void *userdata)
{
    struct shape *shape = userdata;
    size_t age = 0;
    shape->rows++;
    shape->last = row->id;
    if (!queue_filter_passes(&shape->filter, row))
        return;
    uint64_t usec = shape->now_usec > row->received_usec ? shape->now_usec - row->received_usec : 0;
    while (usec > ages[age].usec)
        age++;
    struct histogram *histogram = histogram_of(shape, row->webhook);
    histogram->total++;
    histogram->counts[age]++;
}

static int add_all(struct shape *shape, const struct queue *queue, uint32_t states)
{
    int r;
    do {
        struct list_query query = {states, cli_value(shape->cli, "webhook"), shape->last,
                                   QUEUE_PAGE};
        shape->rows = 0;
        r = store_begin(queue->store);
        if (r)
            break;
        r = store_list(queue->store, &query, add_row, shape);
        store_rollback(queue->store);
    } while (r == 0 && shape->rows == QUEUE_PAGE);
    return r ? queue_store_failed(queue, r, "reading the store") : CLI_DONE;
}

static void put_json(const struct histogram *histogram)
{
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "webhook", histogram->webhook);
    json_number(&line, "total", (int64_t)histogram->total);
    json_open(&line, "ages", '{');
    for (size_t i = 0; i < AGES; i++)
        json_number(&line, ages[i].title, (int64_t)histogram->counts[i]);
    json_close(&line, '}');
    json_close(&line, '}');
    queue_put_line(&line);
}

static void put_text(const struct shape *shape)
{
    const char *titles[2 + AGES] = {"WEBHOOK", "TOTAL"};
    for (size_t i = 0; i < AGES; i++)
        titles[2 + i] = ages[i].title;
    struct table *table = table_new(TABLE_LIST, titles, ELEMENTS(titles));
    for (size_t i = 0; i < shape->count; i++) {
        const struct histogram *histogram = &shape->histograms[i];
        table_cell(table, histogram->webhook);
        table_cellf(table, "%" PRIu64, histogram->total);
        for (size_t k = 0; k < AGES; k++)
            table_cellf(table, "%" PRIu64, histogram->counts[k]);
    }
    table_print(table);
    table_free(table);
}

static void put(const struct shape *shape)
{
    if (shape->cli->output == CLI_TEXT)
        put_text(shape);
    else
        for (size_t i = 0; i < shape->count; i++)
            put_json(&shape->histograms[i]);
}

int command_queue_shape(const struct cli *cli)
{
    struct shape shape = {.cli = cli};
    struct queue queue = {0};
    uint32_t states;
    if (cli->argc)
        return cli_usage(cli, "queue shape takes no arguments");
    int status = queue_states(cli, STATES_WAITING & ~STATE(DEAD), &states);
    if (status == CLI_DONE)
        status = queue_open(cli, STORE_READER, &queue);
    shape.now_usec = clock_trusted_usec();
    if (status == CLI_DONE)
        status = queue_filter(cli, shape.now_usec, &shape.filter);
    if (status == CLI_DONE)
        status = queue_webhook(cli, &queue);
    if (status == CLI_DONE && queue.store)
        status = add_all(&shape, &queue, states);
    if (status == CLI_DONE)
        put(&shape);
    for (size_t i = 0; i < shape.count; i++)
        free(shape.histograms[i].webhook);
    free(shape.histograms);
    queue_close(&queue);
    return status;
}
