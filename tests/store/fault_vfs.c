/* SPDX-License-Identifier: MIT */
#include "fault_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

enum { FILES_MAX = 8, SHM_MAX = 16, SECTOR = 512 };

/* A write that no sync has followed yet; size 0: a truncation to `offset`. */
struct change {
    size_t offset, size;
    char *bytes;
};

struct bytes {
    char *data;
    size_t size, room;
};

struct disk_file {
    char *name;
    bool exists, synced_once;
    struct bytes now, safe; /* as the process sees it, as it is after a power cut */
    struct change *changes;
    size_t n_changes;
    void *shm[SHM_MAX];
};

struct open_file {
    sqlite3_file base;
    struct disk_file *file;
    bool temporary;
};

static struct disk_file disk[FILES_MAX];
static sqlite3_vfs *original;
static enum fault armed;
static unsigned countdown;
static bool struck;

/* What the next change of the disk meets. */
static int meet_fault(int io_error)
{
    if (struck && armed == FAULT_POWER)
        return io_error;
    if (armed == FAULT_NONE || struck || --countdown)
        return SQLITE_OK;
    struck = true;
    return armed == FAULT_FULL ? SQLITE_FULL : io_error;
}

static void put(struct bytes *bytes, size_t offset, const char *data, size_t size)
{
    if (offset + size > bytes->room) {
        bytes->room = 2 * (offset + size);
        bytes->data = memory_resize(bytes->data, bytes->room, 1);
    }
    if (offset + size > bytes->size) {
        if (offset > bytes->size)
            memset(bytes->data + bytes->size, 0, offset - bytes->size);
        bytes->size = offset + size;
    }
    if (size)
        memcpy(bytes->data + offset, data, size);
}

static void note_change(struct disk_file *file, size_t offset, const void *bytes, size_t size)
{
    if ((file->n_changes & (file->n_changes - 1)) == 0)
        file->changes = memory_resize(file->changes, file->n_changes ? file->n_changes * 2 : 1,
                                      sizeof(*file->changes));
    file->changes[file->n_changes++] =
        (struct change){offset, size, size ? memory_copy(bytes, size) : NULL};
}

static void forget_changes(struct disk_file *file)
{
    for (size_t i = 0; i < file->n_changes; i++)
        free(file->changes[i].bytes);
    free(file->changes);
    file->changes = NULL;
    file->n_changes = 0;
}

static void free_shm(struct disk_file *file)
{
    for (int i = 0; i < SHM_MAX; i++) {
        free(file->shm[i]);
        file->shm[i] = NULL;
    }
}

static void clear_file(struct disk_file *file)
{
    forget_changes(file);
    free_shm(file);
    free(file->name);
    free(file->now.data);
    free(file->safe.data);
    *file = (struct disk_file){0};
}

static int file_close(sqlite3_file *base)
{
    struct open_file *open = (struct open_file *)base;
    if (open->temporary)
        clear_file(open->file);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int amount, sqlite3_int64 offset)
{
    const struct bytes *now = &((struct open_file *)base)->file->now;
    size_t at = (size_t)offset, want = (size_t)amount;
    size_t there = at >= now->size ? 0 : now->size - at < want ? now->size - at : want;
    if (there)
        memcpy(out, now->data + at, there);
    memset((char *)out + there, 0, want - there);
    return there == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *bytes, int amount, sqlite3_int64 offset)
{
    struct disk_file *file = ((struct open_file *)base)->file;
    int r = meet_fault(SQLITE_IOERR_WRITE);
    if (r)
        return r;
    put(&file->now, (size_t)offset, bytes, (size_t)amount);
    note_change(file, (size_t)offset, bytes, (size_t)amount);
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct disk_file *file = ((struct open_file *)base)->file;
    int r = meet_fault(SQLITE_IOERR_TRUNCATE);
    if (r)
        return r;
    if ((size_t)size < file->now.size)
        file->now.size = (size_t)size;
    note_change(file, (size_t)size, NULL, 0);
    return SQLITE_OK;
}

static void apply(struct bytes *bytes, const struct change *change)
{
    if (change->size)
        put(bytes, change->offset, change->bytes, change->size);
    else if (change->offset < bytes->size)
        bytes->size = change->offset;
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct disk_file *file = ((struct open_file *)base)->file;
    (void)flags;
    int r = meet_fault(SQLITE_IOERR_FSYNC);
    if (r)
        return r;
    for (size_t i = 0; i < file->n_changes; i++)
        apply(&file->safe, &file->changes[i]);
    file->synced_once = true;
    forget_changes(file);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret)
{
    *ret = (sqlite3_int64)((struct open_file *)base)->file->now.size;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int lock)
{
    (void)base;
    (void)lock;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *base, int *ret)
{
    (void)base;
    *ret = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument)
{
    (void)base;
    (void)operation;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

static int file_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **ret)
{
    struct disk_file *file = ((struct open_file *)base)->file;
    if (region >= SHM_MAX)
        return SQLITE_NOMEM;
    if (!file->shm[region] && extend)
        file->shm[region] = memory_new((size_t)size);
    *ret = file->shm[region];
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
    (void)base;
    (void)offset;
    (void)n;
    (void)flags;
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base)
{
    (void)base;
}

static int shm_unmap(sqlite3_file *base, int delete)
{
    (void)delete;
    free_shm(((struct open_file *)base)->file);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

static struct disk_file *find(const char *name)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (disk[i].exists && name && strcmp(disk[i].name, name) == 0)
            return &disk[i];
    return NULL;
}

static struct disk_file *create(const char *name)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (disk[i].exists)
            continue;
        disk[i] =
            (struct disk_file){.name = memory_string(name ? name : "temporary"), .exists = true};
        return &disk[i];
    }
    fail_msg("too many files");
    return NULL;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags,
                    int *ret_flags)
{
    struct open_file *open = (struct open_file *)base;
    (void)vfs;
    *open = (struct open_file){.file = find(name)};
    if (!open->file && meet_fault(SQLITE_CANTOPEN))
        return SQLITE_CANTOPEN;
    if (!open->file)
        open->file = create(name);
    open->temporary = !name;
    open->base.pMethods = &methods;
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    struct disk_file *file = find(name);
    (void)vfs;
    (void)sync;
    if (!file)
        return SQLITE_IOERR_DELETE_NOENT;
    if (meet_fault(SQLITE_IOERR_DELETE))
        return SQLITE_IOERR_DELETE;
    clear_file(file);
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    (void)vfs;
    (void)flags;
    *ret = find(name) != NULL;
    return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    return original->xRandomness(original, size, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int usec)
{
    (void)vfs;
    return original->xSleep(original, usec);
}

static int vfs_time(sqlite3_vfs *vfs, double *ret)
{
    (void)vfs;
    return original->xCurrentTime(original, ret);
}

static int vfs_error(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    (void)size;
    (void)out;
    return EIO;
}

static sqlite3_vfs fault_vfs = {
    .iVersion = 1,
    .szOsFile = sizeof(struct open_file),
    .mxPathname = 512,
    .zName = FAULT_VFS,
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_path,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_time,
    .xGetLastError = vfs_error,
};

void fault_install(void)
{
    original = sqlite3_vfs_find(NULL);
    assert_int_equal(sqlite3_vfs_register(&fault_vfs, 1), SQLITE_OK);
}

void fault_remove(void)
{
    sqlite3_vfs_unregister(&fault_vfs);
    fault_arm(FAULT_NONE, 0);
    for (int i = 0; i < FILES_MAX; i++)
        if (disk[i].exists)
            clear_file(&disk[i]);
}

void fault_arm(enum fault fault, unsigned n)
{
    armed = fault;
    countdown = n;
    struck = false;
}

bool fault_struck(void)
{
    return struck;
}

/* Sectors of a write that no sync followed arrive or do not, each for itself. */
static void replay(struct bytes *safe, const struct change *change, uint64_t *seed)
{
    if (!change->size) {
        if (fixture_random(seed) % 2 && change->offset < safe->size)
            safe->size = change->offset;
        return;
    }
    for (size_t at = 0; at < change->size;) {
        size_t sector = SECTOR - (change->offset + at) % SECTOR;
        size_t size = change->size - at < sector ? change->size - at : sector;
        if (fixture_random(seed) % 2)
            put(safe, change->offset + at, change->bytes + at, size);
        at += size;
    }
}

void fault_reboot(uint64_t seed)
{
    fault_arm(FAULT_NONE, 0);
    for (int i = 0; i < FILES_MAX; i++) {
        struct disk_file *file = &disk[i];
        if (!file->exists)
            continue;
        for (size_t j = 0; j < file->n_changes; j++)
            replay(&file->safe, &file->changes[j], &seed);
        forget_changes(file);
        free_shm(file);
        if (!file->synced_once && !file->safe.size) {
            clear_file(file);
            continue;
        }
        file->now.size = 0;
        put(&file->now, 0, file->safe.data, file->safe.size);
    }
}
