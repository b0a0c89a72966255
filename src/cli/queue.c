/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "config/store_key.h"

int queue_open(const struct cli *cli, enum store_mode mode, struct queue *ret)
{
    struct error error = {0};
    *ret = (struct queue){0};
    int status = cli_load_names(cli, &ret->config);
    if (status != CLI_DONE)
        return status;
    int r = store_open(&ret->store, ret->config->state_directory, mode, &error);
    if (r == 0 || r == STORE_MISSING)
        return CLI_DONE;
    bool denied = access(ret->config->state_directory, X_OK) < 0 && errno == EACCES;
    cli_error("%s%s", error.text, denied ? "; run it as root or as the service's user" : "");
    return CLI_FAILED;
}

void queue_close(struct queue *queue)
{
    store_free(queue->store);
    config_free(queue->config);
    *queue = (struct queue){0};
}

static void note_key(const char *id, bool at_hand, void *userdata)
{
    bool *sealed = userdata;
    (void)id, (void)at_hand;
    *sealed = true;
}

void queue_use_keys(struct queue *queue)
{
    bool sealed = false;
    struct store_keys keys;
    if (!queue->store || store_each_key(queue->store, note_key, &sealed) || !sealed)
        return;
    if (store_keys_load(&keys, queue->config, &queue->locked) == 0)
        (void)store_use_keys(queue->store, &keys);
}

int queue_store_failed(const struct queue *queue, int result, const char *doing)
{
    if (result == STORE_BUSY)
        cli_error("%s: the store is busy, try again", doing);
    else
        cli_error("%s: %s", doing, store_why(queue->store));
    return CLI_FAILED;
}

static int add_state(const struct cli *cli, const char *name, uint32_t *states)
{
    enum delivery_state state = delivery_state_from_name(name);
    if (strcmp(name, "all") == 0)
        *states |= STATES_ALL;
    else if (state)
        *states |= 1U << state;
    else
        return cli_usage(cli,
                         "there is no state %s; there are: ready inflight behind held orphaned "
                         "delivered superseded filtered dropped dead all",
                         name);
    return CLI_DONE;
}

int queue_states(const struct cli *cli, uint32_t otherwise, uint32_t *ret)
{
    const char *given = cli_value(cli, "state");
    *ret = given ? 0 : otherwise;
    if (!given)
        return CLI_DONE;
    int status = CLI_DONE;
    char **names = text_split_list(given);
    for (char **name = names; *name && status == CLI_DONE; name++)
        status = add_state(cli, *name, ret);
    text_list_free(names);
    if (status == CLI_DONE && *ret == 0)
        return cli_usage(cli, "--state names no state");
    return status;
}

int queue_webhook(const struct cli *cli, const struct queue *queue)
{
    const char *name = cli_value(cli, "webhook");
    int64_t id;
    if (!name || config_find_webhook(queue->config, name))
        return CLI_DONE;
    int r = STORE_NOT_FOUND;
    if (queue->store && (r = store_begin(queue->store)) == 0) {
        r = store_find_webhook(queue->store, name, &id);
        store_rollback(queue->store);
    }
    if (r == 0)
        return CLI_DONE;
    if (r != STORE_NOT_FOUND)
        return queue_store_failed(queue, r, "reading the store");
    cli_error("there is no webhook %s", name);
    return CLI_USAGE;
}

int queue_id(const char *word, int64_t *ret)
{
    uint64_t number;
    if (text_to_u64(word, &number) < 0 || number == 0 || number > INT64_MAX)
        return -EINVAL;
    *ret = (int64_t)number;
    return 0;
}

const char *queue_cause(enum dead_cause cause)
{
    switch (cause) {
    case DEAD_NOT:
        return NULL;
    case DEAD_REFUSED:
        return "refused";
    case DEAD_ATTEMPTS:
        return "max_attempts";
    case DEAD_EXPIRED:
        return "max_age";
    case DEAD_UNREADABLE:
        return "unreadable";
    case DEAD_ID_CONFLICT:
        return "id conflict";
    case DEAD_DAMAGED:
        return "damaged";
    }
    return NULL;
}

void queue_json_age(struct text *out, const char *key, uint64_t usec, uint64_t now_usec)
{
    if (usec == 0)
        json_null(out, key);
    else
        json_number(out, key, now_usec > usec ? (int64_t)((now_usec - usec) / USEC_PER_SEC) : 0);
}

void queue_json_row(struct text *out, const struct list_row *row, uint64_t now_usec)
{
    bool waits = row->state == DELIVERY_READY;
    json_number(out, "id", row->id);
    json_string(out, "notification_id", row->notification_id);
    json_string(out, "webhook", row->webhook);
    json_string(out, "seller", row->seller);
    json_string(out, "seller_id", row->seller_id);
    json_string(out, "queue", row->queue);
    json_string(out, "type", row->type);
    json_string(out, "order_id", row->order_id);
    json_string(out, "state", delivery_state_name(row->state));
    json_number(out, "attempts", row->attempts);
    json_time(out, "next_attempt", waits ? row->next_usec : 0);
    json_string(out, "last_error", row->last_error);
    json_string(out, "error_class", row->error_class);
    json_string(out, "cause", queue_cause(row->cause));
    if (row->status)
        json_number(out, "http_status", row->status);
    else
        json_null(out, "http_status");
    json_number(out, "resends", row->resend);
    json_time(out, "event_time", row->event_usec);
    json_time(out, "received", row->received_usec);
    queue_json_age(out, "age", row->received_usec, now_usec);
    json_time(out, "done", row->done_usec);
    if (row->superseded_by)
        json_number(out, "superseded_by", row->superseded_by);
    else
        json_null(out, "superseded_by");
}

void queue_put_line(struct text *line)
{
    text_append_char(line, '\n');
    fwrite(line->data, 1, line->size, stdout);
    text_reset(line);
}
