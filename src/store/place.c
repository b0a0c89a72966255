/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "inside.h"

/* Positions in the log's index (sqlite.org/walformat.html, 2.3): the log's salts, the number of
 * frames that are in the database for certain, and the number that SQLite has begun to write
 * there. */
#define INDEX_SALTS     32
#define INDEX_DONE      96
#define INDEX_ATTEMPTED 128

void place_init(struct place *place)
{
    *place = (struct place){.database_fd = -1, .index_fd = -1};
}

void place_clear(struct place *place)
{
    if (place->database_fd >= 0)
        close(place->database_fd);
    if (place->index_fd >= 0)
        close(place->index_fd);
    free(place->log);
    free(place->index);
    place_init(place);
}

static struct file_id id_of(const struct stat *info)
{
    return (struct file_id){info->st_dev, info->st_ino};
}

static bool same(const struct file_id *a, const struct file_id *b)
{
    return a->device == b->device && a->inode == b->inode;
}

bool place_is_at(const struct file_id *id, const char *path)
{
    struct stat info;
    if (stat(path, &info) < 0)
        return false;
    struct file_id there = id_of(&info);
    return same(id, &there);
}

/* ---- writes of SQLite and of others ---- */

static bool read_backfill(const struct place *place, struct backfill *ret)
{
    *ret = (struct backfill){0};
    return pread(place->index_fd, ret->salts, sizeof(ret->salts), INDEX_SALTS) ==
               sizeof(ret->salts) &&
           pread(place->index_fd, &ret->done, sizeof(ret->done), INDEX_DONE) == sizeof(ret->done) &&
           pread(place->index_fd, &ret->attempted, sizeof(ret->attempted), INDEX_ATTEMPTED) ==
               sizeof(ret->attempted);
}

static bool was_written(const struct place *place, const struct stat *info)
{
    return info->st_size != place->size || info->st_mtim.tv_sec != place->written.tv_sec ||
           info->st_mtim.tv_nsec != place->written.tv_nsec;
}

static void remember(struct place *place, const struct stat *info, const struct backfill *backfill)
{
    place->size = info->st_size;
    place->written = info->st_mtim;
    place->backfill = *backfill;
}

void place_written(struct store *store)
{
    struct place *place = &store->place;
    struct backfill backfill;
    struct stat info;
    if (place->known && read_backfill(place, &backfill) && fstat(place->database_fd, &info) == 0)
        remember(place, &info, &backfill);
}

/* Whether another program wrote into the database. Before SQLite writes, in any process, it notes
 * that in the index. */
static bool was_overwritten(struct place *place, const struct stat *info)
{
    struct backfill backfill;
    if (!was_written(place, info) || !read_backfill(place, &backfill))
        return false;
    if (memcmp(&backfill, &place->backfill, sizeof(backfill)) == 0)
        return true;
    remember(place, info, &backfill);
    return false;
}

/* ---- learning ---- */

static int open_file(const char *path, struct file_id *ret_id)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &info) == 0)
        *ret_id = id_of(&info);
    return fd;
}

/* Open the files. SQLite's answer comes last, because it counts for the moment at which it is
 * given. */
static int open_files(struct store *store)
{
    struct place *place = &store->place;
    struct stat log;
    int moved = 0;
    place->database_fd = open_file(store->path, &place->database);
    place->index_fd = open_file(place->index, &place->index_id);
    if (place->database_fd < 0 || place->index_fd < 0 || stat(place->log, &log) < 0)
        return store_say(store, STORE_FAILED, "%s, its -wal or its -shm cannot be opened: %s",
                         store->path, strerror(errno));
    place->log_id = id_of(&log);
    sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved)
        return store_say(store, STORE_FAILED, "%s was replaced while it was opened", store->path);
    return 0;
}

int place_learn(struct store *store)
{
    struct place *place = &store->place;
    int moved = 0;
    /* A test's file system in memory has no answer. */
    if (sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_NOTFOUND)
        return 0;
    const char *file = sqlite3_db_filename(store->db, NULL);
    place->log = memory_format("%s-wal", file);
    place->index = memory_format("%s-shm", file);
    int r = open_files(store);
    if (r)
        return r;
    place->known = true;
    place_written(store);
    return 0;
}

/* ---- looking ---- */

static int lose(struct store *store, enum store_loss loss, const char *why)
{
    store->place.loss = loss;
    return store_say(store, STORE_LOST, "%s %s", store->path, why);
}

static int lose_database(struct store *store, int why_stat)
{
    struct stat open_one;
    bool named = fstat(store->place.database_fd, &open_one) == 0 && open_one.st_nlink > 0;
    if (named && why_stat == ENOENT)
        return lose(store, STORE_MOVED, "was moved to another place");
    if (named && why_stat)
        return lose(store, STORE_MOVED, "cannot be reached any more");
    if (named)
        return lose(store, STORE_MOVED,
                    "is another file than the open one: something is mounted over its directory, "
                    "or the open one was moved away");
    if (why_stat)
        return lose(store, STORE_REMOVED, "was deleted");
    return lose(store, STORE_REPLACED, "was replaced by another file");
}

int store_look(struct store *store)
{
    struct place *place = &store->place;
    struct stat info;
    if (!place->known)
        return 0;
    if (place->loss)
        return STORE_LOST;
    if (stat(store->path, &info) < 0)
        return lose_database(store, errno);
    struct file_id there = id_of(&info);
    if (!same(&place->database, &there))
        return lose_database(store, 0);
    if (was_overwritten(place, &info))
        return lose(store, STORE_OVERWRITTEN, "was overwritten by another program");
    if (!place_is_at(&place->log_id, place->log))
        return lose(store, STORE_LOG_LOST, "has lost its log: the file -wal beside it was deleted");
    if (!place_is_at(&place->index_id, place->index))
        return lose(store, STORE_LOG_LOST,
                    "has lost its log's index: the file -shm beside it was deleted");
    return 0;
}

enum store_loss store_loss(const struct store *store)
{
    return store->place.loss;
}
