/* SPDX-License-Identifier: MIT */
#include "stock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "scratch.h"
#include "store/store.h"

#define AGE_USEC (4000 * USEC_PER_SEC)

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void put(struct store *store, const char *id, const char *order,
                const struct accept_target *target)
{
    static const char bytes[] = "{\"NotificationType\":\"ORDER_CHANGE\",\"Payload\":{}}";
    uint64_t now = clock_trusted_usec() - AGE_USEC;
    bool unreadable = target->cause == DEAD_UNREADABLE;
    struct accept accept = {.id = id,
                            .queue = "q",
                            .message_id = "m-1",
                            .seller = "acme",
                            .seller_id = "A1",
                            .type = "ORDER_CHANGE",
                            .order_id = order,
                            .is_state = true,
                            .event_usec = now,
                            .received_usec = now,
                            .prefix = "{\"data\":",
                            .prefix_size = unreadable ? 0 : strlen("{\"data\":"),
                            .bytes = bytes,
                            .bytes_size = strlen(bytes),
                            .raw = bytes,
                            .raw_size = strlen(bytes),
                            .unreadable = unreadable,
                            .targets = target,
                            .n_targets = 1};
    digest_sha256(accept.payload_sha256, id, strlen(id));
    must(store_begin(store) == 0);
    must(store_accept(store, &accept, now) == 0);
    must(store_commit(store) == 0);
}

static void put_ready(struct store *store, const char *id, const char *order, int64_t webhook)
{
    put(store, id, order, &(struct accept_target){.webhook = webhook, .state = DELIVERY_READY});
}

static void settle(struct store *store, const struct claim *claim, enum delivery_state to)
{
    bool dead = to == DELIVERY_DEAD;
    struct settle settle = {.delivery = claim->delivery,
                            .attempt = claim->attempt,
                            .to = to,
                            .cause = dead ? DEAD_REFUSED : DEAD_NOT,
                            .status = dead ? 422 : 200,
                            .started_usec = clock_trusted_usec(),
                            .duration_usec = 12000};
    if (dead) {
        strcpy(settle.error_class, "status");
        strcpy(settle.reason, "it answered 422");
        settle.answer = memory_string("bad\nsku");
        settle.answer_size = strlen(settle.answer);
    }
    must(store_settle(store, &settle, clock_trusted_usec()) == 0);
    free(settle.answer);
}

/* Claims one delivery; with INFLIGHT it stays so. */
static void attempt(struct store *store, int64_t webhook, enum delivery_state to)
{
    struct claim claim;
    struct claim_query query = {
        .webhook = webhook, .now_usec = clock_trusted_usec(), .first = 1, .bytes = 1 << 20};
    size_t count;
    must(store_begin(store) == 0);
    must(store_claim(store, &query, &claim, &count) == 0 && count == 1);
    if (to != DELIVERY_INFLIGHT)
        settle(store, &claim, to);
    must(store_commit(store) == 0);
    claim_clear(&claim);
}

static void fill(struct store *store, const int64_t webhooks[2])
{
    put_ready(store, "n-1", "o-1", webhooks[0]);
    attempt(store, webhooks[0], DELIVERY_DEAD);
    put_ready(store, "n-2", "o-2", webhooks[0]);
    attempt(store, webhooks[0], DELIVERY_DELIVERED);
    put_ready(store, "n-3", "o-3", webhooks[0]);
    attempt(store, webhooks[0], DELIVERY_INFLIGHT);
    put_ready(store, "n-4", "o-4", webhooks[0]);
    put_ready(store, "n-5", "o-4", webhooks[0]);
    put(store, "n-6", "o-6",
        &(struct accept_target){
            .webhook = webhooks[0], .state = DELIVERY_HELD, .reason = "unknown seller"});
    put(store, "n-7", NULL,
        &(struct accept_target){
            .state = DELIVERY_DEAD, .cause = DEAD_UNREADABLE, .reason = "not JSON"});
    put_ready(store, "n-8", NULL, webhooks[1]);
}

static void set_webhooks(struct store *store, size_t count, int64_t ids[])
{
    must(store_begin(store) == 0);
    must(store_set_webhooks(store, (const char *[]){"wms", "old"}, count, ids) == 0);
    must(store_set_fact(store, "queue", "q", "last_error", "connection refused") == 0);
    must(store_set_fact(store, "webhook", "wms", "breaker", "open") == 0);
    must(store_commit(store) == 0);
}

char *stock_new(char **ret_config)
{
    struct store *store = NULL;
    struct error error;
    int64_t webhooks[2];
    /* Commits are synced: memory is faster, and wears nothing out. */
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    char *directory = scratch_new();
    AUTOFREE char *text = memory_format(
        "[daemon]\nstate_directory = %s\n[queue q]\narn = arn:aws:sqs:eu-west-1:444455556666:q\n"
        "[seller acme]\nseller_id = A1\nqueue = q\n"
        "[webhook wms]\nurl = https://wms.example.com/\n"
        "secret = whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
        directory);
    *ret_config = scratch_write(directory, "dockbell.conf", text);
    must(store_open(&store, directory, STORE_DAEMON, &error) == 0);
    set_webhooks(store, 2, webhooks);
    fill(store, webhooks);
    set_webhooks(store, 1, webhooks);
    store_free(store);
    return directory;
}
