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

static void report_overrides(const struct config *config)
{
    AUTOTEXT struct text which = {0};
    for (size_t i = 0; i < config->n_overrides; i++) {
        if (i)
            text_append_string(&which, "; ");
        config_override_print(&which, &config->overrides[i]);
    }
    if (config->n_overrides)
        event_config_overridden(config->n_overrides, which.data);
}

void daemon_report_config(const struct config *config)
{
    report_overrides(config);
    if (config->unknown_seller == UNKNOWN_FORWARD)
        event_unknown_forwarded();
}
