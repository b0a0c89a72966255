/* SPDX-License-Identifier: MIT */
/* The keys and the command of [aws]. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "planning.h"

int plan_config(const struct planning *planning, struct credential_plan *plan, struct error *error)
{
    (void)error;
    if (!planning->setting->has_keys)
        return 1;
    plan->provider = CREDENTIAL_CONFIG;
    plan->place = memory_string("access_key_id in [aws]");
    return 0;
}

static char **copy_words(char *const *words)
{
    size_t count = text_list_size(words);
    char **copy = memory_new((count + 1) * sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = memory_string(words[i]);
    return copy;
}

int plan_config_process(const struct planning *planning, struct credential_plan *plan,
                        struct error *error)
{
    (void)error;
    if (!planning->setting->process)
        return 1;
    plan->provider = CREDENTIAL_PROCESS;
    plan->place = memory_string("credential_process in [aws]");
    plan->command = copy_words(planning->setting->process);
    return 0;
}
