/* SPDX-License-Identifier: MIT */
#include "watched_files.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"

void watched_files_add(struct watched_files *files, const char *path)
{
    struct stat info;
    if (!path || files->count == WATCHED_FILES_MAX)
        return;
    struct watched_file *file = &files->files[files->count++];
    *file = (struct watched_file){.path = memory_string(path)};
    file->there = stat(path, &info) == 0;
    if (!file->there)
        return;
    file->changed = info.st_mtim;
    file->inode = info.st_ino;
    file->size = info.st_size;
}

static bool has_changed(const struct watched_file *file)
{
    struct stat info;
    bool there = stat(file->path, &info) == 0;
    if (there != file->there)
        return true;
    return there && (info.st_ino != file->inode || info.st_size != file->size ||
                     info.st_mtim.tv_sec != file->changed.tv_sec ||
                     info.st_mtim.tv_nsec != file->changed.tv_nsec);
}

bool watched_files_changed(const struct watched_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (has_changed(&files->files[i]))
            return true;
    return false;
}

void watched_files_clear(struct watched_files *files)
{
    while (files->count)
        free(files->files[--files->count].path);
}
