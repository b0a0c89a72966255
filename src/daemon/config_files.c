/* SPDX-License-Identifier: MIT */
/* What only a look at the machine tells. */
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "config_draft.h"

static bool others_can_read(const char *path)
{
    struct stat is;
    return path && stat(path, &is) == 0 && (is.st_mode & S_IROTH) != 0;
}

static void check_secret(const struct config_secret *secret, const char *key, void *userdata)
{
    const char *reference = secret->reference;
    AUTOFREE char *text = NULL;
    bool literal = config_secret_is_literal(reference) && strcmp(key, "url") != 0;
    if (literal && others_can_read(secret->place.file))
        text = memory_format("this file contains the secret and every user can read it: chmod o-r "
                             "%s, or use credential: or file:",
                             secret->place.file);
    else if (text_starts(reference, "file:") && others_can_read(reference + strlen("file:")))
        text = memory_format("every user can read %s: chmod o-r it", reference + strlen("file:"));
    if (text)
        findings_add(userdata, true, &secret->place, secret->label, text);
}

void config_check_files(const struct config *config, struct config_findings *findings)
{
    config_each_secret(config, check_secret, findings);
}
