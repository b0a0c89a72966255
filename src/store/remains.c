/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/forget.h"

#define BLOCK ((size_t)1 << 20)

static uint64_t count_in(const char *bytes, size_t size, const char *text, size_t text_size)
{
    uint64_t count = 0;
    const char *at = bytes;
    while ((at = memmem(at, size - (size_t)(at - bytes), text, text_size))) {
        count++;
        at += text_size;
    }
    return count;
}

/* Count the text in a file. The end of a block, shorter than the text, is searched again with the
 * next block. */
static int count_in_file(int fd, const char *text, size_t text_size, uint64_t *count)
{
    AUTOFREE char *bytes = memory_new(BLOCK + text_size);
    size_t kept = 0;
    for (;;) {
        ssize_t got = read(fd, bytes + kept, BLOCK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        size_t size = kept + (size_t)got;
        *count += count_in(bytes, size, text, text_size);
        kept = size < text_size ? size : text_size - 1;
        memmove(bytes, bytes + size - kept, kept);
    }
}

static int count_at(const char *path, const char *text, uint64_t *count)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    int r = count_in_file(fd, text, strlen(text), count);
    close(fd);
    return r;
}

int store_count_text(const char *directory, const char *text, uint64_t *ret_count)
{
    static const char *const names[] = {STORE_FILE, STORE_FILE "-wal"};
    int r = 0;
    *ret_count = 0;
    for (size_t i = 0; r == 0 && i < ELEMENTS(names); i++) {
        AUTOFREE char *path = memory_format("%s/%s", directory, names[i]);
        r = count_at(path, text, ret_count);
    }
    return r;
}
