/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "daemon/wake.h"
#include "operator.h"
#include "queue.h"

/* A change of a webhook. */
struct verb {
    const char *name, *done;
    bool pauses;
};

/* Pause or resume one webhook in a transaction of its own. Return the store's result. */
static int change(const struct queue *queue, const struct verb *verb, const char *name)
{
    int64_t id;
    int r = queue->store ? store_begin(queue->store) : STORE_NOT_FOUND;
    if (r)
        return r;
    r = store_find_webhook(queue->store, name, &id);
    if (r == 0 && verb->pauses)
        r = store_pause(queue->store, id, STORE_PAUSED_BY_OPERATOR, clock_trusted_usec());
    else if (r == 0)
        r = store_resume(queue->store, id, clock_trusted_usec());
    if (r == 0)
        return store_commit(queue->store);
    store_rollback(queue->store);
    return r;
}

static void report(const struct cli *cli, const struct verb *verb, const char *name)
{
    if (cli->output == CLI_TEXT) {
        printf("webhook %s: %s\n", name, verb->done);
        return;
    }
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "operation", verb->name);
    json_string(&line, "webhook", name);
    json_close(&line, '}');
    queue_put_line(&line);
}

static int change_one(const struct cli *cli, const struct queue *queue, const struct verb *verb,
                      const char *name)
{
    int r = change(queue, verb, name);
    bool known = config_find_webhook(queue->config, name);
    if (r == STORE_NOT_FOUND && known && verb->pauses) {
        cli_error("webhook %s: the daemon has not run with it yet; there is nothing to pause",
                  name);
        return CLI_FAILED;
    }
    /* A webhook that the daemon has never seen cannot be paused. */
    if (r == STORE_NOT_FOUND && !known) {
        cli_error("there is no webhook %s", name);
        return CLI_USAGE;
    }
    if (r && r != STORE_NOT_FOUND)
        return queue_store_failed(queue, r, verb->name);
    (void)wake_send(queue->config->state_directory);
    operator_audit(verb->name, name, 0);
    report(cli, verb, name);
    return CLI_DONE;
}

static int run(const struct cli *cli, const struct verb *verb)
{
    struct queue queue = {0};
    if (cli->argc == 0)
        return cli_usage(cli, "queue %s needs the name of a webhook", verb->name);
    int status = queue_open(cli, STORE_COMMAND, &queue);
    bool opened = status == CLI_DONE;
    for (int i = 0; i < cli->argc && opened; i++) {
        int one = change_one(cli, &queue, verb, cli->argv[i]);
        status = one == CLI_DONE ? status : one;
    }
    queue_close(&queue);
    return status;
}

int command_queue_pause(const struct cli *cli)
{
    static const struct verb verb = {"pause", "paused", true};
    return run(cli, &verb);
}

int command_queue_resume(const struct cli *cli)
{
    static const struct verb verb = {"resume", "resumed", false};
    return run(cli, &verb);
}
