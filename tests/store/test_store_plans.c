/* SPDX-License-Identifier: MIT */
/* How SQLite runs each statement: what is asked on the way of a message must never read a table, a
 * lane or a backlog from end to end. */
#include "fixture.h"

#include <sqlite3.h>

#include "base/text.h"
#include "migrations.h"
#include "statements.h"

/* Statements that walk by purpose, in steps with a limit, or over what is small. */
/* They read a small table as a whole. */
static bool is_of_strangers(enum statement which)
{
    return which == SQL_UNKNOWN_SUMS || which == SQL_UNKNOWN_SCAN || which == SQL_SUBSCRIPTIONS ||
           which == SQL_SUBSCRIPTION_COUNT || which == SQL_SUBSCRIPTION_END_OTHERS ||
           which == SQL_SUBSCRIPTION_PRUNE;
}

/* So does the table of keys, and nothing of it is on the way of a message. */
static bool is_of_seals(enum statement which)
{
    return which == SQL_SEALS;
}

static bool may_scan(enum statement which)
{
    return which == SQL_WEBHOOKS || which == SQL_NEWEST || which == SQL_NOTIFICATION_ENDS ||
           which == SQL_SIZE || which == SQL_PROBE || which == SQL_PROBE_NEWEST ||
           which == SQL_FORGOTTEN_PRUNE || which == SQL_FACTS_FORGET || which == SQL_WAITING ||
           which == SQL_BACKLOG || which == SQL_END_WAITS || is_of_strangers(which) ||
           is_of_seals(which);
}

/* What the hot ones must say word by word. */
static const struct {
    enum statement which;
    const char *plan;
} plans[] = {
    {SQL_SEEN, "SEARCH seen USING PRIMARY KEY (key=?)"},
    {SQL_KEYS_AFTER, "SEARCH notification USING INTEGER PRIMARY KEY (rowid>?)"},
    {SQL_LANE_FIRST, "SEARCH delivery USING INDEX delivery_lane (lane=?)"},
    {SQL_LANE_NEWEST_STATE, "SEARCH delivery USING INDEX delivery_lane (lane=?)"},
    {SQL_LANE_OLDER_STATES, "SEARCH delivery USING INDEX delivery_lane (lane=? AND event<?)"},
    {SQL_SENT_NEWER_STATE, "SEARCH delivery USING INDEX delivery_block (block=? AND lane=?)"},
    {SQL_CLAIM_DUE, "SEARCH delivery USING INDEX delivery_due (webhook=? AND retry=? AND next<?)"},
    {SQL_NEXT_DUE, "SEARCH delivery USING INDEX delivery_due (webhook=? AND retry=?)"},
    {SQL_HASTEN, "SEARCH delivery USING INDEX delivery_due (webhook=? AND retry=? AND next>?)"},
    {SQL_PROBE, "SEARCH delivery USING INDEX delivery_due (webhook=? AND retry=?)"},
    {SQL_PROBE_NEWEST, "SEARCH delivery USING INDEX delivery_due (webhook=? AND retry=?)"},
    {SQL_INFLIGHT, "SCAN delivery USING INDEX delivery_line"},
    {SQL_SENT_NEWER, "SEARCH delivery USING INDEX delivery_block (block=? AND lane=?)"},
    {SQL_BLOCK_LANES, "SEARCH delivery USING INDEX delivery_block (block=? AND lane>?)"},
    {SQL_SENT, "SEARCH sent USING PRIMARY KEY (webhook=?)"},
    {SQL_LIST_LINE, "SEARCH delivery USING INDEX delivery_line (webhook=? AND rowid>?)"},
    {SQL_LIST_ASIDE,
     "SEARCH delivery USING INDEX delivery_aside (webhook=? AND state=? AND rowid>?)"},
    {SQL_OLDEST_LINE, "SEARCH d USING INDEX delivery_line (webhook=?)"},
    {SQL_OLDEST_HELD, "SEARCH d USING INDEX delivery_aside (webhook=? AND state=?)"},
    {SQL_COUNTS, "SEARCH count USING PRIMARY KEY (webhook=?)"},
    {SQL_ASIDE, "SEARCH delivery USING INDEX delivery_since (webhook=? AND state=? AND done<?)"},
    {SQL_BODY_IS_USED, "SEARCH delivery USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
    {SQL_ORDER_SCAN, "SEARCH notification USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
    {SQL_EXPIRE_SCAN, "SEARCH delivery USING INDEX delivery_line (webhook=? AND rowid>?)"},
};

static void explain(sqlite3 *db, const char *sql, struct text *plan)
{
    sqlite3_stmt *statement = NULL;
    AUTOFREE char *question = memory_format("EXPLAIN QUERY PLAN %s", sql);
    if (sqlite3_prepare_v2(db, question, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        text_appendf(plan, "%s\n", sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
}

static sqlite3 *open_empty(void)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(migrations_run(db, 0), SQLITE_OK);
    return db;
}

static void no_statement_scans(void **state)
{
    (void)state;
    sqlite3 *db = open_empty();
    for (enum statement which = 0; which < STATEMENTS; which++) {
        AUTOTEXT struct text plan = {0};
        assert_non_null(statement_sql[which]);
        explain(db, statement_sql[which], &plan);
        const char *text = plan.data ? plan.data : "";
        bool scans = strstr(text, "SCAN") && which != SQL_INFLIGHT;
        if (strstr(text, "TEMP B-TREE") || strstr(text, "AUTOMATIC") || (scans && !may_scan(which)))
            fail_msg("%s\n%s", statement_sql[which], text);
    }
    sqlite3_close(db);
}

/* Whether an index covers a query differs between versions of SQLite. */
static void forget_covering(char *plan)
{
    static const char word[] = "COVERING ";
    char *at = strstr(plan, word);
    if (at)
        memmove(at, at + sizeof(word) - 1, strlen(at + sizeof(word) - 1) + 1);
}

static void hot_statements_use_their_index(void **state)
{
    (void)state;
    sqlite3 *db = open_empty();
    for (size_t i = 0; i < ELEMENTS(plans); i++) {
        AUTOTEXT struct text plan = {0};
        explain(db, statement_sql[plans[i].which], &plan);
        text_append_char(&plan, '\0');
        plan.data[strcspn(plan.data, "\n")] = '\0';
        forget_covering(plan.data);
        assert_string_equal(plan.data, plans[i].plan);
    }
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_statement_scans),
        cmocka_unit_test(hot_statements_use_their_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
