/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "draft.h"

static int by_place(const void *a, const void *b)
{
    const struct config_value *one = a, *other = b;
    int order = strcmp(one->section, other->section);
    return order ? order : strcmp(one->key, other->key);
}

/* Count the values of that section, from `at` on. */
static size_t count_of(const struct config *config, size_t at, const char *section)
{
    size_t count = 0;
    while (at + count < config->n_values &&
           strcmp(config->values[at + count].section, section) == 0)
        count++;
    return count;
}

/* Append the keys that differ between the old and the new values of one section. */
static void compare_keys(struct text *out, const struct config_value *old, size_t n_old,
                         const struct config_value *fresh, size_t n_fresh)
{
    for (size_t i = 0, j = 0; i < n_old || j < n_fresh;) {
        int order = i == n_old ? 1 : j == n_fresh ? -1 : strcmp(old[i].key, fresh[j].key);
        const char *key = order <= 0 ? old[i].key : fresh[j].key;
        bool same = order == 0 && old[i].digest == fresh[j].digest;
        if (!same)
            text_appendf(out, "%s%s", out->size ? ", " : "", key);
        i += order <= 0;
        j += order >= 0;
    }
}

void config_values_sort(struct config *config)
{
    if (config->n_values)
        qsort(config->values, config->n_values, sizeof(*config->values), by_place);
}

/* Compare the sections at the two places: below zero, the old one comes first; zero: they are the
 * same section. One config may be at its end. */
static int order_of(const struct config *old, size_t i, const struct config *fresh, size_t j)
{
    if (i == old->n_values)
        return 1;
    return j == fresh->n_values ? -1 : strcmp(old->values[i].section, fresh->values[j].section);
}

void config_compare(const struct config *old, const struct config *fresh,
                    void (*each)(const char *section, const char *what, void *userdata),
                    void *userdata)
{
    for (size_t i = 0, j = 0; i < old->n_values || j < fresh->n_values;) {
        int order = order_of(old, i, fresh, j);
        const char *section = order <= 0 ? old->values[i].section : fresh->values[j].section;
        size_t n_old = count_of(old, i, section), n_fresh = count_of(fresh, j, section);
        AUTOTEXT struct text keys = {0};
        if (order == 0)
            compare_keys(&keys, &old->values[i], n_old, &fresh->values[j], n_fresh);
        if (order != 0)
            each(section, order < 0 ? "removed" : "added", userdata);
        else if (keys.size)
            each(section, keys.data, userdata);
        i += n_old;
        j += n_fresh;
    }
}
