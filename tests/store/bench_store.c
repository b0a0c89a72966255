/* SPDX-License-Identifier: MIT */
/*
 * What accepting, claiming and settling costs: CPU time and pages written to the log per message,
 * in the rhythm of the daemon (a transaction settles the last group, accepts the next, claims it).
 *
 *     bench_store [messages [group [history]]] [--backlog | --sealed]
 *
 * `history` messages are delivered before the clock starts; with --backlog they are accepted only.
 * With --sealed the store has a key (store/keys.h).
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "inside.h"
#include "store/keys.h"

enum { GROUP_MAX = 400, BODY = 1700, PREFIX = 420, ORDERS = 5000, EVENTS = 5 };

struct bench {
    struct store *store;
    int64_t webhook;
    struct claim claims[GROUP_MAX];
    size_t n_claims;
    char body[BODY], prefix[PREFIX];
    uint64_t number, frames, slowest_usec;
    int pages;
    uint64_t seed;
};

static uint64_t cpu_usec(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (uint64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * USEC_PER_SEC +
           (uint64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static uint64_t random_number(struct bench *b)
{
    b->seed = b->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return b->seed >> 16;
}

static void must(struct bench *b, int r, const char *what)
{
    if (!r)
        return;
    fprintf(stderr, "%s: %d %s\n", what, r, store_why(b->store));
    exit(1);
}

static void accept_one(struct bench *b, uint64_t now)
{
    char id[40], order[48];
    struct accept_target target = {.webhook = b->webhook, .state = DELIVERY_READY};
    snprintf(id, sizeof(id), "%016llx-%016llx", (unsigned long long)random_number(b) << 8,
             (unsigned long long)random_number(b));
    snprintf(order, sizeof(order), "408-0000000-%07llu",
             (unsigned long long)(b->number % ORDERS * 7919 + b->number / ORDERS / EVENTS));
    struct accept accept = {
        .id = id,
        .queue = "orders-eu",
        .message_id = id,
        .seller = "acme",
        .seller_id = "A297A7DJHEYXBY",
        .type = "ORDER_CHANGE",
        .order_id = order,
        .marketplace_id = "A33AVAJ2PDY3EV",
        .is_state = true,
        .event_usec = now - random_number(b) % 20000,
        .published_usec = now,
        .sent_usec = now,
        .received_usec = now,
        .prefix = b->prefix,
        .prefix_size = PREFIX,
        .bytes = b->body,
        .bytes_size = BODY,
        .targets = &target,
        .n_targets = 1,
    };
    memcpy(accept.payload_sha256, id, sizeof(accept.payload_sha256));
    must(b, store_accept(b->store, &accept, now), "accept");
    b->number++;
}

static void settle_all(struct bench *b, uint64_t now)
{
    for (size_t i = 0; i < b->n_claims; i++) {
        struct settle settle = {.delivery = b->claims[i].delivery,
                                .attempt = 1,
                                .to = DELIVERY_DELIVERED,
                                .status = 200,
                                .started_usec = now - 900,
                                .duration_usec = 900};
        must(b, store_settle(b->store, &settle, now), "settle");
        claim_clear(&b->claims[i]);
    }
    b->n_claims = 0;
}

static void turn(struct bench *b, size_t accepts, size_t claims)
{
    uint64_t start = clock_now_usec();
    must(b, store_begin(b->store), "begin");
    settle_all(b, start);
    for (size_t i = 0; i < accepts; i++)
        accept_one(b, start);
    struct claim_query query = {.webhook = b->webhook,
                                .now_usec = start,
                                .bytes = 64 << 20,
                                .first = claims - claims / 4,
                                .retries = claims / 4};
    if (claims)
        must(b, store_claim(b->store, &query, b->claims, &b->n_claims), "claim");
    must(b, store_commit(b->store), "commit");
    int pages = b->store->log_pages;
    b->frames += (uint64_t)(pages >= b->pages ? pages - b->pages : pages);
    uint64_t took = clock_now_usec() - start;
    b->slowest_usec = took > b->slowest_usec ? took : b->slowest_usec;
    must(b, store_checkpoint(b->store), "checkpoint");
    b->pages = pages;
}

static void run(struct bench *b, const char *what, size_t messages, size_t group, bool accepts,
                bool claims)
{
    uint64_t cpu = cpu_usec(), wall = clock_now_usec();
    b->frames = b->slowest_usec = 0;
    for (size_t done = 0; done < messages; done += group)
        turn(b, accepts ? group : 0, claims ? group : 0);
    if (claims)
        turn(b, 0, 0);
    cpu = cpu_usec() - cpu;
    wall = clock_now_usec() - wall;
    printf("%-10s %8zu messages, groups of %3zu: %5.1f us CPU, %5.2f frames, %6.0f a second, "
           "slowest turn %.1f ms\n",
           what, messages, group, (double)cpu / (double)messages,
           (double)b->frames / (double)messages, (double)messages * 1e6 / (double)wall,
           (double)b->slowest_usec / 1000);
}

static void seal(struct bench *b)
{
    static const char key[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    struct store_keys keys = {{seal_key_parse(key, strlen(key), STORE_KEY_PURPOSE)}, 1, true};
    must(b, store_use_keys(b->store, &keys), "keys");
}

int main(int argc, char **argv)
{
    struct bench b = {.seed = 1};
    struct error error;
    bool backlog = argc > 1 && strcmp(argv[argc - 1], "--backlog") == 0;
    bool sealed = argc > 1 && strcmp(argv[argc - 1], "--sealed") == 0;
    argc -= backlog || sealed;
    size_t messages = argc > 1 ? strtoul(argv[1], NULL, 10) : 40000;
    size_t group = argc > 2 ? strtoul(argv[2], NULL, 10) : 40;
    size_t history = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    char directory[] = "bench-store-XXXXXX";
    if (!mkdtemp(directory) || group > GROUP_MAX)
        return 1;
    if (store_open(&b.store, directory, STORE_DAEMON, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    if (sealed)
        seal(&b);
    memset(b.body, 'b', sizeof(b.body));
    memset(b.prefix, 'p', sizeof(b.prefix));
    must(&b, store_begin(b.store), "begin");
    must(&b, store_set_webhooks(b.store, (const char *[]){"wms"}, 1, &b.webhook), "webhooks");
    must(&b, store_commit(b.store), "commit");
    if (history)
        run(&b, backlog ? "backlog" : "history", history, GROUP_MAX, true, !backlog);
    if (backlog)
        run(&b, "drain", messages, group, false, true);
    else
        run(&b, "whole", messages, group, true, true);
    store_free(b.store);
    AUTOFREE char *remove = memory_format("rm -r %s", directory);
    return system(remove) != 0;
}
