/* SPDX-License-Identifier: MIT */
/* Every write, sync, truncation and creation of a scenario fails in turn, by an I/O error, a full
 * disk or a power cut, and so does each allocation of SQLite. What was committed stays, what was
 * not is there wholly or not at all, the laws hold, and the work can go on. */
#include "fixture.h"

#include "fault_memory.h"
#include "fault_vfs.h"
#include "inside.h"

enum { STEPS = 14, PER_STEP = 3, CLAIMS = 2, ORDERS = 4 };

enum fate { NOT_TRIED, UNKNOWN, COMMITTED };

struct scenario {
    const char *directory;
    char *path;
    struct store *store;
    int64_t webhook;
    int step; /* the next one */
    enum fate fates[STEPS];
    struct claim claims[CLAIMS]; /* to be settled by the next step */
    size_t n_claims;
    uint64_t now;
};

static void drop_claims(struct scenario *s)
{
    while (s->n_claims)
        claim_clear(&s->claims[--s->n_claims]);
}

static int settle_claims(struct scenario *s)
{
    static const enum delivery_state outcomes[] = {DELIVERY_DELIVERED, DELIVERY_DELIVERED,
                                                   DELIVERY_READY, DELIVERY_DEAD};
    int r = 0;
    for (size_t i = 0; r == 0 && i < s->n_claims; i++) {
        struct settle settle = {.delivery = s->claims[i].delivery,
                                .attempt = s->claims[i].attempt,
                                .to = outcomes[(size_t)s->step % ELEMENTS(outcomes)],
                                .next_usec = s->now};
        settle.cause = settle.to == DELIVERY_DEAD ? DEAD_REFUSED : DEAD_NOT;
        r = store_settle(s->store, &settle, s->now);
    }
    return r;
}

static int accept_some(struct scenario *s)
{
    int r = 0;
    for (int i = 0; r == 0 && i < PER_STEP; i++) {
        char id[32], order[16];
        struct accept_target target;
        snprintf(id, sizeof(id), "n-%d-%d", s->step, i);
        snprintf(order, sizeof(order), "o-%d", (s->step + i) % ORDERS);
        struct sample sample = {id, order, .type = id, .event_usec = s->now - (uint64_t)i,
                                .webhook = s->webhook};
        struct accept accept = fixture_accept(&sample, &target, s->now);
        r = store_accept(s->store, &accept, s->now);
    }
    return r;
}

/* The ids of a step are the same in every run, for every step before the first prune. */
static int tend(struct scenario *s)
{
    size_t count;
    int r = 0;
    if (s->step % 3 == 1)
        r = store_set_fact(s->store, "step", "last", "number", "one");
    if (r == 0 && s->step == STEPS - 2)
        r = store_prune_bodies(s->store, UINT64_MAX, 3, &count);
    if (r == 0 && s->step == STEPS - 1)
        r = store_vacuum(s->store, 100);
    return r;
}

/* One transaction; claims of a failed one are void, its settles are kept for the next try. */
static int run_step(struct scenario *s)
{
    struct claim taken[CLAIMS];
    size_t n_taken = 0;
    struct claim_query query = {
        .webhook = s->webhook, .now_usec = s->now, .first = 1, .retries = 1, .bytes = 1 << 20};
    int r = store_begin(s->store);
    if (r)
        return r;
    r = settle_claims(s);
    if (r == 0)
        r = accept_some(s);
    if (r == 0)
        r = tend(s);
    if (r == 0)
        r = store_claim(s->store, &query, taken, &n_taken);
    if (r == 0)
        r = store_commit(s->store);
    else
        store_rollback(s->store);
    if (r == 0) {
        drop_claims(s);
        memcpy(s->claims, taken, n_taken * sizeof(*taken));
        s->n_claims = n_taken;
        return 0;
    }
    while (n_taken)
        claim_clear(&taken[--n_taken]);
    return r;
}

static int open_store(struct scenario *s)
{
    struct error error;
    size_t count;
    int r = store_open(&s->store, s->directory, STORE_DAEMON, &error);
    if (r)
        return r;
    s->store->dedupe.merge_at = 2 * PER_STEP + 1; /* merges are part of it */
    s->store->dedupe.step = 2;
    r = store_begin(s->store);
    if (r == 0)
        r = store_set_webhooks(s->store, (const char *[]){"wms"}, 1, &s->webhook);
    if (r == 0)
        r = store_recover(s->store, s->now, &count);
    if (r == 0)
        r = store_commit(s->store);
    if (r) {
        store_free(s->store);
        s->store = NULL;
    }
    return r;
}

static void close_store(struct scenario *s)
{
    drop_claims(s);
    store_free(s->store);
    s->store = NULL;
}

/* Steps on until the end or a failure, which it returns. */
static int run(struct scenario *s)
{
    int r = s->store ? 0 : open_store(s);
    while (r == 0 && s->step < STEPS) {
        s->now += 1000;
        s->fates[s->step] = UNKNOWN;
        r = run_step(s);
        if (r)
            break;
        s->fates[s->step++] = COMMITTED;
        r = s->step % 4 == 0 ? store_checkpoint(s->store) : 0;
    }
    return r;
}

struct found {
    bool there[STEPS][PER_STEP];
};

static void note_row(const struct list_row *row, void *userdata)
{
    struct found *found = userdata;
    int step, i;
    assert_int_equal(sscanf(row->notification_id, "n-%d-%d", &step, &i), 2);
    assert_false(found->there[step][i]);
    found->there[step][i] = true;
}

/* Committed: all there. Unknown: all or none. Not tried: none. */
static void check(struct scenario *s)
{
    struct found found = {0};
    struct list_query query = {.states = UINT32_MAX, .limit = 1000};
    IN(s->store, store_list(s->store, &query, note_row, &found));
    for (int step = 0; step < STEPS; step++) {
        int there = 0;
        for (int i = 0; i < PER_STEP; i++)
            there += found.there[step][i];
        if (s->fates[step] == COMMITTED)
            assert_int_equal(there, PER_STEP);
        else if (s->fates[step] == UNKNOWN)
            assert_true(there == 0 || there == PER_STEP);
        else
            assert_int_equal(there, 0);
    }
}

/* One for all scenarios: the files in it are empty, what is in them is in memory. */
static char *directory;

static int make_directory(void **state)
{
    (void)state;
    fault_memory_install();
    directory = fixture_directory();
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    fixture_remove(directory);
    return 0;
}

static void begin(struct scenario *s)
{
    *s = (struct scenario){.directory = directory, .now = NOW};
    s->path = memory_format("%s/%s", s->directory, STORE_FILE);
    fault_install();
}

static void end(struct scenario *s)
{
    close_store(s);
    fixture_check(s->path, FAULT_VFS);
    fault_remove();
    free(s->path);
}

/* The process ends at the failure and starts anew, as it does for anything but a full disk. */
static bool fail_and_restart(enum fault fault, unsigned n)
{
    struct scenario s;
    begin(&s);
    fault_arm(fault, n);
    int r = run(&s);
    bool struck = fault_struck();
    if (struck && fault == FAULT_POWER)
        assert_int_not_equal(r, 0);
    close_store(&s);
    if (fault == FAULT_POWER)
        fault_reboot(n);
    fault_arm(FAULT_NONE, 0);
    r = open_store(&s);
    if (r)
        fail_msg("fault %d at %u: cannot be opened again: %d", fault, n, r);
    check(&s);
    assert_int_equal(run(&s), 0);
    check(&s);
    end(&s);
    return struck;
}

/* SQLite has no memory once. Our own code ends the process in that case (base/memory.h); here it is
 * the store's caller that ends it, because of the result. */
static bool starve_and_restart(unsigned n)
{
    struct scenario s;
    begin(&s);
    fault_memory_arm(n);
    int r = run(&s);
    bool struck = fault_memory_struck();
    fault_memory_arm(0);
    if (r)
        assert_true(struck);
    close_store(&s);
    r = open_store(&s);
    if (r)
        fail_msg("allocation %u: cannot be opened again: %d", n, r);
    check(&s);
    assert_int_equal(run(&s), 0);
    check(&s);
    end(&s);
    return struck;
}

/* The process stays and tries the same again, with what it has in memory. */
static bool fail_and_go_on(unsigned n)
{
    struct scenario s;
    begin(&s);
    fault_arm(FAULT_FULL, n);
    for (int tries = 0; run(&s); tries++) {
        assert_true(fault_struck());
        assert_int_equal(tries, 0); /* the second time there is room */
        if (s.store)
            assert_non_null(strstr(store_why(s.store), s.path));
    }
    bool struck = fault_struck();
    close_store(&s);
    assert_int_equal(open_store(&s), 0);
    check(&s);
    end(&s);
    return struck;
}

static void an_io_error_loses_nothing(void **state)
{
    (void)state;
    unsigned n = 1;
    while (fail_and_restart(FAULT_IO, n))
        n++;
    assert_true(n > 100);
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    unsigned n = 1;
    while (fail_and_restart(FAULT_FULL, n))
        n++;
    assert_true(n > 100);
}

static void a_full_disk_is_told_and_tried_again(void **state)
{
    (void)state;
    unsigned n = 1;
    while (fail_and_go_on(n))
        n++;
    assert_true(n > 100);
}

static void a_power_cut_loses_nothing(void **state)
{
    (void)state;
    unsigned n = 1;
    while (fail_and_restart(FAULT_POWER, n))
        n++;
    assert_true(n > 100);
}

/* Every allocation of the start, then one of many: the later ones repeat those of earlier steps. */
static void missing_memory_loses_nothing(void **state)
{
    (void)state;
    unsigned n = 1, tried = 0;
    for (; starve_and_restart(n); tried++)
        n += n < 200 ? 1 : 1 + n % 37;
    assert_true(tried > 200);
}

/* SQLite rolls back by itself after some failures. What comes then must not be a transaction of its
 * own: once, names of a failed accept stayed, with a gap before them, and no start worked again. */
static void nothing_is_written_after_a_rollback_by_sqlite(void **state)
{
    (void)state;
    struct scenario s;
    begin(&s);
    assert_int_equal(open_store(&s), 0);
    assert_int_equal(store_begin(s.store), 0);
    assert_int_equal(sqlite3_exec(s.store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(accept_some(&s), 0);
    assert_int_not_equal(store_set_fact(s.store, "step", "last", "number", "one"), 0);
    assert_int_not_equal(store_commit(s.store), 0);
    char *value = NULL;
    IN(s.store, store_get_fact(s.store, "step", "last", "number", &value));
    assert_null(value);
    close_store(&s);
    assert_int_equal(run(&s), 0);
    check(&s);
    end(&s);
}

/* The verb in which the disk is full says so, and nothing of it is left. */
static void a_full_disk_has_its_own_result(void **state)
{
    (void)state;
    struct scenario s;
    bool told = false;
    for (unsigned n = 1; !told; n++) {
        begin(&s);
        assert_int_equal(open_store(&s), 0);
        fault_arm(FAULT_FULL, n);
        int r = run(&s);
        assert_true(fault_struck());
        told = r == STORE_FULL;
        fault_arm(FAULT_NONE, 0);
        end(&s);
        assert_true(n < 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_io_error_loses_nothing),
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(a_full_disk_is_told_and_tried_again),
        cmocka_unit_test(a_power_cut_loses_nothing),
        cmocka_unit_test(a_full_disk_has_its_own_result),
        cmocka_unit_test(nothing_is_written_after_a_rollback_by_sqlite),
        cmocka_unit_test(missing_memory_loses_nothing),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
