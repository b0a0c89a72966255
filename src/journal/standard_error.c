/* SPDX-License-Identifier: MIT */
#include "standard_error.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "kept.h"

static struct kept kept;
static int wait_ms = STANDARD_ERROR_WAIT_MS; /* 0 while the reader is behind */

/* Write the line in one write, so that lines of several processes do not mix. If a pipe is
 * writable, it takes a line of less than PIPE_BUF bytes without waiting (pipe(7)). */
static int try_to_write(const char *line, size_t size)
{
    struct pollfd wait = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&wait, 1, wait_ms) != 1)
        return -EAGAIN;
    return write(STDERR_FILENO, line, size) < 0 ? -errno : 0;
}

bool standard_error_write(const char *line, size_t size, bool important)
{
    struct iovec part = {(char *)line, size};
    int r = kept_flush(&kept, try_to_write);
    if (r == 0)
        r = try_to_write(line, size);
    wait_ms = r < 0 ? 0 : STANDARD_ERROR_WAIT_MS;
    return r == 0 || (important && kept_add(&kept, &part, 1));
}

bool standard_error_is_journal(void)
{
    static enum { UNKNOWN, NO, YES } known;
    if (known == UNKNOWN) {
        struct stat is = {0};
        int r = fstat(STDERR_FILENO, &is);
        AUTOFREE char *own = memory_format("%llu:%llu", (unsigned long long)is.st_dev,
                                           (unsigned long long)is.st_ino);
        known = r == 0 && text_equal(getenv("JOURNAL_STREAM"), own) ? YES : NO;
    }
    return known == YES;
}
