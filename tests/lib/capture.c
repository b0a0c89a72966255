/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"

static struct {
    int saved, file;
} captures[3];

void capture_start(int fd)
{
    fflush(fd == STDOUT_FILENO ? stdout : stderr);
    captures[fd].saved = dup(fd);
    captures[fd].file = memfd_create("capture", MFD_CLOEXEC);
    if (captures[fd].saved < 0 || captures[fd].file < 0 || dup2(captures[fd].file, fd) < 0)
        abort();
}

char *capture_end(int fd)
{
    fflush(fd == STDOUT_FILENO ? stdout : stderr);
    off_t size = lseek(captures[fd].file, 0, SEEK_END);
    char *text = memory_new((size_t)size + 1);
    if (pread(captures[fd].file, text, (size_t)size, 0) != size)
        abort();
    dup2(captures[fd].saved, fd);
    close(captures[fd].saved);
    close(captures[fd].file);
    return text;
}
