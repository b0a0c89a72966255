/* SPDX-License-Identifier: MIT */
#include "ear.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture.h"
#include "journal/events.h"

/* No event is as urgent as this. */
#define SILENCE ((enum event_level)0)

static bool is_open;

void ear_open(void)
{
    events_set_level(EVENT_INFO);
    capture_start(STDERR_FILENO);
    is_open = true;
}

char *ear_heard(void)
{
    events_set_level(SILENCE);
    is_open = false;
    return capture_end(STDERR_FILENO);
}

void ear_close(void)
{
    events_set_level(SILENCE);
    if (is_open)
        free(ear_heard());
}
