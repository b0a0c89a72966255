/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "daemon/wake.h"
#include "journal/events.h"
#include "queue.h"

/* Resumes one webhook in a transaction of its own. Returns the store's result. */
static int resume(const struct queue *queue, const char *name)
{
    int64_t id;
    int r = queue->store ? store_begin(queue->store) : STORE_NOT_FOUND;
    if (r)
        return r;
    r = store_find_webhook(queue->store, name, &id);
    if (r == 0)
        r = store_resume(queue->store, id, clock_now_usec());
    if (r == 0)
        return store_commit(queue->store);
    store_rollback(queue->store);
    return r;
}

static void report(const struct cli *cli, const char *name)
{
    if (cli->output == CLI_TEXT) {
        printf("webhook %s: resumed\n", name);
        return;
    }
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "operation", "resume");
    json_string(&line, "webhook", name);
    json_close(&line, '}');
    queue_put_line(&line);
}

static int resume_one(const struct cli *cli, const struct queue *queue, const char *name)
{
    int r = resume(queue, name);
    /* One that the daemon has never seen cannot be paused. */
    if (r == STORE_NOT_FOUND && !queue_is_configured(queue->config, name)) {
        cli_error("there is no webhook %s", name);
        return CLI_USAGE;
    }
    if (r && r != STORE_NOT_FOUND)
        return queue_store_failed(queue, r, "resume");
    (void)wake_send(queue->config->state_directory);
    event_operated("resume", name, 0, getuid());
    report(cli, name);
    return CLI_DONE;
}

int command_queue_resume(const struct cli *cli)
{
    struct queue queue = {0};
    if (cli->argc == 0)
        return cli_usage(cli, "queue resume needs the name of a webhook");
    int status = queue_open(cli, STORE_COMMAND, &queue);
    bool opened = status == CLI_DONE;
    for (int i = 0; i < cli->argc && opened; i++) {
        int one = resume_one(cli, &queue, cli->argv[i]);
        status = one == CLI_DONE ? status : one;
    }
    queue_close(&queue);
    return status;
}
