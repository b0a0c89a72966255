/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "inside.h"

static int read_head(struct store *store)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_HEAD);
    int r = query_step(&q, &row);
    if (r)
        return r;
    if (!row)
        return store_say(store, STORE_CORRUPT, "%s has lost its head row", store->path);
    store->head.sequence = query_get_number(&q);
    store->head.notification = query_get_number(&q);
    store->head.delivery = query_get_number(&q);
    store->head.merged = query_get_number(&q);
    store->head_on_disk = store->head;
    return 0;
}

int store_refresh(struct store *store)
{
    int r = read_head(store);
    if (r == 0)
        r = names_load(store);
    if (r == 0)
        r = webhooks_load(store);
    store->doubtful = r != 0;
    store->unknown.known = false;
    return r;
}

/* Look whether another process has committed. SQLite's counter is moved by other connections'
 * commits, and not by our own. */
static int look_elsewhere(struct store *store)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_DATA_VERSION);
    int r = query_step(&q, &row);
    if (r || !row)
        return r;
    int64_t version = query_get_number(&q);
    query_end(&q);
    bool moved = store->data_version && version != store->data_version;
    if (moved)
        store->elsewhere = true;
    store->data_version = version;
    return moved || store->doubtful ? store_refresh(store) : 0;
}

int store_begin(struct store *store)
{
    counts_begin(&store->counts);
    superseded_drop(&store->superseded);
    CLEANUP(query_end)
    struct query q =
        query_start(store, store->mode == STORE_READER ? SQL_BEGIN_READ : SQL_BEGIN_WRITE);
    int r = query_run(&q);
    if (r)
        return r;
    store->begun = true;
    r = look_elsewhere(store);
    if (r == 0)
        r = delays_load(store);
    if (r)
        store_rollback(store);
    return r;
}

static int write_head(struct store *store)
{
    const struct head *head = &store->head, *old = &store->head_on_disk;
    if (head->sequence == old->sequence && head->notification == old->notification &&
        head->delivery == old->delivery && head->merged == old->merged)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_HEAD_WRITE);
    query_number(&q, head->sequence);
    query_number(&q, head->notification);
    query_number(&q, head->delivery);
    query_number(&q, head->merged);
    return query_run(&q);
}

static int write_rest(struct store *store)
{
    if (store->mode == STORE_READER)
        return 0;
    int r = fresh_write(store);
    if (r == 0)
        r = dedupe_write(store);
    if (r == 0)
        r = write_head(store);
    if (r == 0)
        r = stale_write(store);
    if (r == 0)
        r = delays_write(store);
    return r ? r : counts_write(store);
}

int store_commit(struct store *store)
{
    int r = write_rest(store);
    if (r == 0) {
        CLEANUP(query_end) struct query q = query_start(store, SQL_COMMIT);
        r = query_run(&q);
    }
    if (r) {
        store_rollback(store);
        return r;
    }
    store->begun = false;
    store->head_on_disk = store->head;
    marker_write(store);
    names_commit(&store->names);
    counts_commit(&store->counts);
    stale_commit(store);
    delays_ended(store, true);
    return 0;
}

/* SQLite may have rolled back already. The reason for it stays in store_why. */
void store_rollback(struct store *store)
{
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->begun = false;
    store->head = store->head_on_disk;
    fresh_drop(&store->fresh);
    superseded_drop(&store->superseded);
    dedupe_rollback(&store->dedupe);
    names_rollback(&store->names);
    counts_rollback(&store->counts);
    delays_ended(store, false);
    store->doubtful = true; /* cached webhooks may be of the lost transaction */
}

bool store_changed_elsewhere(struct store *store)
{
    bool elsewhere = store->elsewhere;
    store->elsewhere = false;
    return elsewhere;
}

int store_checkpoint(struct store *store)
{
    if (store->log_pages < STORE_CHECKPOINT_PAGES)
        return 0;
    int r = store_look(store);
    if (r)
        return r;
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    place_written(store);
    store->checkpoints++;
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) {
        store->log_pages = 0;
        return 0;
    }
    return query_failure(store, code);
}

int store_wipe_log(struct store *store)
{
    if (!store->removed)
        return 0;
    int r = store_look(store);
    if (r)
        return r;
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    place_written(store);
    store->checkpoints++;
    r = query_failure(store, code);
    if (r == 0) {
        store->removed = false;
        store->log_pages = 0;
    }
    return r;
}

uint64_t store_checkpoints(const struct store *store)
{
    return store->checkpoints;
}
