/* SPDX-License-Identifier: MIT */
#include "inside.h"

static void name_fact(struct query *q, const char *section, const char *name, const char *key)
{
    query_text(q, section);
    query_text(q, name);
    query_text(q, key);
}

int store_set_fact(struct store *store, const char *section, const char *name, const char *key,
                   const char *value)
{
    CLEANUP(query_end)
    struct query q = query_start(store, value ? SQL_FACT_SET : SQL_FACT_DELETE);
    name_fact(&q, section, name, key);
    if (value)
        query_text(&q, value);
    return query_run(&q);
}

int store_get_fact(struct store *store, const char *section, const char *name, const char *key,
                   char **ret_value)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_FACT);
    name_fact(&q, section, name, key);
    int r = query_step(&q, &row);
    if (r)
        return r;
    *ret_value = row ? memory_string(query_get_text(&q)) : NULL;
    return 0;
}
