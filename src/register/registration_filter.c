/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "registration.h"
#include "spapi/notification_types.h"

/* Return the expression for a type among "TYPE: expression"; NULL: there is none. */
static const char *expression_of(char *const *expressions, const char *type)
{
    size_t size = strlen(type);
    for (; expressions && *expressions; expressions++) {
        const char *at = *expressions;
        if (strncmp(at, type, size) != 0 || at[size] != ':')
            continue;
        return at + size + 1 + strspn(at + size + 1, " \t");
    }
    return NULL;
}

struct notifications_filter registration_filter(const struct registrar_seller *seller,
                                                const char *type)
{
    struct notifications_filter filter = {.expression = expression_of(seller->expressions, type)};
    if (filter.expression)
        return filter;
    if (amazon_type_takes(type, FILTER_ORDER_CHANGES))
        filter.order_change_types = seller->order_change_types;
    if (amazon_type_takes(type, FILTER_MARKETPLACES))
        filter.marketplaces = seller->marketplaces;
    if (amazon_type_takes(type, FILTER_AGGREGATION))
        filter.aggregation = seller->aggregation;
    return filter;
}

static bool same_list(char *const *a, char *const *b)
{
    size_t count = text_list_size(a);
    if (count != text_list_size(b))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!text_list_has(b, a[i]))
            return false;
    return true;
}

static void append_list(struct text *out, char *const *list)
{
    if (!text_list_size(list))
        text_append_string(out, "all");
    for (size_t i = 0; list && list[i]; i++)
        text_appendf(out, "%s%s", i ? ", " : "", list[i]);
}

static void compare_lists(struct text *out, const char *what, char *const *is, char *const *wanted)
{
    if (same_list(is, wanted))
        return;
    text_appendf(out, "%s: ", what);
    append_list(out, is);
    text_append_string(out, " instead of ");
    append_list(out, wanted);
    text_append_string(out, "; ");
}

static void compare_strings(struct text *out, const char *what, const char *is, const char *wanted)
{
    if (!text_equal(is, wanted))
        text_appendf(out, "%s %s instead of %s; ", what, is ? is : "none",
                     wanted ? wanted : "none");
}

static void compare_filters(struct text *out, const struct notifications_filter *is,
                            const struct notifications_filter *wanted)
{
    compare_strings(out, "filter expression", is->expression, wanted->expression);
    compare_lists(out, "order change types", is->order_change_types, wanted->order_change_types);
    compare_lists(out, "marketplaces", is->marketplaces, wanted->marketplaces);
    compare_strings(out, "aggregation", is->aggregation, wanted->aggregation);
}

void registration_compare(struct text *out, const struct registrar_seller *seller, const char *type,
                          const char *destination, const struct notifications_subscription *s)
{
    const struct notifications_filter wanted = registration_filter(seller, type);
    if (!destination)
        text_append_string(out, "it goes to another destination; ");
    else if (!text_equal(s->destination_id, destination))
        text_appendf(out, "it goes to destination %s instead of %s; ",
                     s->destination_id ? s->destination_id : "none", destination);
    compare_strings(out, "payload version", s->payload_version, amazon_type_version(type));
    compare_filters(out, &s->filter, &wanted);
    if (out->size)
        out->data[out->size -= 2] = '\0';
}
