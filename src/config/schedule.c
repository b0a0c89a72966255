/* SPDX-License-Identifier: MIT */
/* The keys that say when a webhook is tried again. */
#include "base/clock.h"
#include "draft.h"
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

/* Check that the first wait is not longer than the longest one. The finding is about the key that
 * was given. */
static void check_order(struct config_draft *draft, size_t webhook, const char *first,
                        uint64_t first_usec, const char *longest, uint64_t longest_usec)
{
    char span[TEXT_SPAN_MAX];
    if (first_usec <= longest_usec)
        return;
    bool given = draft_has(draft, CONFIG_WEBHOOK, webhook, first);
    text_span(span, given ? longest_usec : first_usec);
    if (given)
        COMPLAIN(draft, CONFIG_WEBHOOK, webhook, first, "is longer than %s (%s)", longest, span);
    else
        COMPLAIN(draft, CONFIG_WEBHOOK, webhook, longest, "is shorter than %s (%s)", first, span);
}

void config_check_schedule(struct config_draft *draft, size_t webhook)
{
    const struct schedule *s = &draft->config->webhooks[webhook].schedule;
    check_order(draft, webhook, "retry_first", s->retry_first_usec, "retry_longest",
                s->retry_longest_usec);
    check_order(draft, webhook, "probe_first", s->probe_first_usec, "probe_longest",
                s->probe_longest_usec);
}
