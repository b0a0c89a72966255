/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_INSIDE_H
#define SRC_STORE_INSIDE_H

#include <sqlite3.h>

#include "base/memory.h"
#include "counts.h"
#include "dedupe.h"
#include "delays.h"
#include "fresh.h"
#include "lane_filter.h"
#include "marker.h"
#include "names.h"
#include "place.h"
#include "query.h"
#include "removal.h"
#include "seal.h"
#include "statements.h"
#include "store/store.h"
#include "superseded.h"
#include "unknown.h"
#include "webhooks.h"

/* Pages in the log at which store_checkpoint begins to work, and at which a commit makes the
 * checkpoint because store_checkpoint was not called. */
#define STORE_CHECKPOINT_PAGES 1000
#define STORE_LOG_PAGES_MAX    4000

/* Numbers that only rise, in the one row of `head`; written with the commit. */
struct head {
    int64_t sequence, notification, delivery;
    int64_t merged; /* dedupe.h */
};

/* The store as its own files see it. The cached values equal the disk at every store_begin: after a
 * rollback, or a commit of another process, they are read again. */
struct store {
    sqlite3 *db;
    char *path;
    char *why;
    enum store_mode mode;
    sqlite3_stmt *statements[STATEMENTS];

    bool begun;           /* between store_begin and the end of the transaction */
    int failure;          /* the last failure, a store_result */
    bool doubtful;        /* the caches below must be read again */
    bool elsewhere;       /* another process has committed since store_changed_elsewhere */
    int64_t data_version; /* SQLite's counter of commits by others */
    int log_pages;        /* in the write-ahead log after the last commit */
    uint64_t checkpoints; /* since it was opened */
    bool removed;         /* bodies were removed whose bytes may be in the log */
    struct marker marker; /* STORE_DAEMON only, like the next */
    struct place place;

    struct head head, head_on_disk;
    struct names names;
    struct dedupe dedupe;
    struct delays delays;
    struct counts counts;
    struct webhooks webhooks;
    struct lane_filters lane_filters; /* stale.c */
    struct unknown unknown;
    struct fresh fresh;                  /* empty outside of a transaction */
    struct superseded_list superseded;   /* of this transaction, or of the last one */
    int64_t body_cursor, history_cursor; /* where the next step of pruning continues */
    struct reclaim reclaim;
    struct seals seals;
};

/* Set store_why and return `result`. */
int store_say(struct store *store, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Read the cached values again from the database. A store_result. */
int store_refresh(struct store *store);

#endif
