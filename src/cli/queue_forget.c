/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "daemon/wake.h"
#include "operator.h"
#include "queue.h"
#include "store/forget.h"

/* Bytes of an order's id, and orders of one command: the search for each reads the whole history.
 */
#define ORDER_MAX  256
#define ORDERS_MAX 100

struct order {
    char *id;
    char reference[STORE_REFERENCE_MAX];
    struct forget gone; /* what was forgotten; gone.notifications 0: nothing */
};

struct forgetting {
    const struct cli *cli;
    struct queue queue;
    struct order orders[ORDERS_MAX];
    size_t count;
    int status;
};

/* ---- which orders ---- */

static int add(struct forgetting *f, const char *id, size_t size)
{
    if (size == 0 || size > ORDER_MAX || memchr(id, '*', size))
        return cli_usage(f->cli, "%.*s is not the id of an order", (int)(size < 80 ? size : 80),
                         id);
    if (f->count == ORDERS_MAX)
        return cli_usage(f->cli, "no more than %d orders at once", ORDERS_MAX);
    f->orders[f->count++].id = memory_copy(id, size);
    return CLI_DONE;
}

/* Add the first word of each line. */
static int read_orders(struct forgetting *f)
{
    char line[ORDER_MAX + 64];
    int status = CLI_DONE;
    while (status == CLI_DONE && fgets(line, sizeof(line), stdin)) {
        const char *word = line + strspn(line, " \t");
        size_t size = strcspn(word, " \t\r\n");
        if (!strchr(line, '\n') && !feof(stdin))
            return cli_usage(f->cli, "a line of standard input is too long");
        if (size)
            status = add(f, word, size);
    }
    return status;
}

static int choose(struct forgetting *f)
{
    const struct cli *cli = f->cli;
    int status = CLI_DONE;
    for (int i = 0; i < cli->argc && status == CLI_DONE; i++)
        status = strcmp(cli->argv[i], "-") == 0 ? read_orders(f)
                                                : add(f, cli->argv[i], strlen(cli->argv[i]));
    if (status == CLI_DONE && f->count == 0)
        return cli_usage(cli, "queue forget needs the id of an order, or -");
    return status;
}

/* ---- the store ---- */

/* One transaction; a dry run changes nothing. */
static int step(struct store *store, struct forget *forget)
{
    struct forget tried = *forget;
    int r = store_begin(store);
    if (r)
        return r;
    r = store_forget(store, &tried, clock_trusted_usec());
    if (r == 0 && !tried.dry_run)
        r = store_commit(store);
    else
        store_rollback(store);
    if (r == 0)
        *forget = tried;
    else
        forget->in_flight = tried.in_flight;
    return r;
}

static int run(struct store *store, struct forget *forget)
{
    int r;
    do
        r = step(store, forget);
    while (r == 0 && forget->more);
    return r;
}

static int failed(struct forgetting *f, const struct order *order, const struct forget *forget,
                  int result)
{
    if (result != STORE_IN_FLIGHT)
        return queue_store_failed(&f->queue, result, "queue forget");
    cli_error("order %s: delivery %lld is in flight, so %s. Try again; if it is sent again and "
              "again, hold the order first: dockbell queue hold ALL --order=%s",
              order->id, (long long)forget->in_flight,
              forget->notifications && !forget->dry_run ? "not everything was removed"
                                                        : "nothing was removed",
              order->id);
    return CLI_FAILED;
}

static int say_nothing_there(struct forgetting *f, const struct order *order)
{
    uint64_t when = 0;
    char text[CLOCK_TEXT_MAX];
    int r = store_begin(f->queue.store);
    if (r == 0) {
        r = store_forgotten_usec(f->queue.store, order->id, &when);
        store_rollback(f->queue.store);
    }
    if (r)
        return queue_store_failed(&f->queue, r, "reading the store");
    if (!when) {
        cli_error("order %s: the store has no notification of it", order->id);
        return CLI_FAILED;
    }
    clock_rfc3339(text, when);
    if (f->cli->output == CLI_TEXT)
        printf("order %s: it was forgotten at %s, and no notification came since\n", order->id,
               text);
    return CLI_DONE;
}

/* Ask at a terminal, because this cannot be undone. */
static bool agrees(const struct forgetting *f, const struct order *order,
                   const struct forget *found)
{
    char answer[16] = "";
    if (cli_has(f->cli, "yes") || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true;
    fprintf(stderr, "forget order %s, %llu deliveries, %llu of them not delivered yet? [y/N] ",
            order->id, (unsigned long long)found->deliveries, (unsigned long long)found->dropped);
    return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int read_reference(struct forgetting *f, struct order *order)
{
    int r = store_begin(f->queue.store);
    if (r)
        return r;
    r = store_order_reference(f->queue.store, order->id, order->reference);
    if (r == 0)
        return store_commit(f->queue.store);
    store_rollback(f->queue.store);
    return r;
}

static int forget(struct forgetting *f, struct order *order)
{
    struct forget found = {.order = order->id, .dry_run = true};
    int r = run(f->queue.store, &found);
    if (r)
        return failed(f, order, &found, r);
    if (found.notifications == 0)
        return say_nothing_there(f, order);
    if (!agrees(f, order, &found)) {
        cli_error("order %s: nothing was removed", order->id);
        return CLI_FAILED;
    }
    order->gone.order = order->id;
    r = read_reference(f, order);
    if (r == 0)
        r = run(f->queue.store, &order->gone);
    if (order->gone.notifications)
        operator_audit_forgotten(order->reference, order->gone.notifications);
    return r ? failed(f, order, &order->gone, r) : CLI_DONE;
}

/* ---- the end ---- */

static void report(const struct forgetting *f, const struct order *order, uint64_t remains)
{
    const struct forget *gone = &order->gone;
    if (f->cli->output == CLI_TEXT) {
        printf("order %s: forgotten, with %llu notification%s and %llu deliver%s; %llu of them "
               "had not been delivered and will not be sent. Reference: %s\n",
               order->id, (unsigned long long)gone->notifications,
               gone->notifications == 1 ? "" : "s", (unsigned long long)gone->deliveries,
               gone->deliveries == 1 ? "y" : "ies", (unsigned long long)gone->dropped,
               order->reference);
        return;
    }
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "order_id", order->id);
    json_string(&line, "reference", order->reference);
    json_number(&line, "notifications", (int64_t)gone->notifications);
    json_number(&line, "deliveries", (int64_t)gone->deliveries);
    json_number(&line, "dropped", (int64_t)gone->dropped);
    json_number(&line, "remains", (int64_t)remains);
    json_close(&line, '}');
    queue_put_line(&line);
}

/* Prove that the id is in no file of the store. This process has the store closed. */
static int prove(const char *directory, const struct order *order, uint64_t *ret_remains)
{
    *ret_remains = 0;
    if (!store_order_is_distinct(order->id))
        return CLI_DONE;
    int r = store_count_text(directory, order->id, ret_remains);
    if (r < 0) {
        cli_error("order %s: it was forgotten, but the files of the store cannot be searched: %s",
                  order->id, strerror(-r));
        return CLI_FAILED;
    }
    if (!*ret_remains)
        return CLI_DONE;
    cli_error("order %s: it was forgotten, but its id is still %llu times in the store: in "
              "unused parts of the file, in a notification that has just come, or in a body that "
              "was not understood. Run the command again; if that does not help, stop the daemon "
              "and run: dockbell store clean",
              order->id, (unsigned long long)*ret_remains);
    return CLI_FAILED;
}

static void finish(struct forgetting *f)
{
    AUTOFREE char *directory = memory_string(f->queue.config->state_directory);
    (void)wake_send(directory);
    int r = store_wipe_log(f->queue.store);
    if (r)
        f->status = queue_store_failed(&f->queue, r, "emptying the log of the store");
    store_free(TAKE(f->queue.store));
    for (size_t i = 0; i < f->count; i++) {
        uint64_t remains;
        if (!f->orders[i].gone.notifications)
            continue;
        if (prove(directory, &f->orders[i], &remains) != CLI_DONE)
            f->status = CLI_FAILED;
        report(f, &f->orders[i], remains);
    }
}

static void forget_all(struct forgetting *f)
{
    bool any = false;
    for (size_t i = 0; i < f->count; i++) {
        if (!f->queue.store)
            cli_error("order %s: there is no store yet", f->orders[i].id);
        if (!f->queue.store || forget(f, &f->orders[i]) != CLI_DONE)
            f->status = CLI_FAILED;
        any = any || f->orders[i].gone.notifications;
    }
    if (any)
        finish(f);
}

int command_queue_forget(const struct cli *cli)
{
    struct forgetting f = {.cli = cli};
    f.status = choose(&f);
    if (f.status == CLI_DONE) {
        f.status = queue_open(cli, STORE_COMMAND, &f.queue);
        if (f.status == CLI_DONE)
            forget_all(&f);
        queue_close(&f.queue);
    }
    for (size_t i = 0; i < f.count; i++)
        free(f.orders[i].id);
    return f.status;
}
