/* SPDX-License-Identifier: MIT */
/* kill -9 in the middle of work, again and again on the same file: whatever the victim was told is
 * on disk is there, once, and the next one goes on. The seed is the test's; STORE_SEED=N tries
 * another. */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inside.h"

enum { ROUNDS = 25, GROUP = 5, ORDERS = 3, ACKS_MAX = 40 };

static void die(const char *what, int r)
{
    fprintf(stderr, "%s: %d\n", what, r);
    _exit(1);
}

static int write_group(struct store *store, int64_t webhook, int group)
{
    int r = 0;
    for (int i = 0; r == 0 && i < GROUP; i++) {
        char id[32], order[16];
        struct accept_target target;
        snprintf(id, sizeof(id), "n-%d-%d", group, i);
        snprintf(order, sizeof(order), "o-%d", i % ORDERS);
        struct sample sample = {id, order, .event_usec = NOW + (uint64_t)(group * GROUP - i),
                                .webhook = webhook};
        struct accept accept = fixture_accept(&sample, &target, NOW);
        r = store_accept(store, &accept, NOW);
    }
    return r;
}

/* Settles what was claimed in the last transaction and claims the next. */
static int deliver(struct store *store, int64_t webhook, struct claim claims[], size_t *n_claims)
{
    int r = 0;
    for (size_t i = 0; i < *n_claims; i++) {
        struct settle settle = {
            .delivery = claims[i].delivery, .attempt = claims[i].attempt, .to = DELIVERY_DELIVERED};
        if (r == 0)
            r = store_settle(store, &settle, NOW);
        claim_clear(&claims[i]);
    }
    struct claim_query query = {
        .webhook = webhook, .now_usec = NOW, .first = ORDERS - 1, .retries = 1, .bytes = 1 << 20};
    return r ? r : store_claim(store, &query, claims, n_claims);
}

/* The victim: writes group after group and says so after each commit. */
static void work(const char *directory, int group, int out)
{
    struct store *store = NULL;
    struct claim claims[ORDERS];
    struct error error;
    int64_t webhook;
    size_t count, n_claims = 0;
    int r = store_open(&store, directory, STORE_DAEMON, &error);
    if (r)
        die(error.text, r);
    store->dedupe.merge_at = 60; /* so that merging is what is killed as well */
    store->dedupe.step = 7;
    r = store_begin(store);
    if (r == 0)
        r = store_set_webhooks(store, (const char *[]){"wms"}, 1, &webhook);
    if (r == 0)
        r = store_recover(store, NOW, &count);
    if (r == 0)
        r = store_commit(store);
    for (; r == 0; group++) {
        r = store_begin(store);
        if (r == 0)
            r = write_group(store, webhook, group);
        if (r == 0)
            r = deliver(store, webhook, claims, &n_claims);
        if (r == 0)
            r = store_commit(store);
        if (r == 0 && write(out, &group, sizeof(group)) < 0)
            _exit(0);
        if (r == 0 && group % 16 == 15)
            r = store_checkpoint(store);
    }
    die("work", r);
}

/* Kills it after so many acknowledged groups, in the middle of what follows. Returns the last one.
 */
static int kill_after(const char *directory, int group, uint32_t acks, uint32_t pause_usec)
{
    int ends[2], last = group - 1, status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        work(directory, group, ends[1]);
    }
    close(ends[1]);
    for (uint32_t i = 0; i < acks; i++)
        assert_int_equal(read(ends[0], &last, sizeof(last)), sizeof(last));
    usleep(pause_usec);
    kill(child, SIGKILL);
    while (read(ends[0], &group, sizeof(group)) == sizeof(group))
        last = group;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return last;
}

struct found {
    unsigned char there[ROUNDS * 2000][GROUP];
    int groups;
};

static void note_row(const struct list_row *row, void *userdata)
{
    struct found *found = userdata;
    int group, i;
    assert_int_equal(sscanf(row->notification_id, "n-%d-%d", &group, &i), 2);
    assert_in_range(group, 0, ROUNDS * 2000 - 1);
    assert_int_equal(found->there[group][i]++, 0);
    if (group >= found->groups)
        found->groups = group + 1;
}

/* Everything that is there comes once more and is recognised. */
static void send_again(struct store *store, int groups)
{
    fixture_ok(store, store_begin(store), "begin", __LINE__);
    for (int group = 0; group < groups; group++) {
        for (int i = 0; i < GROUP; i++) {
            char id[32];
            struct accept_target target;
            snprintf(id, sizeof(id), "n-%d-%d", group, i);
            struct accept accept = fixture_accept(&(struct sample){id, .order = "o"}, &target, NOW);
            fixture_ok(store, store_accept(store, &accept, NOW), "accept", __LINE__);
            assert_int_equal(accept.result, ACCEPTED_COPY);
        }
    }
    store_rollback(store);
}

/* Every group up to the last acknowledged one is whole; one more may be. Returns how many there
 * are. */
static int check(const char *directory, int last)
{
    struct found *found = NEW(struct found);
    struct store *store = fixture_open(directory);
    struct list_query query = {.states = UINT32_MAX, .limit = INT32_MAX};
    IN(store, store_list(store, &query, note_row, found));
    int groups = found->groups;
    send_again(store, groups);
    store_free(store);
    assert_in_range(groups, last + 1, last + 2);
    for (int group = 0; group < groups; group++)
        for (int i = 0; i < GROUP; i++)
            assert_int_equal(found->there[group][i], 1);
    free(found);
    return groups;
}

static void whoever_is_killed_loses_nothing(void **state)
{
    (void)state;
    const char *text = getenv("STORE_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 9;
    char *directory = fixture_directory();
    AUTOFREE char *path = memory_format("%s/%s", directory, STORE_FILE);
    int groups = 0;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t acks = fixture_random(&seed) % ACKS_MAX + 1, pause = fixture_random(&seed) % 2000;
        int last = kill_after(directory, groups, acks, pause);
        groups = check(directory, last);
        fixture_check(path, NULL);
    }
    fixture_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whoever_is_killed_loses_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
