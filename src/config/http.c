/* SPDX-License-Identifier: MIT */
/* URLs that are not encrypted and lead to other hosts. */
#include "base/memory.h"
#include "draft.h"
#include "values.h"

/* Return the URL of a key; NULL: the config contains none for it. */
static const char *url_of(const struct config_key *key, const void *target)
{
    const struct config_secret *secret = target;
    if (key->parse == config_parse_url || key->parse == config_parse_endpoint)
        return *(char *const *)target;
    if (key->parse == config_parse_alarm_url && secret->reference &&
        config_secret_is_literal(secret->reference))
        return secret->reference;
    return NULL;
}

static void check_section(struct config_draft *draft, const struct draft_section *section)
{
    size_t count;
    const struct config_key *keys = config_keys(&count);
    for (size_t i = 0; i < count; i++) {
        const char *target = (const char *)draft_target(draft, section) + keys[i].offset;
        const char *url = keys[i].kind == section->kind ? url_of(&keys[i], target) : NULL;
        if (!url || !config_url_is_open(url))
            continue;
        if (draft->config->allow_http)
            draft_complain(draft, true, section, &keys[i],
                           "is not encrypted (allow_http): everyone on the way can read and change "
                           "what is sent");
        else
            draft_complain(draft, false, section, &keys[i],
                           "must begin with https://. http:// is accepted only for this machine "
                           "itself (127.0.0.1, [::1], localhost), or with allow_http = yes in "
                           "[daemon], for test networks: everyone on the way can then read and "
                           "change what is sent");
    }
}

void config_check_http(struct config_draft *draft)
{
    for (size_t i = 0; i < draft->n_sections; i++)
        check_section(draft, &draft->sections[i]);
}
