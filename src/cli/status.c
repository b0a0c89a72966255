/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "daemon/lock.h"
#include "daemon/wake.h"
#include "held.h"
#include "store/unknown.h"

/* Time limit for the daemon to write its facts. */
#define ASK_USEC (500 * USEC_PER_MSEC)
/* Interval of --watch. */
#define WATCH_S 2
/* The last line of a screen that is too small. */
#define CONTINUED "(the window has room for no more lines)"

static struct status_webhook *add_webhook(struct status *status, const char *name)
{
    status->webhooks =
        memory_resize(status->webhooks, status->n_webhooks + 1, sizeof(*status->webhooks));
    struct status_webhook *webhook = &status->webhooks[status->n_webhooks++];
    *webhook = (struct status_webhook){.name = memory_string(name), .configured = true};
    return webhook;
}

static struct status_webhook *find_webhook(struct status *status, const char *name)
{
    for (size_t i = 0; i < status->n_webhooks; i++)
        if (text_equal(status->webhooks[i].name, name))
            return &status->webhooks[i];
    return NULL;
}

/* Add the facts of the store about a webhook. Open deliveries of an unconfigured
 * webhook count as orphaned. */
static void take_webhook(const struct store_webhook *row, void *userdata)
{
    struct status *status = userdata;
    const char *name = row->id ? row->name : NULL;
    struct status_webhook *webhook = find_webhook(status, name);
    if (!webhook)
        webhook = add_webhook(status, name);
    webhook->known = true;
    webhook->configured = row->configured || row->id == 0;
    webhook->paused_usec = row->paused_usec;
    webhook->paused_why = memory_string(row->paused_why);
    webhook->oldest_usec = row->oldest_usec;
    webhook->next_usec = row->next_usec;
    for (unsigned state = 0; state < DELIVERY_STATES; state++) {
        bool orphaned = !webhook->configured && delivery_state_is_open(state);
        webhook->counts[orphaned ? DELIVERY_ORPHANED : state] += row->counts[state];
        status->counts[orphaned ? DELIVERY_ORPHANED : state] += row->counts[state];
    }
}

/* Read everything except facts. The printers read those one by one in the same transaction. */
static int gather(struct status *status)
{
    struct store *store = status->at.store;
    for (size_t i = 0; i < status->at.config->n_webhooks; i++)
        add_webhook(status, status->at.config->webhooks[i].name);
    if (!store)
        return 0;
    int r = store_each_webhook(store, take_webhook, status);
    if (r == 0)
        r = store_counter(store, "received", &status->received);
    if (r == 0)
        r = store_counter(store, "accepted", &status->accepted);
    if (r == 0)
        r = store_counter(store, "duplicates", &status->duplicates);
    if (r == 0)
        r = store_counter(store, "rejected", &status->rejected);
    if (r == 0)
        r = store_counter(store, "over_limit", &status->over_limit);
    if (r == 0)
        r = store_unknown(store, &status->unknown, &status->unknown_bytes);
    return r;
}

static int tell(struct status *status)
{
    struct store *store = status->at.store;
    struct held held;
    int r = store ? store_begin(store) : 0;
    if (r)
        return queue_store_failed(&status->at, r, "reading the store");
    held_begin(&held);
    r = gather(status);
    if (r == 0) {
        if (status->cli->output == CLI_JSON)
            status_print_json(status);
        else
            status_print(status);
    }
    int result = r ? queue_store_failed(&status->at, r, "reading the store") : CLI_DONE;
    if (store)
        store_rollback(store);
    held_end(&held);
    return result;
}

static void status_clear(struct status *status)
{
    for (size_t i = 0; i < status->n_webhooks; i++) {
        free(status->webhooks[i].name);
        free(status->webhooks[i].paused_why);
    }
    free(status->webhooks);
    text_clear(&status->line);
    queue_close(&status->at);
}

static void ask_daemon(struct status *status)
{
    const char *directory = status->at.config->state_directory;
    status->pid = lock_holder(directory);
    status->asked = status->pid > 0 && wake_ask(directory, ASK_USEC, &status->line) >= 0;
    status->now_usec = clock_trusted_usec();
}

/* Show the status once. The config and the store are opened each time, because both may
 * come and go. */
static int look(const struct cli *cli)
{
    struct status status = {.cli = cli};
    int result = queue_open(cli, STORE_READER, &status.at);
    if (result == CLI_DONE) {
        ask_daemon(&status);
        result = tell(&status);
    }
    status_clear(&status);
    return result;
}

/* ---- --watch ---- */

/* Return the size of the text that fits on the screen. */
static size_t fitting(const char *text, size_t rows, bool *ret_all)
{
    size_t bytes = 0;
    for (size_t row = 0; row < rows && text[bytes]; row++)
        bytes += strcspn(text + bytes, "\n") + 1;
    *ret_all = !text[bytes];
    return bytes;
}

/* Show the text from its top. If the screen is too small, the end is omitted. */
static void show(const char *text)
{
    struct winsize size = {0};
    bool all;
    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    size_t rows = size.ws_row > 1 ? size.ws_row - 1U : SIZE_MAX;
    size_t bytes = fitting(text, rows, &all);
    if (!all)
        bytes = fitting(text, rows - 1, &all);
    printf("\033[H\033[2J%.*s", (int)bytes, text);
    if (!all)
        puts(CONTINUED);
}

/* Show the status on the screen. The output is collected first, so that it can be cut. */
static int look_on_screen(const struct cli *cli)
{
    FILE *out = stdout;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return look(cli);
    stdout = memory;
    int result = look(cli);
    stdout = out;
    fclose(memory);
    if (result == CLI_DONE)
        show(text);
    free(text);
    return result;
}

/* Show the status again and again, until the program is ended or the output fails. */
static int watch(const struct cli *cli)
{
    bool screen = cli->output == CLI_TEXT && isatty(STDOUT_FILENO);
    int result;
    while ((result = screen ? look_on_screen(cli) : look(cli)) == CLI_DONE && fflush(stdout) == 0) {
        sleep(WATCH_S);
        if (cli->output == CLI_TEXT && !screen)
            putchar('\n');
    }
    return result;
}

int command_status(const struct cli *cli)
{
    if (cli->argc)
        return cli_usage(cli, "status takes no arguments");
    return cli_has(cli, "watch") ? watch(cli) : look(cli);
}
