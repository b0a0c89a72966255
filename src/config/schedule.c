/* SPDX-License-Identifier: MIT */
/* The keys that say when a webhook is tried again. */
#include "base/clock.h"
#include "values.h"

static int add_waits(const struct config_key *key, const struct config_place *place, char **items,
                     struct schedule_waits *waits, struct error *error)
{
    if (text_list_size(items) == 0)
        return error_set(error, ERROR_CONFIG, "there is nothing between the commas");
    for (; *items; items++) {
        if (waits->count == SCHEDULE_REFUSED_MAX)
            return error_set(error, ERROR_CONFIG, "has more than %d waits", SCHEDULE_REFUSED_MAX);
        int r = config_parse_duration(key, *items, place, &waits->usec[waits->count], error);
        if (r < 0)
            return r;
        waits->count++;
    }
    return 0;
}

/* Read waits. Given waits replace the default, which has no place in a file; further ones are
 * added. */
CONFIG_PARSER(config_parse_waits)
{
    struct schedule_waits *waits = target, fresh = {.given = place != NULL};
    if (value[0] == '\0') {
        *waits = fresh;
        return 0;
    }
    if (waits->given)
        fresh = *waits;
    char **items = text_split_list(value);
    int r = add_waits(key, place, items, &fresh, error);
    text_list_free(items);
    if (r == 0)
        *waits = fresh;
    return r;
}
