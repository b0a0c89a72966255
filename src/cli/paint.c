/* SPDX-License-Identifier: MIT */
#include "paint.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

static bool terminal_has_colours(void)
{
    const char *terminal = getenv("TERM"), *never = getenv("NO_COLOR");
    if (never && *never)
        return false;
    return isatty(STDOUT_FILENO) && terminal && *terminal && !text_equal(terminal, "dumb");
}

/* Whether to paint. It is decided once: lists have millions of cells, and stdout does
 * not change. */
static bool is_wanted(void)
{
    static enum { UNKNOWN, NO, YES } known;
    if (known == UNKNOWN)
        known = terminal_has_colours() ? YES : NO;
    return known == YES;
}

const char *paint_start(enum paint paint)
{
    static const char *const starts[] = {
        [PAINT_NONE] = "",          [PAINT_GOOD] = "\033[32m", [PAINT_WARN] = "\033[33m",
        [PAINT_BAD] = "\033[1;31m", [PAINT_FAINT] = "\033[2m", [PAINT_TITLE] = "\033[1m",
    };
    return is_wanted() ? starts[paint] : "";
}

const char *paint_end(enum paint paint)
{
    return paint != PAINT_NONE && is_wanted() ? "\033[0m" : "";
}
