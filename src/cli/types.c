/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/json.h"
#include "base/memory.h"
#include "commands.h"
#include "spapi/notification_types.h"
#include "table.h"

static const char *workflow_name(enum amazon_workflow workflow)
{
    static const char *const names[] = {
        [WORKFLOW_SQS] = "sqs",
        [WORKFLOW_EVENTBRIDGE] = "eventbridge",
        [WORKFLOW_CONSOLE] = "console",
        [WORKFLOW_REMOVED] = "removed",
    };
    return names[workflow];
}

static const char *envelope_name(enum amazon_envelope envelope)
{
    return envelope == ENVELOPE_CAMEL ? "camel" : "pascal";
}

/* Call `each` for every filter of the type. */
static void each_filter(const struct amazon_type *type,
                        void (*each)(const char *name, struct text *out), struct text *out)
{
    for (unsigned bit = FILTER_AGGREGATION; bit <= FILTER_EXPRESSION; bit <<= 1)
        if (type->filters & bit)
            each(amazon_filter_name(bit), out);
}

static void append_filter(const char *name, struct text *out)
{
    text_appendf(out, "%s%s", out->size ? "," : "", name);
}

static void print_text(const struct amazon_type *types, size_t count)
{
    static const char *const titles[] = {"TYPE", "VERSION", "WORKFLOW", "ENVELOPE", "FILTERS"};
    struct table *table = table_new(TABLE_LIST, titles, ELEMENTS(titles));
    for (size_t i = 0; i < count; i++) {
        AUTOTEXT struct text filters = {0};
        each_filter(&types[i], append_filter, &filters);
        table_cell(table, types[i].name);
        table_cell(table, types[i].versions[0]);
        table_cell(table, workflow_name(types[i].workflow));
        table_cell(table, envelope_name(types[i].envelope));
        table_cell(table, filters.data);
    }
    table_print(table);
    table_free(table);
}

static void put_filter(const char *name, struct text *out)
{
    json_string(out, NULL, name);
}

static void print_json(const struct amazon_type *type)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "type", type->name);
    json_open(&out, "versions", '[');
    for (size_t i = 0; i < ELEMENTS(type->versions) && type->versions[i]; i++)
        json_string(&out, NULL, type->versions[i]);
    json_close(&out, ']');
    json_string(&out, "workflow", workflow_name(type->workflow));
    json_string(&out, "envelope", envelope_name(type->envelope));
    json_open(&out, "filters", '[');
    each_filter(type, put_filter, &out);
    json_close(&out, ']');
    json_close(&out, '}');
    puts(out.data);
}

int command_types(const struct cli *cli)
{
    size_t count;
    const struct amazon_type *types = amazon_type_table(&count);
    if (cli->argc)
        return cli_usage(cli, "types takes no arguments");
    if (cli->output == CLI_TEXT)
        print_text(types, count);
    for (size_t i = 0; i < count && cli->output == CLI_JSON; i++)
        print_json(&types[i]);
    return CLI_DONE;
}
