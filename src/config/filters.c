/* SPDX-License-Identifier: MIT */
/* Filters of a webhook that let nothing through, or something else than intended. Amazon adds
 * values without notice, so all findings are advice. */
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "draft.h"
#include "notification/types.h"
#include "spapi/notification_types.h"

/* Most known values of one filter's field, in all types together. */
#define KNOWN_MAX 64

/* The values that a filter could meet in the types that a webhook can get. */
struct field {
    const char *known[KNOWN_MAX];
    size_t n_known;
    bool there; /* a type has the field */
    bool open;  /* a type has it and lists no values */
};

/* A filter: its values, and how to find its field in a row of types. */
struct filter {
    const char *key;
    char *const *values;
    const char *(*path)(const struct notification_type *row);
    const char *const *(*known)(const struct notification_type *row);
};

static const char *fulfillment_path(const struct notification_type *row)
{
    return row->fulfillment;
}

static const char *const *fulfillments_of(const struct notification_type *row)
{
    return row->fulfillments;
}

static const char *status_path(const struct notification_type *row)
{
    return row->status;
}

static const char *const *statuses_of(const struct notification_type *row)
{
    return row->statuses;
}

static const char *change_path(const struct notification_type *row)
{
    return row->change_type;
}

static const char *const *changes_of(const struct notification_type *row)
{
    return row->changes;
}

static bool is_known(const struct field *field, const char *value)
{
    for (size_t i = 0; i < field->n_known; i++)
        if (strcmp(field->known[i], value) == 0)
            return true;
    return false;
}

static void add_known(struct field *field, const char *const *values)
{
    for (; *values && field->n_known < KNOWN_MAX; values++)
        if (!is_known(field, *values))
            field->known[field->n_known++] = *values;
}

/* Whether notifications of that type can come. If a seller has no `subscribe`, all types can. */
static bool can_get(const struct config *config, const struct config_webhook *webhook,
                    const char *type)
{
    if (webhook->types && !text_list_has(webhook->types, type))
        return false;
    for (size_t i = 0; i < config->n_sellers; i++) {
        const struct config_seller *seller = &config->sellers[i];
        if ((!webhook->sellers || text_list_has(webhook->sellers, seller->name)) &&
            (!seller->subscribe || text_list_has(seller->subscribe, type)))
            return true;
    }
    return config->n_sellers == 0;
}

static struct field field_of(const struct config *config, const struct config_webhook *webhook,
                             const struct filter *filter)
{
    struct field field = {0};
    size_t count;
    const struct notification_type *rows = notification_type_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].type || !filter->path(&rows[i]) || !can_get(config, webhook, rows[i].type))
            continue;
        field.there = true;
        field.open = field.open || !filter->known(&rows[i]);
        if (filter->known(&rows[i]))
            add_known(&field, filter->known(&rows[i]));
    }
    return field;
}

/* Return the known value that may be intended. The most frequent mistake is capital letters. */
static const char *meant(const struct field *field, const char *value)
{
    for (size_t i = 0; i < field->n_known; i++)
        if (strcasecmp(field->known[i], value) == 0)
            return field->known[i];
    return nearest_word(value, field->known, field->n_known);
}

static void check_value(struct config_draft *draft, size_t index, const struct filter *filter,
                        const struct field *field, const char *value)
{
    const char *near = meant(field, value);
    if (is_known(field, value))
        return;
    if (near) {
        WARN(draft, CONFIG_WEBHOOK, index, filter->key,
             "%s is not a value known here (is %s meant?): it is compared letter by letter", value,
             near);
        return;
    }
    if (field->open)
        return;
    AUTOTEXT struct text all = {0};
    for (size_t i = 0; i < field->n_known; i++)
        text_appendf(&all, "%s%s", i ? ", " : "", field->known[i]);
    WARN(draft, CONFIG_WEBHOOK, index, filter->key,
         "%s is not among the values that Amazon documents for its types: %s", value, all.data);
}

static void check_filter(struct config_draft *draft, size_t index, const struct filter *filter)
{
    struct field field = field_of(draft->config, &draft->config->webhooks[index], filter);
    if (!filter->values)
        return;
    if (!field.there) {
        WARN(draft, CONFIG_WEBHOOK, index, filter->key,
             "filters nothing: none of its types says such a thing, and what does not passes");
        return;
    }
    for (char *const *value = filter->values; *value; value++)
        check_value(draft, index, filter, &field, *value);
}

static void check_type(struct config_draft *draft, size_t index, const char *name)
{
    const struct amazon_type *type = amazon_type_find(name);
    const char *near = type ? NULL : amazon_type_nearest(name);
    if (near)
        WARN(draft, CONFIG_WEBHOOK, index, "types",
             "%s is not a type known here (is %s meant?): nothing of another type is sent", name,
             near);
    else if (type && type->workflow == WORKFLOW_EVENTBRIDGE)
        WARN(draft, CONFIG_WEBHOOK, index, "types",
             "nothing of %s will come: Amazon delivers it by EventBridge only, never to an SQS "
             "queue",
             name);
}

void config_check_filters(struct config_draft *draft, size_t webhook)
{
    const struct config_webhook *w = &draft->config->webhooks[webhook];
    const struct filter filters[] = {
        {"fulfillments", w->fulfillments, fulfillment_path, fulfillments_of},
        {"statuses", w->statuses, status_path, statuses_of},
        {"changes", w->changes, change_path, changes_of},
    };
    for (char *const *type = w->types; type && *type; type++)
        check_type(draft, webhook, *type);
    for (size_t i = 0; i < ELEMENTS(filters); i++)
        check_filter(draft, webhook, &filters[i]);
}
