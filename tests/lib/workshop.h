/* SPDX-License-Identifier: MIT */
#ifndef TESTS_WORKSHOP_H
#define TESTS_WORKSHOP_H

#include "ear.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "parts.h"
#include "scripted_http.h"
#include "store/store.h"
#include "store/turn.h"

/*
 * Where a part of the relay works in a test: a loop on the fake clock, scripted HTTP, and a real
 * store in a directory of its own with one webhook, "wms". Events are silent (ear.h).
 */
struct workshop {
    sd_event *event;
    struct http *http;
    char *directory;
    struct store *store;
    struct turn *turn;
    int64_t webhook;
    int64_t newest;             /* delivery that workshop_accept has seen */
    enum webhook_format format; /* what workshop_accept gives to the next */
};

void workshop_open(struct workshop *workshop, const struct turn_hooks *hooks);
void workshop_close(struct workshop *workshop);

/* Verbs in a transaction of their own; a failing one fails the test. */
void workshop_begin(struct workshop *workshop);
void workshop_commit(struct workshop *workshop);

/* Stores a notification for the webhook, due now; its delivery's id. The payload belongs to its id.
 * order NULL: without a lane. */
int64_t workshop_accept(struct workshop *workshop, const char *id, const char *order);

/* The same with a payload of so many bytes. */
int64_t workshop_accept_sized(struct workshop *workshop, const char *id, const char *order,
                              size_t size);

/* A delivery as it is on disk. Its texts are copied and live until the next call. */
struct list_row workshop_row(struct workshop *workshop, int64_t delivery);

/* Rows in that state, of all webhooks and of none. */
uint64_t workshop_count(struct workshop *workshop, enum delivery_state state);

/* A fact that status shows; NULL: none. Lives until the next call. */
const char *workshop_fact(struct workshop *workshop, const char *section, const char *name,
                          const char *key);

uint64_t workshop_counter(struct workshop *workshop, const char *name);

#endif
