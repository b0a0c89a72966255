/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "check_rows.h"
#include "inside.h"
#include "migrations.h"
#include "store/backup.h"

/* The statements that make all tables and indexes. SQLite's own are not ours to compare. */
#define SHAPES                                                                                     \
    "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%'"          \
    " ESCAPE '\\' ORDER BY type, name"

struct check {
    struct store *store;
    store_problem_fn problem;
    void *userdata;
    unsigned problems;
};

static const char *column(sqlite3_stmt *statement, int i)
{
    const char *text = (const char *)sqlite3_column_text(statement, i);
    return text ? text : "";
}

static void report(struct check *check, const char *text)
{
    check->problems++;
    check->problem(text, check->userdata);
}

static void report_shape(struct check *check, const char *name, const char *fault)
{
    AUTOFREE char *text = memory_format("%s %s", name, fault);
    report(check, text);
}

/* Check every page, every row, and every entry of an index. If the file is damaged too much to be
 * read, that is reported like any other problem. */
static int check_pages(struct check *check)
{
    char sql[64];
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof(sql), "PRAGMA integrity_check(%d)", STORE_PROBLEMS_MAX);
    int code = sqlite3_prepare_v2(check->store->db, sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (strcmp(column(statement, 0), "ok") != 0)
            report(check, column(statement, 0));
        code = SQLITE_OK;
    }
    int r = query_failure(check->store, code);
    sqlite3_finalize(statement);
    if (r != STORE_CORRUPT)
        return r;
    report(check, store_why(check->store));
    return 0;
}

/* Walk both sorted lists side by side. */
static int compare(struct check *check, sqlite3_stmt *ours, sqlite3_stmt *right)
{
    int mine = sqlite3_step(ours), due = sqlite3_step(right);
    while (mine == SQLITE_ROW || due == SQLITE_ROW) {
        int order = mine != SQLITE_ROW  ? 1
                    : due != SQLITE_ROW ? -1
                                        : strcmp(column(ours, 0), column(right, 0));
        if (order < 0)
            report_shape(check, column(ours, 0), "is not one of Dockbell's");
        else if (order > 0)
            report_shape(check, column(right, 0), "is missing");
        else if (strcmp(column(ours, 1), column(right, 1)) != 0)
            report_shape(check, column(ours, 0), "is not made as this version makes it");
        if (order <= 0)
            mine = sqlite3_step(ours);
        if (order >= 0)
            due = sqlite3_step(right);
    }
    return mine == SQLITE_DONE ? due : mine;
}

/* Compare the layout with the one that this version makes, in memory. */
static int check_shapes(struct check *check)
{
    sqlite3 *fresh = NULL;
    sqlite3_stmt *ours = NULL, *right = NULL;
    int code = sqlite3_open(":memory:", &fresh);
    if (code == SQLITE_OK)
        code = migrations_run(fresh, 0);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(fresh, SHAPES, -1, &right, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(check->store->db, SHAPES, -1, &ours, NULL);
    if (code == SQLITE_OK)
        code = compare(check, ours, right);
    int r = query_failure(check->store, code);
    sqlite3_finalize(ours);
    sqlite3_finalize(right);
    sqlite3_close(fresh);
    return r;
}

int store_check(struct store *store, store_problem_fn problem, void *userdata)
{
    struct check check = {store, problem, userdata, 0};
    int r = check_shapes(&check);
    if (r == 0)
        r = check_pages(&check);
    /* Rows are only as good as the pages and tables that they are in. */
    return r || check.problems ? r : check_rows(store, problem, userdata);
}
