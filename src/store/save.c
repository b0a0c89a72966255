/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "inside.h"
#include "store/backup.h"

/* Remove our log. It would be taken for the log of the file that now has the database's name. */
static void remove_log(struct store *store)
{
    struct place *place = &store->place;
    if (place_is_at(&place->log_id, place->log))
        (void)unlink(place->log);
    if (place_is_at(&place->index_id, place->index))
        (void)unlink(place->index);
}

/* Write the log's pages into the open database, wherever that is. */
static int empty_log(struct store *store, struct error *error)
{
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    int r = query_failure(store, code);
    if (r)
        error_set(error, ERROR_STORE, "the log cannot be written into the database: %s",
                  store_why(store));
    return r;
}

static int copy_to(struct store *store, char *path, char **ret_path, struct error *error)
{
    int r = store_backup(store, path, error);
    if (r == 0)
        *ret_path = path;
    else
        free(path);
    return r;
}

/* Copy the database beside the path, when another file is at the path. The time makes the name
 * new. */
static int copy_beside(struct store *store, const char *directory, char **ret_path,
                       struct error *error)
{
    char when[CLOCK_TEXT_MAX];
    clock_rfc3339(when, clock_trusted_usec());
    return copy_to(store, memory_format("%s/" STORE_FILE ".saved-%s", directory, when), ret_path,
                   error);
}

static char *directory_of(const char *path)
{
    return memory_copy(path, (size_t)(strrchr(path, '/') - path));
}

static int restore(struct store *store, const char *spare, char **ret_path, struct error *error)
{
    AUTOFREE char *directory = directory_of(store->path);
    (void)mkdir(directory, 0700); /* it may exist; without permission, the copy fails */
    remove_log(store);
    int r = copy_to(store, memory_string(store->path), ret_path, error);
    return r && spare ? copy_beside(store, spare, ret_path, error) : r;
}

/* Save a copy beside the path. An overwritten database may be beyond reading: then trying again
 * does not help. */
static int set_aside(struct store *store, char **ret_path, struct error *error)
{
    AUTOFREE char *directory = directory_of(store->path);
    int r = copy_beside(store, directory, ret_path, error);
    if (store->place.loss == STORE_OVERWRITTEN)
        r = 0;
    if (r == 0)
        remove_log(store);
    return r;
}

int store_save(struct store *store, const char *spare, char **ret_path, struct error *error)
{
    int r = 0;
    *ret_path = NULL;
    switch (store->place.loss) {
    case STORE_REMOVED:
        return restore(store, spare, ret_path, error);
    case STORE_REPLACED:
    case STORE_OVERWRITTEN:
        return set_aside(store, ret_path, error);
    case STORE_MOVED:
    case STORE_LOG_LOST:
        r = empty_log(store, error);
        break;
    case STORE_IN_PLACE:
        break;
    }
    if (r == 0)
        *ret_path = memory_string(store->path);
    return r;
}
