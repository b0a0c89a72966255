/* SPDX-License-Identifier: MIT */
/* Drop-ins: changes of earlier values by files of conf.d/. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "deliver/pace.h"
#include "draft.h"
#include "secret.h"
#include "values.h"

void draft_note_override(struct config_draft *draft, const struct draft_section *section,
                         const struct config_key *key, const struct config_place *from,
                         const struct config_place *to, const char *verb)
{
    struct config *config = draft->config;
    AUTOTEXT struct text label = {0};
    draft_append_section(&label, section);
    text_appendf(&label, " %s", key->name);
    config->overrides =
        memory_resize(config->overrides, config->n_overrides + 1, sizeof(*config->overrides));
    config->overrides[config->n_overrides++] = (struct config_override){
        .key = text_take(&label),
        .verb = verb,
        .from = *from,
        .to = *to,
    };
}

/* Whether the target of a parser is a plain string. */
static bool is_string(config_parse_fn parse)
{
    static const config_parse_fn parsers[] = {
        config_parse_path,     config_parse_word,        config_parse_name,
        config_parse_region,   config_parse_arn,         config_parse_url,
        config_parse_endpoint, config_parse_listen,      config_parse_header,
        config_parse_scope,    config_parse_client_auth, config_parse_proxy,
        config_parse_encoding, config_parse_aggregation, config_parse_profile,
        config_parse_role,     config_parse_aws_region,
    };
    for (size_t i = 0; i < ELEMENTS(parsers); i++)
        if (parsers[i] == parse)
            return true;
    return false;
}

void draft_reset(const struct config_key *key, void *target)
{
    struct error error;
    if (is_string(key->parse)) {
        free(*(char **)target);
        *(char **)target = NULL;
    } else if (key->parse == config_parse_secret || key->parse == config_parse_alarm_url) {
        config_secret_clear(target);
    } else if (key->parse == config_parse_command) {
        text_list_free(*(char ***)target);
        *(char ***)target = NULL;
    } else if (key->parse == config_parse_test) {
        success_test_clear(target);
    } else if (key->parse == config_parse_rate) {
        struct pace_limit *limit = target; /* its other members have keys of their own */
        limit->count = 0;
        limit->per_usec = 0;
    } else if (!key->fallback) {
        abort(); /* a kind of value that this function does not know */
    }
    if (key->fallback && key->parse(key, key->fallback, NULL, target, &error) < 0)
        abort();
}

void config_override_print(struct text *out, const struct config_override *override)
{
    text_appendf(out, "%s:%u: %s %s %s:%u", override->to.file, override->to.line, override->key,
                 override->verb, override->from.file, override->from.line);
}
