/* SPDX-License-Identifier: MIT */
#include "standard_error.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static struct text kept; /* important lines that did not get through */
static bool behind;      /* nobody read in time, and nothing has got through since */

/* One write, so that lines of several processes do not mix. A pipe that says it is writable takes a
 * line of less than PIPE_BUF bytes without waiting (pipe(7)). */
static bool try_to_write(const char *line, size_t size, int wait_ms)
{
    struct pollfd wait = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&wait, 1, wait_ms) == 1 && write(STDERR_FILENO, line, size) >= 0;
}

/* Returns whether nothing is kept any more. */
static bool write_kept(int wait_ms)
{
    size_t at = 0;
    while (at < kept.size) {
        const char *end = memchr(kept.data + at, '\n', kept.size - at);
        size_t size = (size_t)(end - (kept.data + at)) + 1;
        if (!try_to_write(kept.data + at, size, wait_ms))
            break;
        at += size;
    }
    if (at)
        memmove(kept.data, kept.data + at, kept.size - at);
    kept.size -= at;
    if (!kept.size)
        text_clear(&kept);
    return !kept.size;
}

bool standard_error_write(const char *line, size_t size, bool important)
{
    int wait_ms = behind ? 0 : STANDARD_ERROR_WAIT_MS;
    bool sent = write_kept(wait_ms) && try_to_write(line, size, wait_ms);
    behind = !sent;
    if (sent || !important || kept.size + size > STANDARD_ERROR_KEPT_MAX)
        return sent;
    text_append(&kept, line, size);
    return true;
}
