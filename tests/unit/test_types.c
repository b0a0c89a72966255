/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "notification/types.h"
#include "read_file.h"

#define GUIDE "docs/webhook.md"
#define BEGIN "<!-- begin: table of types -->\n"
#define END   "<!-- end: table of types -->"

static void finds_rows(void **state)
{
    (void)state;
    size_t count;
    const struct notification_type *table = notification_type_table(&count);
    assert_in_range(count, 7, 1000);
    for (size_t i = 0; i < count; i++)
        assert_ptr_equal(notification_type_find(table[i].type), &table[i]);
    assert_ptr_equal(notification_type_find("order_change"), &table[count - 1]);
    assert_ptr_equal(notification_type_find(""), &table[count - 1]);
    assert_null(table[count - 1].type);
}

/* One line of the guide: a member of `data` and the path it is read from. */
static void append_line(struct text *out, const char *member, const char *path)
{
    if (!path)
        return;
    text_appendf(out, "| `%s` | ", member);
    if (*path == '\0')
        text_append_string(out, "the object itself, one item");
    for (size_t size; *path; path += size + (path[size] == '|')) {
        size = strcspn(path, "|");
        text_appendf(out, "`%.*s`%s", (int)size, path, path[size] ? " or " : "");
    }
    text_append_string(out, " |\n");
}

/* Which events a newer one makes needless (coalesce). */
static void append_states(struct text *out, const struct notification_type *row)
{
    if (!row->states)
        return;
    if (strcmp(row->states, "*") == 0)
        text_append_string(out, "\nEvery event reports the state");
    else
        text_appendf(out, "\nEvents report the state where `%s` is `%s`", row->change_type,
                     row->states);
    if (row->level)
        text_appendf(out, " and `%s` is not there or `%s`", row->level, row->whole);
    text_append_string(out, ".\n");
}

static void append_type(struct text *out, const struct notification_type *row)
{
    if (row->type)
        text_appendf(out, "\n**%s**, in %s%s%s\n\n", row->type, *row->object ? "`" : "",
                     *row->object ? row->object : "the payload itself", *row->object ? "`" : "");
    else
        text_append_string(out, "\n**Any other type**\n\n");
    text_append_string(out, "| feeds | from |\n|---|---|\n");
    append_line(out, "sellerId", row->seller);
    if (row->account)
        text_appendf(out, "| `sellerId` | `%s`, behind `amzn1.merchant.o.` |\n", row->account);
    append_line(out, "marketplaceId", row->marketplace);
    append_line(out, "orderId", row->order);
    append_line(out, "timestamp", row->time);
    append_line(out, "changeType", row->change_type);
    append_line(out, "changeReason", row->change_reason);
    append_line(out, "status", row->status);
    append_line(out, "fulfillment", row->fulfillment);
    if (row->related)
        text_appendf(out, "| `orderId` | `%s`, the one named `ORDER_ID` |\n", row->related);
    append_line(out, "level", row->level);
    append_line(out, "programs", row->programs);
    append_line(out, "shipBy", row->ship_by);
    append_line(out, "locationId", row->location);
    append_line(out, "channel", row->channel);
    append_line(out, "items", row->items);
    append_line(out, "items[].id", row->item_id);
    append_line(out, "items[].sku", row->item_sku);
    append_line(out, "items[].quantity", row->item_quantity);
    append_line(out, "items[].status", row->item_status);
    append_line(out, "items[].quantityShipped", row->item_shipped);
    append_line(out, "items[].cancelRequested", row->item_cancel);
    append_line(out, "items[].supplySourceId", row->item_source);
    if (row->cancel)
        text_appendf(out, "| `cancelRequested` | `%s` is `%s`, or one of an item is true |\n",
                     row->change_type, row->cancel);
    append_states(out, row);
}

static void the_guide_shows_the_table(void **state)
{
    (void)state;
    size_t count, size;
    AUTOTEXT struct text expected = {0};
    const struct notification_type *table = notification_type_table(&count);
    for (size_t i = 0; i < count; i++)
        append_type(&expected, &table[i]);
    text_append_char(&expected, '\n');

    AUTOFREE char *guide = read_file(GUIDE, &size);
    assert_non_null(guide);
    const char *begin = strstr(guide, BEGIN);
    assert_non_null(begin);
    begin += strlen(BEGIN);
    const char *end = strstr(begin, END);
    assert_non_null(end);
    if ((size_t)(end - begin) != expected.size ||
        memcmp(begin, expected.data, expected.size) != 0) {
        fputs(expected.data, stderr); /* cmocka cuts long messages */
        fail_msg("between the two marks in " GUIDE " should stand what was printed");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_rows),
        cmocka_unit_test(the_guide_shows_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
