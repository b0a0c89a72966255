/* SPDX-License-Identifier: MIT */
#include "removal.h"

#include "inside.h"

/* Deleting a row changes its page and two beside it. So blank rows of four pages stay between a
 * deleted row and a row with data: the latter is in none of these pages. */
#define GUARD_BYTES ((int64_t)4 * 4096)
/* If a row is too large for a page, at least PAGE_ROW_SMALL bytes of it are in the page. The rest
 * is elsewhere (https://sqlite.org/fileformat2.html#b_tree_pages). */
#define PAGE_ROW_MAX   4000
#define PAGE_ROW_SMALL 450
/* A smaller row counts as this many bytes, so that a guard has at most 512 rows. */
#define PAGE_ROW_MIN 32
/* The most blank rows that one call looks at: far more than two guards have. */
#define LOOK_MAX 4096

static const struct {
    enum statement blank, note, between, delete;
} tables[REMOVAL_KINDS] = {
    [REMOVAL_BODY] = {SQL_BODY_BLANK, SQL_BODY_NOTE, SQL_BODY_BETWEEN, SQL_BODY_DELETE},
    [REMOVAL_PREFIX] = {SQL_PREFIX_BLANK, SQL_PREFIX_NOTE, SQL_PREFIX_BETWEEN, SQL_PREFIX_DELETE},
    [REMOVAL_ANSWER] = {SQL_ANSWER_BLANK, SQL_ANSWER_NOTE, SQL_ANSWER_BETWEEN, SQL_ANSWER_DELETE},
};

static int run_by_id(struct store *store, enum statement which, int64_t id)
{
    CLEANUP(query_end) struct query q = query_start(store, which);
    query_number(&q, id);
    return query_run(&q);
}

/* Overwrite a row with zeros. Its size stays the same, so SQLite overwrites it where it is. */
static int blank(struct store *store, enum removal_kind kind, int64_t id)
{
    int r = run_by_id(store, tables[kind].blank, id);
    store->removed = true;
    return r ? r : run_by_id(store, tables[kind].note, id);
}

int removal_of_body(struct store *store, int64_t notification)
{
    int r = blank(store, REMOVAL_BODY, notification);
    return r ? r : blank(store, REMOVAL_PREFIX, notification);
}

static void bind_attempts(struct query *q, const int64_t range[4])
{
    for (int i = 0; i < 4; i++)
        query_number(q, range[i]);
}

static int blank_answers(struct store *store, const int64_t range[4])
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_ANSWERS);
    bind_attempts(&q, range);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        r = blank(store, REMOVAL_ANSWER, query_get_number(&q));
        if (r)
            return r;
    }
}

int removal_of_answers(struct store *store, int64_t first, int64_t last, int64_t from, int64_t to)
{
    const int64_t range[4] = {first, last, from, to};
    int r = blank_answers(store, range);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_ANSWERS_FORGET);
    bind_attempts(&q, range);
    return query_run(&q);
}

/* ---- rows without data near them ---- */

struct blank_row {
    int64_t id, size;
};

struct blanks {
    enum removal_kind kind;
    struct blank_row *rows;
    size_t count;
};

static int64_t bytes_in_page(const struct blank_row *row)
{
    if (row->size > PAGE_ROW_MAX)
        return PAGE_ROW_SMALL;
    return row->size < PAGE_ROW_MIN ? PAGE_ROW_MIN : row->size;
}

static int load(struct store *store, struct blanks *blanks, int64_t after)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_BLANKS);
    query_number(&q, blanks->kind);
    query_number(&q, after);
    query_number(&q, LOOK_MAX);
    for (blanks->count = 0; blanks->count < LOOK_MAX; blanks->count++) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        blanks->rows[blanks->count].id = query_get_number(&q);
        blanks->rows[blanks->count].size = query_get_number(&q);
    }
    return 0;
}

/* Set *ret to whether the table has a row between two ids, without those two. */
static int is_between(struct store *store, enum removal_kind kind, int64_t low, int64_t high,
                      bool *ret)
{
    *ret = false;
    if (high - low == 1)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, tables[kind].between);
    query_number(&q, low);
    query_number(&q, high);
    return query_step(&q, ret);
}

/* Find the end of a run of blank rows that have no other row between them. */
static int find_run(struct store *store, const struct blanks *blanks, size_t start, size_t *ret_end)
{
    bool other = false;
    size_t end = start + 1;
    for (; end < blanks->count; end++) {
        int r =
            is_between(store, blanks->kind, blanks->rows[end - 1].id, blanks->rows[end].id, &other);
        if (r)
            return r;
        if (other)
            break;
    }
    *ret_end = end;
    return 0;
}

/* Take the guards off both ends of a run. The run may be empty then. */
static int keep_guards(struct store *store, const struct blanks *blanks, size_t *start, size_t *end)
{
    bool before, behind;
    int r = is_between(store, blanks->kind, 0, blanks->rows[*start].id, &before);
    if (r == 0)
        r = is_between(store, blanks->kind, blanks->rows[*end - 1].id, INT64_MAX, &behind);
    if (r)
        return r;
    for (int64_t kept = before ? 0 : GUARD_BYTES; kept < GUARD_BYTES && *start < *end; ++*start)
        kept += bytes_in_page(&blanks->rows[*start]);
    for (int64_t kept = behind ? 0 : GUARD_BYTES; kept < GUARD_BYTES && *start < *end; --*end)
        kept += bytes_in_page(&blanks->rows[*end - 1]);
    return 0;
}

static int delete_row(struct store *store, enum removal_kind kind, int64_t id)
{
    int r = run_by_id(store, tables[kind].delete, id);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_BLANK_DELETE);
    query_number(&q, kind);
    query_number(&q, id);
    return query_run(&q);
}

/* Delete at most *left rows, and count them down. */
static int delete_runs(struct store *store, const struct blanks *blanks, size_t *left)
{
    size_t end = 0;
    for (size_t start = 0; start < blanks->count; start = end) {
        int r = find_run(store, blanks, start, &end);
        size_t from = start, to = end;
        if (r == 0)
            r = keep_guards(store, blanks, &from, &to);
        for (; r == 0 && from < to && *left; from++, --*left)
            r = delete_row(store, blanks->kind, blanks->rows[from].id);
        if (r)
            return r;
    }
    return 0;
}

int store_reclaim(struct store *store, size_t limit, bool *ret_more)
{
    struct reclaim *at = &store->reclaim;
    AUTOFREE struct blank_row *rows = memory_resize(NULL, LOOK_MAX, sizeof(*rows));
    struct blanks blanks = {.kind = at->kind, .rows = rows};
    *ret_more = false;
    int r = load(store, &blanks, at->after);
    if (r == 0)
        r = delete_runs(store, &blanks, &limit);
    if (r)
        return r;
    *ret_more = true;
    if (!limit)
        return 0;
    at->after = blanks.count == LOOK_MAX ? rows[LOOK_MAX - 1].id : 0;
    if (!at->after)
        at->kind = (at->kind + 1) % REMOVAL_KINDS;
    *ret_more = at->after || at->kind;
    return 0;
}
