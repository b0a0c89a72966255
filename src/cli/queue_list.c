/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "held.h"
#include "queue.h"
#include "table.h"

/* Columns that do not fit on a terminal with the usual 80 columns. */
#define SELLER_COLUMN 3
#define TYPE_COLUMN   4
#define TRIES_COLUMN  7
#define WIDE_LINE     110
#define TRIES_LINE    90

struct listing {
    const struct cli *cli;
    struct table *table;
    struct text line;
    struct queue_filter filter;
    bool terminal; /* for a person at a terminal */
    uint64_t now_usec;
    int64_t last;
    size_t rows; /* of this page */
};

/* Return a character for the state, as Postfix does: * in flight, ! held, - dead, ? without a
 * webhook, and a blank for all others. */
static char state_character(enum delivery_state state)
{
    switch (state) {
    case DELIVERY_INFLIGHT:
        return '*';
    case DELIVERY_HELD:
        return '!';
    case DELIVERY_DEAD:
        return '-';
    case DELIVERY_ORPHANED:
        return '?';
    default:
        return ' ';
    }
}

static enum paint state_paint(enum delivery_state state)
{
    switch (state) {
    case DELIVERY_INFLIGHT:
    case DELIVERY_DELIVERED:
        return PAINT_GOOD;
    case DELIVERY_HELD:
    case DELIVERY_ORPHANED:
        return PAINT_WARN;
    case DELIVERY_DEAD:
        return PAINT_BAD;
    case DELIVERY_SUPERSEDED:
    case DELIVERY_FILTERED:
    case DELIVERY_DROPPED:
        return PAINT_FAINT;
    default:
        return PAINT_NONE;
    }
}

static void next_try(struct table *table, const struct list_row *row, uint64_t now_usec)
{
    char span[TEXT_SPAN_MAX];
    if (row->state != DELIVERY_READY) {
        table_cell(table, NULL);
    } else if (row->next_usec <= now_usec) {
        table_cell(table, "now");
    } else {
        text_span(span, row->next_usec - now_usec);
        table_cellf(table, "in %s", span);
    }
}

static void put_text(struct listing *listing, const struct list_row *row)
{
    struct table *table = listing->table;
    char age[TEXT_SPAN_MAX];
    text_span(age,
              listing->now_usec > row->received_usec ? listing->now_usec - row->received_usec : 0);
    table_cellf(table, "%lld", (long long)row->id);
    if (listing->terminal)
        table_cellf(table, "%c %s", state_character(row->state), delivery_state_name(row->state));
    else
        table_cell(table, delivery_state_name(row->state));
    table_paint(table, state_paint(row->state));
    table_cell(table, row->webhook);
    table_cell(table, row->seller ? row->seller : row->seller_id);
    table_cell(table, row->type);
    table_cell(table, row->order_id);
    table_cell(table, age);
    table_cellf(table, "%u", row->attempts);
    next_try(table, row, listing->now_usec);
    table_cell(table, row->last_error);
}

static void put_row(const struct list_row *row, void *userdata)
{
    struct listing *listing = userdata;
    listing->last = row->id;
    listing->rows++;
    if (!queue_filter_passes(&listing->filter, row))
        return;
    if (listing->cli->output == CLI_TEXT) {
        put_text(listing, row);
        return;
    }
    json_open(&listing->line, NULL, '{');
    queue_json_row(&listing->line, row, listing->now_usec);
    json_close(&listing->line, '}');
    queue_put_line(&listing->line);
}

/* Print one page. Each page has its own transaction, so that a slow reader of our output does not
 * keep the store from cleaning up. */
static int put_page(struct listing *listing, const struct queue *queue,
                    const struct list_query *query)
{
    struct held held;
    listing->rows = 0;
    int r = store_begin(queue->store);
    if (r == 0) {
        held_begin(&held);
        r = store_list(queue->store, query, put_row, listing);
        store_rollback(queue->store);
        held_end(&held);
    }
    table_print(listing->table);
    return r;
}

static int put_all(const struct cli *cli, const struct queue *queue, uint32_t states,
                   const struct queue_filter *filter)
{
    /* A state follows its character and a blank. */
    static const char *const titles[] = {"ID",    "  STATE", "WEBHOOK", "SELLER", "TYPE",
                                         "ORDER", "AGE",     "TRIES",   "NEXT",   "LAST ERROR"};
    struct listing listing = {
        .cli = cli,
        .table = table_new(TABLE_LIST, titles, ELEMENTS(titles)),
        .filter = *filter,
        .terminal = isatty(STDOUT_FILENO),
        .now_usec = clock_trusted_usec(),
    };
    int r;
    table_wants(listing.table, SELLER_COLUMN, WIDE_LINE);
    table_wants(listing.table, TYPE_COLUMN, WIDE_LINE);
    table_wants(listing.table, TRIES_COLUMN, TRIES_LINE);
    do {
        struct list_query query = {states, cli_value(cli, "webhook"), listing.last, QUEUE_PAGE};
        r = put_page(&listing, queue, &query);
    } while (r == 0 && listing.rows == QUEUE_PAGE);
    table_free(listing.table);
    text_clear(&listing.line);
    return r ? queue_store_failed(queue, r, "reading the store") : CLI_DONE;
}

int command_queue_list(const struct cli *cli)
{
    struct queue queue = {0};
    struct queue_filter filter;
    uint32_t states;
    if (cli->argc)
        return cli_usage(cli, "queue list takes no arguments; queue show takes ids");
    int status = queue_states(cli, STATES_WAITING, &states);
    if (status == CLI_DONE)
        status = queue_filter(cli, clock_trusted_usec(), &filter);
    if (status == CLI_DONE)
        status = queue_open(cli, STORE_READER, &queue);
    if (status == CLI_DONE)
        status = queue_webhook(cli, &queue);
    if (status == CLI_DONE && queue.store)
        status = put_all(cli, &queue, states, &filter);
    queue_close(&queue);
    return status;
}
