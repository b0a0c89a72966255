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
#include "journal/events.h"
#include "queue.h"

/* Ids that are named one by one in the journal, and the room for one on stdin. */
#define NAMED_MAX 20
#define WORD_MAX  32

struct verb {
    enum operation operation;
    const char *name;
    const char *done; /* "3 deliveries held" */
    uint32_t states;  /* what ALL takes, and what --state may name */
};

struct change {
    const struct cli *cli;
    const struct verb *verb;
    struct queue queue;
    int64_t batch[STORE_OPERATE_MAX];
    size_t n_batch;
    bool all;
    uint64_t changed, failed, skipped, in_flight;
    struct text named; /* the ids for the journal */
    uint64_t n_named;
    int status; /* CLI_FAILED: the store broke off */
};

/* What happened to one delivery, without its batch being committed yet. */
struct tally {
    uint64_t changed, skipped, in_flight, failed;
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

/* One delivery. A negative or other result ends the batch. */
static int operate(const struct change *change, int64_t id, struct tally *tally)
{
    int r = store_operate(change->queue.store, change->verb->operation, id, clock_now_usec());
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

/* The batch inside the transaction. */
static int operate_batch(struct change *change, struct tally *tally)
{
    int r = 0;
    for (size_t i = 0; i < change->n_batch && r == 0; i++)
        r = operate(change, change->batch[i], tally);
    if (r == 0)
        r = store_commit(change->queue.store);
    else
        store_rollback(change->queue.store);
    return r;
}

/* Ends the batch: counted only when it is on disk, then the daemon is told. */
static void settle_batch(struct change *change, int r, const struct tally *tally)
{
    if (r) {
        change->status = queue_store_failed(&change->queue, r, change->verb->name);
    } else {
        change->changed += tally->changed;
        change->skipped += tally->skipped;
        change->in_flight += tally->in_flight;
        change->failed += tally->failed;
        if (tally->changed)
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

static void collect(const struct list_row *row, void *userdata)
{
    struct change *change = userdata;
    change->batch[change->n_batch++] = row->id;
}

/* Lists and changes one page in one transaction. Returns whether there may be more. */
static bool change_page(struct change *change, uint32_t states, int64_t *after)
{
    struct tally tally = {0};
    struct list_query query = {states, cli_value(change->cli, "webhook"), *after,
                               STORE_OPERATE_MAX};
    int r = store_begin(change->queue.store);
    if (r == 0) {
        r = store_list(change->queue.store, &query, collect, change);
        if (r)
            store_rollback(change->queue.store);
        else
            r = operate_batch(change, &tally);
    }
    bool more = r == 0 && change->n_batch == STORE_OPERATE_MAX;
    if (more)
        *after = change->batch[change->n_batch - 1];
    settle_batch(change, r, &tally);
    return more;
}

static void change_all(struct change *change, uint32_t states)
{
    int64_t after = 0;
    /* What hold and drop cannot take because it is in flight must be told. */
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

/* ---- ids ---- */

/* The first word of the next line, cut at its room, as an id is shorter. False: there is no line.
 */
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
    const char *webhook = cli_value(change->cli, "webhook");
    const char *states = cli_value(change->cli, "state");
    if (change->all)
        text_append_string(&target, "ALL");
    else
        text_append_string(&target, change->named.data);
    if (change->n_named > NAMED_MAX)
        text_appendf(&target, " and %llu more", (unsigned long long)(change->n_named - NAMED_MAX));
    if (webhook)
        text_appendf(&target, " --webhook=%s", webhook);
    if (states)
        text_appendf(&target, " --state=%s", states);
    event_operated(change->verb->name, target.data, change->changed, getuid());
}

static void report(const struct change *change)
{
    if (change->cli->output == CLI_JSON) {
        AUTOTEXT struct text line = {0};
        json_open(&line, NULL, '{');
        json_string(&line, "operation", change->verb->name);
        json_number(&line, "changed", (int64_t)change->changed);
        json_number(&line, "failed", (int64_t)(change->failed + change->in_flight));
        json_number(&line, "skipped", (int64_t)change->skipped);
        json_close(&line, '}');
        queue_put_line(&line);
        return;
    }
    printf("%llu %s %s", (unsigned long long)change->changed,
           change->changed == 1 ? "delivery" : "deliveries", change->verb->done);
    if (change->skipped)
        printf(", %llu left as they are (see: dockbell queue show ID)",
               (unsigned long long)change->skipped);
    putchar('\n');
}

/* Wrong usage is found before anything is touched. */
static int check_usage(const struct change *change, bool *ret_all, uint32_t *ret_states)
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
    if (!*ret_all && (cli_has(cli, "webhook") || cli_has(cli, "state")))
        return cli_usage(cli, "--webhook and --state go with ALL");
    int status = queue_states(cli, change->verb->states, ret_states);
    if (status == CLI_DONE && (*ret_states & ~change->verb->states))
        return cli_usage(cli, "queue %s cannot be done in every one of these states",
                         change->verb->name);
    return status;
}

static int run(const struct cli *cli, const struct verb *verb)
{
    struct change change = {.cli = cli, .verb = verb};
    uint32_t states;
    bool all;
    int status = check_usage(&change, &all, &states);
    if (status == CLI_DONE)
        status = queue_open(cli, STORE_COMMAND, &change.queue);
    if (status == CLI_DONE)
        status = queue_webhook(cli, &change.queue);
    if (status == CLI_DONE) {
        if (all)
            change_all(&change, states);
        else
            change_ids(&change);
        show_progress(&change, true);
        if (change.changed)
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
    static const struct verb verb = {OPERATE_RETRY, "retry", "will be sent again",
                                     STATE(READY) | STATE(BEHIND) | STATE(DEAD)};
    return run(cli, &verb);
}

int command_queue_hold(const struct cli *cli)
{
    static const struct verb verb = {OPERATE_HOLD, "hold", "held", STATE(READY) | STATE(BEHIND)};
    return run(cli, &verb);
}

int command_queue_release(const struct cli *cli)
{
    static const struct verb verb = {OPERATE_RELEASE, "release", "released", STATE(HELD)};
    return run(cli, &verb);
}

int command_queue_drop(const struct cli *cli)
{
    static const struct verb verb = {OPERATE_DROP, "drop", "dropped",
                                     STATE(READY) | STATE(BEHIND) | STATE(HELD) | STATE(DEAD) |
                                         STATE(ORPHANED)};
    return run(cli, &verb);
}
