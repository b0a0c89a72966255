/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* One verb in a transaction of its own; fails the test unless everything returns 0. */
#define IN(store, call)                                                                            \
    do {                                                                                           \
        fixture_ok(store, store_begin(store), "begin", __LINE__);                                  \
        fixture_ok(store, call, #call, __LINE__);                                                  \
        fixture_ok(store, store_commit(store), "commit", __LINE__);                                \
    } while (0)

/* The same for a verb that says no: its result is returned and nothing is kept. */
#define REFUSED(store, call)                                                                       \
    ({                                                                                             \
        fixture_ok(store, store_begin(store), "begin", __LINE__);                                  \
        int refused_ = (call);                                                                     \
        store_rollback(store);                                                                     \
        refused_;                                                                                  \
    })

void fixture_ok(struct store *store, int result, const char *what, int line);

/* A directory of its own below the working directory, and away with it. */
char *fixture_directory(void);
void fixture_remove(char *directory);

/* Opens as the daemon; fails the test where that does not work. */
struct store *fixture_open(const char *directory);

/* Sets the one configured webhook "wms" and returns its id. */
int64_t fixture_webhook(struct store *store);

/* A notification in a few words; what is left out gets a default. */
struct sample {
    const char *id, *order, *type, *payload;
    uint64_t event_usec;
    int64_t webhook;
    enum delivery_state state; /* 0: READY */
    enum dead_cause cause;
    const char *reason;
    bool unreadable;
    bool is_state;
    enum webhook_format format;
};

/* The accept of a sample; `target` must live as long as it. */
struct accept fixture_accept(const struct sample *sample, struct accept_target *target,
                             uint64_t now_usec);

/* Accepts it in a transaction of its own. */
enum accept_result fixture_store(struct store *store, const struct sample *sample,
                                 uint64_t now_usec);

/* Claims up to `count` due deliveries in a transaction of their own. */
size_t fixture_claim(struct store *store, int64_t webhook, uint64_t now_usec, struct claim *out,
                     size_t count);

/* Settles in a transaction of its own; next is used with READY. */
void fixture_settle(struct store *store, const struct claim *claim, enum delivery_state to,
                    uint64_t next_usec, uint64_t now_usec);

/* A row of the list; its strings are copies that live until the next call. */
struct list_row fixture_row(struct store *store, int64_t delivery);

/* Counts of the rows of a webhook now, by state. */
uint64_t fixture_count(struct store *store, int64_t webhook, enum delivery_state state);

/* Fails the test unless the database is whole and every law that can be read from it holds: counts
 * are the rows', places fit states, each lane has its one head and that is the oldest or in flight,
 * every key belongs to a notification. `path` is the database's file, `vfs` NULL or a name. */
void fixture_check(const char *path, const char *vfs);

/* Makes of the database, which nobody has open, one of an older layout with the same rows. */
void fixture_downgrade(const char *path, int version);

/* A store with one webhook, for tests that need no more; closed with fixture_check. */
struct shop {
    char *directory;
    struct store *store;
    int64_t webhook;
};
int shop_open(void **state);
int shop_close(void **state);
/* Closes the store and opens it again; what `downgrade` (0: nothing) names is done in between. */
void shop_reopen(struct shop *shop, int downgrade);
#define IN_SHOP(test) cmocka_unit_test_setup_teardown(test, shop_open, shop_close)

/* A moment in 2023. */
#define NOW (1700000000ULL * USEC_PER_SEC)

/* A number from a seeded sequence. */
uint32_t fixture_random(uint64_t *seed);

#endif
