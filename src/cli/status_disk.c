/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/disk.h"
#include "base/json.h"
#include "base/memory.h"
#include "status.h"

/*
 * The disk of the store, as this command sees it. A daemon that cannot write cannot note it.
 */

/* With fewer bytes SQLite cannot even open a database. */
#define FULL_BYTES 65536

/* Return the state of the disk, "good" if there is no problem. */
static const char *state_of(const struct status *status, const struct disk *disk)
{
    if (disk->read_only || disk->closed)
        return "read-only";
    if (disk->free_bytes < FULL_BYTES)
        return "full";
    return disk->free_bytes < status->at.config->min_free_disk ? "low" : "good";
}

void status_put_disk(const struct status *status)
{
    const char *directory = status->at.config->state_directory;
    struct disk disk;
    if (disk_look(directory, &disk) < 0)
        return;
    const char *state = state_of(status, &disk);
    if (text_equal(state, "read-only"))
        printf("Disk:   %s is on a read-only file system: nothing can be stored\n", directory);
    else if (text_equal(state, "full"))
        printf("Disk:   the disk of %s is full: nothing can be stored\n", directory);
    else if (text_equal(state, "low"))
        printf("Disk:   %s has %llu MiB free, min_free_disk is %llu MiB\n", directory,
               (unsigned long long)(disk.free_bytes >> 20),
               (unsigned long long)(status->at.config->min_free_disk >> 20));
}

void status_json_disk(struct text *out, const struct status *status)
{
    struct disk disk;
    bool known = disk_look(status->at.config->state_directory, &disk) == 0;
    json_open(out, "disk", '{');
    json_string(out, "state", known ? state_of(status, &disk) : NULL);
    if (known)
        json_number(out, "free_bytes", (int64_t)disk.free_bytes);
    else
        json_null(out, "free_bytes");
    json_close(out, '}');
}
