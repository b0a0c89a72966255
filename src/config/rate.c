/* SPDX-License-Identifier: MIT */
/* The keys that limit how many requests a webhook gets. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "values.h"

/* Highest limit a second; a higher one could not be kept. */
#define RATE_MOST 10000

static const struct {
    const char *name;
    uint64_t usec;
} units[] = {
    {"s", USEC_PER_SEC},
    {"m", USEC_PER_MIN},
    {"h", USEC_PER_HOUR},
};

static uint64_t unit_usec(const char *name)
{
    for (size_t i = 0; i < ELEMENTS(units); i++)
        if (strcmp(units[i].name, name) == 0)
            return units[i].usec;
    return 0;
}

CONFIG_PARSER(config_parse_rate)
{
    struct pace_limit *limit = target;
    uint64_t count = 0, per = 0;
    const char *slash = strchr(value, '/');
    (void)key, (void)place;
    if (slash) {
        AUTOFREE char *number = memory_copy(value, (size_t)(slash - value));
        per = text_to_u64(number, &count) == 0 ? unit_usec(slash + 1) : 0;
    }
    if (!per)
        return error_set(error, ERROR_CONFIG,
                         "%.60s is not a number of requests in a time, such as 20/s, 600/m or "
                         "5000/h",
                         value);
    if (count == 0 || count > RATE_MOST * (per / USEC_PER_SEC))
        return error_set(error, ERROR_CONFIG, "%.60s is not between 1/h and %d/s", value,
                         RATE_MOST);
    limit->count = (unsigned)count;
    limit->per_usec = per;
    return 0;
}
