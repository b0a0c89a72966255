/* SPDX-License-Identifier: MIT */
/* Rules about several keys of a webhook: which of them need or exclude each other. */
#include <string.h>

#include "base/memory.h"
#include "draft.h"
#include "values.h"

/* ---- authorization ---- */

static const char *const needed[] = {"oauth_token_url", "oauth_client_id", "oauth_client_secret"};
static const char *const others[] = {"oauth_scope", "oauth_audience", "oauth_client_auth",
                                     "oauth_ca_file"};

/* Return the first oauth_ key that the section has; NULL: none. */
static const char *first_key(const struct config_draft *draft, size_t webhook)
{
    for (size_t i = 0; i < ELEMENTS(needed); i++)
        if (draft_has(draft, CONFIG_WEBHOOK, webhook, needed[i]))
            return needed[i];
    for (size_t i = 0; i < ELEMENTS(others); i++)
        if (draft_has(draft, CONFIG_WEBHOOK, webhook, others[i]))
            return others[i];
    return NULL;
}

/* Check that there is no other authorization: a request has one. */
static void check_only(struct config_draft *draft, size_t webhook, const char *name,
                       const char *other)
{
    const struct config_place *place = draft_place(draft_section_of(draft, CONFIG_WEBHOOK, webhook),
                                                   config_key_find(CONFIG_WEBHOOK, other));
    if (place->line)
        COMPLAIN(draft, CONFIG_WEBHOOK, webhook, name,
                 "cannot be with %s at %s:%u: it is one or the other", other, place->file,
                 place->line);
}

void config_check_authorization(struct config_draft *draft, size_t webhook)
{
    const char *oauth = first_key(draft, webhook);
    if (draft_has(draft, CONFIG_WEBHOOK, webhook, "bearer"))
        check_only(draft, webhook, "bearer", "user");
    if (!oauth)
        return;
    check_only(draft, webhook, oauth, "user");
    check_only(draft, webhook, oauth, "bearer");
    for (size_t i = 0; i < ELEMENTS(needed); i++)
        if (!draft_has(draft, CONFIG_WEBHOOK, webhook, needed[i]))
            COMPLAIN(draft, CONFIG_WEBHOOK, webhook, oauth, "needs %s as well", needed[i]);
}

/* ---- waits ---- */

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

/* ---- limits ---- */

void config_check_rate(struct config_draft *draft, size_t webhook)
{
    if (draft_has(draft, CONFIG_WEBHOOK, webhook, "burst") &&
        !draft->config->webhooks[webhook].pace.count)
        WARN(draft, CONFIG_WEBHOOK, webhook, "burst", "has no effect without rate");
}
