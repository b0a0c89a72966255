/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "draft.h"
#include "reader.h"

/* Read one file into the draft. 0, or a negative errno; then there is a finding about it. */
static int read_one(struct config_draft *draft, const char *path)
{
    AUTOFREE char *bytes = NULL;
    size_t size, n_files = text_list_size(draft->config->files);
    int r = config_read_file(path, &bytes, &size);
    if (r < 0) {
        AUTOFREE char *text =
            memory_format("cannot be read: %s", r == -EFBIG ? "more than 16 MiB" : strerror(-r));
        findings_add(draft->findings, false, &(struct config_place){path, 0}, NULL, text);
        return r;
    }
    draft->config->files =
        memory_resize(draft->config->files, n_files + 2, sizeof(*draft->config->files));
    draft->config->files[n_files] = memory_string(path);
    draft->config->files[n_files + 1] = NULL;
    draft->file = draft->config->files[n_files];
    draft_read(draft, bytes, size);
    explicit_bzero(bytes, size); /* it may contain secrets */
    return 0;
}

static int is_conf_file(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".conf") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Read every *.conf of conf.d/ beside the main file. */
static void read_directory(struct config_draft *draft, const char *path)
{
    AUTOFREE char *directory = config_directory(path);
    struct dirent **entries;
    int count = scandir(directory, &entries, is_conf_file, by_name);
    struct config_place place = {directory, 0};
    if (count < 0 && errno != ENOENT && errno != ENOTDIR) {
        AUTOFREE char *text = memory_format("cannot be read: %s", strerror(errno));
        findings_add(draft->findings, false, &place, NULL, text);
    }
    if (count >= CONFIG_FILES_MAX)
        findings_add(draft->findings, false, &place, NULL, "too many files (999 at most)");
    for (int i = 0; i < count; i++) {
        if (count < CONFIG_FILES_MAX) {
            AUTOFREE char *file = memory_format("%s/%s", directory, entries[i]->d_name);
            (void)read_one(draft, file);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static struct config *config_new(const char *path)
{
    struct config *config = NEW(struct config);
    config->path = memory_string(path);
    draft_defaults(CONFIG_DAEMON, config);
    draft_defaults(CONFIG_ALARM, config);
    draft_defaults(CONFIG_STORE, config);
    draft_defaults(CONFIG_APPLICATION, config);
    draft_defaults(CONFIG_AWS, config);
    /* systemd may name several directories; the first is ours (StateDirectory=dockbell). */
    const char *state = getenv("STATE_DIRECTORY");
    if (state && state[0] == '/') {
        free(config->state_directory);
        config->state_directory = memory_copy(state, strcspn(state, ":"));
    }
    return config;
}

int config_load(struct config **ret, const char *path, struct config_findings *findings)
{
    struct config_draft draft = {.config = config_new(path), .findings = findings};
    *ret = NULL;
    if (read_one(&draft, path) == 0) {
        read_directory(&draft, path);
        config_cross_check(&draft);
        config_values_sort(draft.config);
        config_label_secrets(draft.config);
        *ret = TAKE(draft.config);
    }
    config_findings_sort(findings);
    config_free(draft.config);
    for (size_t i = 0; i < draft.n_sections; i++)
        free(draft.sections[i].name);
    free(draft.sections);
    return findings->errors ? -EINVAL : 0;
}
