/* SPDX-License-Identifier: MIT */
#include "check_rows.h"

#include "inside.h"

/* Laws that the daemon's own moves keep. Each statement gives the rows that break one of them, as a
 * sentence. */
static const char *const laws[] = {
    "SELECT 'delivery ' || id || ' has the state ' || state || ', which does not exist'"
    " FROM delivery WHERE state NOT BETWEEN 1 AND 9 ORDER BY id LIMIT ?1",
    "SELECT 'delivery ' || id || ' has a place in line that does not fit its state' FROM delivery"
    " WHERE place <> CASE WHEN state IN (1, 2, 3) THEN 1 WHEN state IN (4, 9) THEN 2 ELSE 0 END"
    " ORDER BY id LIMIT ?1",
    "SELECT 'deliveries of one order, from ' || min(id) || ' to ' || max(id) || ', have '"
    " || sum(state <> 3) || ' that are next, instead of one' FROM delivery"
    " WHERE lane IS NOT NULL AND state IN (1, 2, 3) GROUP BY lane HAVING sum(state <> 3) <> 1"
    " ORDER BY 1 LIMIT ?1",
};

_Static_assert(DELIVERY_READY == 1 && DELIVERY_INFLIGHT == 2 && DELIVERY_BEHIND == 3 &&
                   DELIVERY_HELD == 4 && DELIVERY_DEAD == 9 && DELIVERY_ORPHANED == 10,
               "the numbers of states in `laws`");

static int check_law(struct store *store, const char *law, store_problem_fn problem, void *userdata)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, law, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int(statement, 1, STORE_PROBLEMS_MAX);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (text)
            problem(text, userdata);
        code = SQLITE_OK;
    }
    int r = query_failure(store, code);
    sqlite3_finalize(statement);
    return r;
}

int check_rows(struct store *store, store_problem_fn problem, void *userdata)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < ELEMENTS(laws); i++)
        r = check_law(store, laws[i], problem, userdata);
    return r;
}
