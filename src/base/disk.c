/* SPDX-License-Identifier: MIT */
#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/memory.h"

static bool has_word(const char *options, const char *word)
{
    size_t size = strlen(word);
    for (const char *at = options; at; at = strchr(at, ',')) {
        at += at != options;
        if (strncmp(at, word, size) == 0 && (!at[size] || at[size] == ','))
            return true;
    }
    return false;
}

/* Read a line "ID PARENT MAJ:MIN ROOT POINT OPTIONS [FIELD...] - TYPE SOURCE SUPER-OPTIONS". Return
 * whether the line is about this mount. */
static bool take_line(struct disk *disk, char *line, uint64_t mount)
{
    unsigned long long id;
    char source[sizeof(disk->source)], options[512];
    const char *rest = strstr(line, " - ");
    if (sscanf(line, "%llu", &id) != 1 || id != mount || !rest ||
        sscanf(rest, " - %*s %255s %511s", source, options) != 2)
        return false;
    snprintf(disk->source, sizeof(disk->source), "%s", source);
    disk->read_only = has_word(options, "ro");
    disk->closed = !disk->read_only;
    return true;
}

/* Find out whether the file system itself is read-only, or only its mount for this process. */
static void look_at_mount(const char *directory, struct disk *disk)
{
    struct statx info = {0};
    char *line = NULL;
    size_t room = 0;
    disk->read_only = true;
    bool known =
        statx(AT_FDCWD, directory, 0, STATX_MNT_ID, &info) == 0 && (info.stx_mask & STATX_MNT_ID);
    FILE *file = known ? fopen("/proc/self/mountinfo", "re") : NULL;
    while (file && getline(&line, &room, file) > 0 && !take_line(disk, line, info.stx_mnt_id))
        ;
    free(line);
    if (file)
        fclose(file);
}

int disk_look(const char *directory, struct disk *ret)
{
    struct statvfs info;
    *ret = (struct disk){0};
    if (statvfs(directory, &info) < 0)
        return -errno;
    ret->free_bytes = (uint64_t)info.f_bavail * info.f_frsize;
    if (info.f_flag & ST_RDONLY)
        look_at_mount(directory, ret);
    return 0;
}
