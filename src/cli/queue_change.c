/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "daemon/wake.h"
#include "operator.h"
#include "queue.h"

/* Number of ids that are named in the journal, and the room for an id on stdin. */
#define NAMED_MAX 20
#define WORD_MAX  32

struct verb {
    enum operation operation;
    const char *name;
    const char *done; /* "3 deliveries held" */
    uint32_t states;  /* states of ALL, also allowed in --state */
    uint32_t also;    /* further states allowed in --state */
    bool asks;        /* a person, before ALL */
};

struct change {
    const struct cli *cli;
    const struct verb *verb;
    struct queue queue;
    struct queue_filter filter; /* with ALL */
    bool dry_run;               /* every transaction is rolled back */
    uint64_t every_usec;        /* time between two deliveries; 0: all at once */
    int64_t adopter;            /* the webhook that takes an orphan over; 0: none */
    enum webhook_format format; /* format of that webhook */
    int64_t batch[STORE_OPERATE_MAX];
    size_t n_batch;
    bool all;
    uint64_t changed, superseded, failed, skipped, in_flight;
    uint64_t strangers; /* of unknown senders, and left without --unknown */
    uint64_t asked;     /* how many a question before ALL is about */
    struct text named;  /* the ids for the journal */
    uint64_t n_named;
    int status; /* CLI_FAILED: the store failed */
};

/* Counts of the results of a batch that is not committed yet. */
struct tally {
    uint64_t changed;
    uint64_t superseded; /* of the changed: a newer state of the order is sent instead */
    uint64_t skipped, in_flight, failed;
};

static void refuse(const struct change *change, int64_t id, int result)
{
    if (result == STORE_IN_FLIGHT)
        cli_error("%lld: in flight, try again", (long long)id);
    else if (result == STORE_NOT_FOUND)
        cli_error("%lld: there is no such delivery", (long long)id);
    else
        cli_error("%lld: its state does not allow %s (see: dockbell queue show %lld)",
                  (long long)id, change->verb->name, (long long)id);
}

/* Return the time of the next delivery, so that the rate is not exceeded. */
static uint64_t due_usec(const struct change *change, const struct tally *tally)
{
    return clock_trusted_usec() + (change->changed + tally->changed) * change->every_usec;
}

/* Whether the delivery needs --unknown and the option is missing. Anybody who may publish to the
 * queue can have made it. */
static bool is_left(const struct change *change, const struct list_row *row)
{
    return change->verb->operation == OPERATE_RELEASE && !row->seller &&
           row->state == DELIVERY_HELD && !cli_has(change->cli, "unknown");
}

struct look {
    const struct change *change;
    int64_t id;
    bool left;
};

static void look_at(const struct list_row *row, void *userdata)
{
    struct look *look = userdata;
    if (row->id == look->id)
        look->left = is_left(look->change, row);
}

/* The same for one that was named by its id. */
static int is_named_left(const struct change *change, int64_t id, bool *ret)
{
    struct look look = {.change = change, .id = id};
    const struct list_query query = {STATE(HELD), NULL, id - 1, 1};
    int r = change->all || change->verb->operation != OPERATE_RELEASE
                ? 0
                : store_list(change->queue.store, &query, look_at, &look);
    *ret = look.left;
    return r;
}

/* One delivery. A negative or other result ends the batch. */
static int operate(const struct change *change, int64_t id, struct tally *tally)
{
    struct store *store = change->queue.store;
    uint64_t due = due_usec(change, tally);
    bool left;
    int r = is_named_left(change, id, &left);
    if (r)
        return r;
    if (left) {
        tally->failed++;
        cli_error("%lld: it comes from an unknown sender; configure its seller, or release it with "
                  "--unknown (see: dockbell queue show %lld)",
                  (long long)id, (long long)id);
        return 0;
    }
    r = change->adopter ? store_adopt(store, id, change->adopter, change->format, due)
                        : store_operate(store, change->verb->operation, id, due);
    tally->superseded += r == STORE_SUPERSEDED;
    if (r == STORE_SUPERSEDED)
        r = 0;
    if (r == 0)
        tally->changed++;
    else if (change->all && r == STORE_IN_FLIGHT)
        tally->in_flight++;
    else if (change->all && (r == STORE_UNFIT || r == STORE_NOT_FOUND))
        tally->skipped++;
    else if (r == STORE_IN_FLIGHT || r == STORE_UNFIT || r == STORE_NOT_FOUND)
        tally->failed++;
    else
        return r;
    if (r && !change->all)
        refuse(change, id, r);
    return 0;
}

static void show_progress(const struct change *change, bool end)
{
    static bool shown;
    if (end ? shown : isatty(STDERR_FILENO) && change->changed >= STORE_OPERATE_MAX) {
        fprintf(stderr, end ? "\r\033[K" : "\r%llu %s ...", (unsigned long long)change->changed,
                change->verb->done);
        shown = !end;
    }
}

/* Change the deliveries of the batch inside the transaction. */
static int operate_batch(struct change *change, struct tally *tally)
{
    int r = 0;
    for (size_t i = 0; i < change->n_batch && r == 0; i++)
        r = operate(change, change->batch[i], tally);
    if (r == 0 && !change->dry_run)
        return store_commit(change->queue.store);
    store_rollback(change->queue.store);
    return r;
}

/* End the batch. Its deliveries are counted only when they are on disk. Then wake the daemon. */
static void settle_batch(struct change *change, int r, const struct tally *tally)
{
    if (r) {
        change->status = queue_store_failed(&change->queue, r, change->verb->name);
    } else {
        change->changed += tally->changed;
        change->superseded += tally->superseded;
        change->skipped += tally->skipped;
        change->in_flight += tally->in_flight;
        change->failed += tally->failed;
        if (tally->changed && !change->dry_run)
            (void)wake_send(change->queue.config->state_directory);
        show_progress(change, false);
    }
    change->n_batch = 0;
}

static void run_batch(struct change *change)
{
    struct tally tally = {0};
    if (change->n_batch == 0 || change->status != CLI_DONE)
        return;
    int r = store_begin(change->queue.store);
    if (r == 0)
        r = operate_batch(change, &tally);
    settle_batch(change, r, &tally);
}

static void add_id(struct change *change, int64_t id)
{
    if (change->n_named++ < NAMED_MAX)
        text_appendf(&change->named, "%s%lld", change->named.size ? " " : "", (long long)id);
    if (!change->queue.store) {
        refuse(change, id, STORE_NOT_FOUND);
        change->failed++;
        return;
    }
    change->batch[change->n_batch++] = id;
    if (change->n_batch == STORE_OPERATE_MAX)
        run_batch(change);
}

/* ---- ALL ---- */

/* One page of the deliveries, and those of it that pass the filter. */
struct page {
    struct change *change;
    size_t rows;
    int64_t last;
};

static void collect(const struct list_row *row, void *userdata)
{
    struct page *page = userdata;
    page->rows++;
    page->last = row->id;
    if (!queue_filter_passes(&page->change->filter, row))
        return;
    if (is_left(page->change, row))
        page->change->strangers++;
    else
        page->change->batch[page->change->n_batch++] = row->id;
}

/* Return the webhook whose deliveries are meant. With --from, --webhook names their new
 * receiver. */
static const char *whose(const struct cli *cli, const struct verb *verb)
{
    const char *from = verb->operation == OPERATE_RESEND ? cli_value(cli, "from") : NULL;
    return from ? from : cli_value(cli, "webhook");
}

/* List and change one page in one transaction. Return whether there may be more. */
static bool change_page(struct change *change, uint32_t states, int64_t *after)
{
    struct tally tally = {0};
    struct page page = {.change = change};
    struct list_query query = {states, whose(change->cli, change->verb), *after, STORE_OPERATE_MAX};
    int r = store_begin(change->queue.store);
    if (r == 0) {
        r = store_list(change->queue.store, &query, collect, &page);
        if (r)
            store_rollback(change->queue.store);
        else
            r = operate_batch(change, &tally);
    }
    *after = page.last;
    settle_batch(change, r, &tally);
    return r == 0 && page.rows == STORE_OPERATE_MAX;
}

static void change_all(struct change *change, uint32_t states)
{
    int64_t after = 0;
    /* Also list deliveries in flight, which hold and drop cannot change, to report them. */
    if (!cli_has(change->cli, "state") &&
        (change->verb->operation == OPERATE_HOLD || change->verb->operation == OPERATE_DROP))
        states |= STATE(INFLIGHT);
    change->all = true;
    while (change->queue.store && change_page(change, states, &after))
        ;
    if (change->in_flight)
        cli_error("%llu in flight and not changed, try again",
                  (unsigned long long)change->in_flight);
}

/* ---- question before ALL ---- */

static void count_row(const struct list_row *row, void *userdata)
{
    struct page *page = userdata;
    page->rows++;
    page->last = row->id;
    if (queue_filter_passes(&page->change->filter, row))
        page->change->asked++;
}

/* Count the deliveries in question. */
static int count_all(struct change *change, uint32_t states)
{
    struct page page = {.change = change};
    int r = 0;
    do {
        struct list_query query = {states, whose(change->cli, change->verb), page.last, QUEUE_PAGE};
        page.rows = 0;
        r = store_begin(change->queue.store);
        if (r == 0) {
            r = store_list(change->queue.store, &query, count_row, &page);
            store_rollback(change->queue.store);
        }
    } while (r == 0 && page.rows == QUEUE_PAGE);
    return r;
}

/* Ask a person at a terminal before all deliveries are dropped or sent again, because this cannot
 * be undone. Return CLI_DONE to continue. */
static int confirm(struct change *change, uint32_t states)
{
    const char *verb = change->verb->name;
    char answer[16] = "";
    bool asks = isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !cli_has(change->cli, "yes");
    if (!change->verb->asks || !asks || change->dry_run || !change->queue.store)
        return CLI_DONE;
    int r = count_all(change, states);
    if (r)
        return queue_store_failed(&change->queue, r, "reading the store");
    if (!change->asked)
        return CLI_DONE;
    fprintf(stderr, "%s %llu %s? [y/N] ", verb, (unsigned long long)change->asked,
            change->asked == 1 ? "delivery" : "deliveries");
    if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return CLI_DONE;
    cli_error("nothing was changed");
    return CLI_FAILED;
}

/* ---- ids ---- */

/* Read the first word of the next line. It is cut to its room, because an id is shorter. Return
 * false if there is no line. */
static bool next_word(char word[WORD_MAX])
{
    size_t size = 0;
    bool inside = true;
    int c = getchar();
    if (c == EOF)
        return false;
    while (c == ' ' || c == '\t')
        c = getchar();
    for (; c != EOF && c != '\n'; c = getchar()) {
        inside = inside && !isspace(c);
        if (inside && size + 1 < WORD_MAX)
            word[size++] = (char)c;
    }
    word[size] = '\0';
    return true;
}

static void read_ids(struct change *change)
{
    char word[WORD_MAX];
    for (unsigned line = 1; next_word(word); line++) {
        int64_t id;
        if (queue_id(word, &id) == 0) {
            add_id(change, id);
        } else if (word[0]) {
            cli_error("standard input, line %u: does not begin with the id of a delivery", line);
            change->failed++;
        }
    }
}

static void change_ids(struct change *change)
{
    for (int i = 0; i < change->cli->argc; i++) {
        int64_t id;
        if (strcmp(change->cli->argv[i], "-") == 0)
            read_ids(change);
        else if (queue_id(change->cli->argv[i], &id) == 0)
            add_id(change, id);
    }
    if (change->queue.store)
        run_batch(change);
}

/* ---- the command ---- */

static void audit(const struct change *change)
{
    AUTOTEXT struct text target = {0};
    if (change->all)
        text_append_string(&target, "ALL");
    else
        text_append_string(&target, change->named.data);
    if (change->n_named > NAMED_MAX)
        text_appendf(&target, " and %llu more", (unsigned long long)(change->n_named - NAMED_MAX));
    queue_filter_append(&target, change->cli);
    if (change->every_usec)
        text_appendf(&target, " --rate=%s", cli_value(change->cli, "rate"));
    operator_audit(change->verb->name, target.data, change->changed);
}

static void report(const struct change *change)
{
    if (change->cli->output == CLI_JSON) {
        AUTOTEXT struct text line = {0};
        json_open(&line, NULL, '{');
        json_string(&line, "operation", change->verb->name);
        json_number(&line, "changed", (int64_t)change->changed);
        json_bool(&line, "dry_run", change->dry_run);
        json_number(&line, "failed", (int64_t)(change->failed + change->in_flight));
        json_number(&line, "skipped", (int64_t)(change->skipped + change->strangers));
        json_number(&line, "superseded", (int64_t)change->superseded);
        json_close(&line, '}');
        queue_put_line(&line);
        return;
    }
    printf("%llu %s %s%s", (unsigned long long)change->changed,
           change->changed == 1 ? "delivery" : "deliveries", change->dry_run ? "would be " : "",
           change->verb->done);
    if (change->superseded)
        printf(", %llu of them superseded: a newer state of the order is sent (coalesce)",
               (unsigned long long)change->superseded);
    if (change->skipped)
        printf(", %llu left as they are (see: dockbell queue show ID)",
               (unsigned long long)change->skipped);
    if (change->strangers)
        printf(
            ", %llu from unknown senders left: configure their sellers (--unknown releases them)",
            (unsigned long long)change->strangers);
    putchar('\n');
}

/* Check the usage before anything is changed. */
static int check_usage(const struct change *change, bool *ret_all, uint32_t *ret_states,
                       struct queue_filter *filter)
{
    const struct cli *cli = change->cli;
    int64_t id;
    *ret_all = cli->argc == 1 && strcmp(cli->argv[0], "ALL") == 0;
    if (cli->argc == 0)
        return cli_usage(cli, "queue %s needs ids, - or ALL", change->verb->name);
    for (int i = 0; i < cli->argc && !*ret_all; i++)
        if (strcmp(cli->argv[i], "-") != 0 && queue_id(cli->argv[i], &id) < 0)
            return cli_usage(
                cli, "%s is not the id of a delivery%s", cli->argv[i],
                strcasecmp(cli->argv[i], "all") == 0 ? "; ALL stands alone, in capitals" : "");
    bool adopts = change->verb->operation == OPERATE_RESEND && cli_has(cli, "from");
    int status = queue_filter(cli, clock_trusted_usec(), filter);
    if (status != CLI_DONE)
        return status;
    if (!*ret_all && (queue_filter_is_set(filter) || cli_has(cli, "state") ||
                      (cli_has(cli, "webhook") && !adopts)))
        return cli_usage(cli, "filters go with ALL");
    if (adopts) {
        *ret_states = STATE(ORPHANED);
        return cli_has(cli, "webhook")
                   ? CLI_DONE
                   : cli_usage(cli, "--from needs --webhook: who gets what waits for it");
    }
    status = queue_states(cli, change->verb->states, ret_states);
    if (status == CLI_DONE && (*ret_states & ~(change->verb->states | change->verb->also)))
        return cli_usage(cli, "queue %s does not apply to deliveries in all of these states",
                         change->verb->name);
    return status;
}

/* Read "10/s", "600/m", "1000/h", or "10" for a second. */
static int read_rate(const struct cli *cli, uint64_t *ret_every_usec)
{
    const char *text = cli_value(cli, "rate");
    uint64_t number, usec = USEC_PER_SEC;
    if (!text)
        return CLI_DONE;
    size_t digits = strcspn(text, "/");
    AUTOFREE char *count = memory_copy(text, digits);
    const char *unit = text + digits;
    if (strcmp(unit, "/m") == 0)
        usec = USEC_PER_MIN;
    else if (strcmp(unit, "/h") == 0)
        usec = USEC_PER_HOUR;
    else if (*unit && strcmp(unit, "/s") != 0)
        return cli_usage(cli, "--rate is a number a second, minute or hour: 10/s, 600/m, 1000/h");
    if (text_to_u64(count, &number) < 0 || number == 0 || number > usec)
        return cli_usage(cli, "--rate is a number a second, minute or hour: 10/s, 600/m, 1000/h");
    *ret_every_usec = usec / number;
    return CLI_DONE;
}

static int read_resend(struct change *change)
{
    change->dry_run = cli_has(change->cli, "dry-run");
    return read_rate(change->cli, &change->every_usec);
}

/* Find the webhook that gets the deliveries of --from. The daemon must have seen it, and it must be
 * another one. The deliveries are sent in its own format. */
static int find_adopter(struct change *change)
{
    const char *from = cli_value(change->cli, "from"), *to = cli_value(change->cli, "webhook");
    int64_t id = 0;
    if (!from)
        return CLI_DONE;
    const struct config_webhook *webhook = config_find_webhook(change->queue.config, to);
    int r = STORE_NOT_FOUND;
    if (change->queue.store && (r = store_begin(change->queue.store)) == 0) {
        r = store_find_webhook(change->queue.store, from, &id);
        if (r == 0)
            r = store_find_webhook(change->queue.store, to, &change->adopter);
        store_rollback(change->queue.store);
    }
    if (r == STORE_NOT_FOUND)
        cli_error("the store knows no webhook %s", id ? to : from);
    else if (r)
        return queue_store_failed(&change->queue, r, "reading the store");
    else if (config_find_webhook(change->queue.config, from))
        cli_error("webhook %s is in the configuration: what waits for it is sent to it", from);
    else if (!webhook)
        cli_error("webhook %s is not in the configuration: nothing is sent to it", to);
    else {
        change->format = webhook->format;
        return CLI_DONE;
    }
    return CLI_USAGE;
}

static int run(const struct cli *cli, const struct verb *verb)
{
    struct change change = {.cli = cli, .verb = verb};
    uint32_t states;
    bool all;
    int status = check_usage(&change, &all, &states, &change.filter);
    if (status == CLI_DONE && verb->operation == OPERATE_RESEND)
        status = read_resend(&change);
    if (status == CLI_DONE)
        status = queue_open(cli, STORE_COMMAND, &change.queue);
    if (status == CLI_DONE)
        status = queue_webhook(cli, &change.queue);
    if (status == CLI_DONE && verb->operation == OPERATE_RESEND)
        status = find_adopter(&change);
    if (status == CLI_DONE && all)
        status = confirm(&change, states);
    if (status == CLI_DONE) {
        if (all)
            change_all(&change, states);
        else
            change_ids(&change);
        show_progress(&change, true);
        if (change.changed && !change.dry_run)
            audit(&change);
        report(&change);
        status = change.failed || change.in_flight ? CLI_FAILED : change.status;
    }
    text_clear(&change.named);
    queue_close(&change.queue);
    return status;
}

int command_queue_retry(const struct cli *cli)
{
    static const struct verb verb = {
        OPERATE_RETRY, "retry", "will be sent again", STATE(READY) | STATE(BEHIND) | STATE(DEAD), 0,
        false};
    return run(cli, &verb);
}

int command_queue_hold(const struct cli *cli)
{
    static const struct verb verb = {OPERATE_HOLD, "hold", "held", STATE(READY) | STATE(BEHIND), 0,
                                     false};
    return run(cli, &verb);
}

int command_queue_release(const struct cli *cli)
{
    static const struct verb verb = {OPERATE_RELEASE, "release", "released", STATE(HELD), 0, false};
    return run(cli, &verb);
}

int command_queue_drop(const struct cli *cli)
{
    static const struct verb verb = {OPERATE_DROP,
                                     "drop",
                                     "dropped",
                                     STATE(READY) | STATE(BEHIND) | STATE(HELD) | STATE(DEAD) |
                                         STATE(ORPHANED),
                                     0,
                                     true};
    return run(cli, &verb);
}

int command_queue_resend(const struct cli *cli)
{
    static const struct verb verb = {OPERATE_RESEND,   "resend",          "sent once more",
                                     STATE(DELIVERED), STATE(SUPERSEDED), true};
    return run(cli, &verb);
}
