/* SPDX-License-Identifier: MIT */
#include "check_rows.h"

#include "inside.h"
#include "numbers.h"

/* Laws that the daemon's own moves keep. Each statement gives the rows that break one of them, as a
 * sentence. */
static const char *const laws[] = {
    "SELECT 'delivery ' || id || ' has the state ' || state || ', which does not exist'"
    " FROM delivery WHERE state NOT BETWEEN " STATE_READY " AND " STATE_DEAD
    " ORDER BY id LIMIT ?1",
    "SELECT 'delivery ' || id || ' has a place in line that does not fit its state' FROM delivery"
    " WHERE place <> CASE WHEN state IN (" STATES_IN_LINE ") THEN " PLACE_IN_LINE
    " WHEN state IN (" STATES_ASIDE ") THEN " PLACE_ASIDE " ELSE " PLACE_DONE " END"
    " ORDER BY id LIMIT ?1",
    "SELECT 'deliveries of one order, from ' || min(id) || ' to ' || max(id) || ', have '"
    " || sum(state <> " STATE_BEHIND ") || ' that are next, instead of one' FROM delivery"
    " WHERE lane IS NOT NULL AND state IN (" STATES_IN_LINE
    ") GROUP BY lane HAVING sum(state <> " STATE_BEHIND ") <> 1"
    " ORDER BY 1 LIMIT ?1",
};

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
