/* SPDX-License-Identifier: MIT */
#include "daemon.h"
#include "journal/events.h"

bool daemon_misses_secrets(const struct config *config)
{
    AUTOTEXT struct text which = {0};
    bool vital = false;
    size_t count = config_missing_secrets(config, &which, &vital);
    if (count)
        event_secrets_missing(count, which.data, vital);
    return vital;
}
