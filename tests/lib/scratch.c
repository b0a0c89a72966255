/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

char *scratch_new(void)
{
    const char *parent = getenv("TMPDIR");
    char *path = memory_format("%s/dockbell-test-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(path))
        abort();
    return path;
}

static int remove_one(const char *path, const struct stat *is, int type, struct FTW *at)
{
    (void)is, (void)type, (void)at;
    return remove(path);
}

void scratch_remove(char *directory)
{
    if (directory && nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        abort();
    free(directory);
}

char *scratch_write(const char *directory, const char *name, const char *content)
{
    char *path = memory_format("%s/%s", directory, name);
    for (char *slash = path + strlen(directory) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            abort();
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    if (!file || fputs(content, file) < 0 || fclose(file) != 0)
        abort();
    return path;
}
