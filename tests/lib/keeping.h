/* SPDX-License-Identifier: MIT */
#ifndef TESTS_KEEPING_H
#define TESTS_KEEPING_H

#include "relay/trusted_time.h"
#include "upkeep/janitor.h"
#include "workshop.h"

/* A janitor at work on the workshop's store, and a disk that the test fills. */
struct keeping {
    struct workshop shop;
    struct trusted_time time;
    struct receive_room room;
    struct janitor_webhook webhook;
    struct janitor_options options; /* the test may change it before the start */
    struct janitor *janitor;
    unsigned opened; /* how often receiving could begin again */
};

/* What statvfs(3) says: the bytes that are free, its result. */
extern uint64_t keeping_free_disk;
extern int keeping_disk_result;

int keeping_setup(void **state);
int keeping_teardown(void **state);
#define IN_KEEPING(test) cmocka_unit_test_setup_teardown(test, keeping_setup, keeping_teardown)

/* Begins; with a clock that Amazon has confirmed. */
void keeping_start(struct keeping *w);
void keeping_start_trusted(struct keeping *w);

void keeping_run(struct keeping *w, uint64_t usec);

/* Notifications that are done (nobody wanted them), in one transaction, so many bytes each; how
 * many of them there are. */
void keeping_add_done(struct keeping *w, unsigned count, size_t size);
uint64_t keeping_history(struct keeping *w);

/* Whether the body of a delivery is there still; of how many of the first `count`. */
bool keeping_has_body(struct keeping *w, int64_t delivery);
unsigned keeping_bodies(struct keeping *w, unsigned count);

#endif
