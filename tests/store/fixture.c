/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "base/text.h"

void fixture_ok(struct store *store, int result, const char *what, int line)
{
    if (result)
        fail_msg("line %d: %s gives %d: %s", line, what, result, store ? store_why(store) : "");
}

char *fixture_directory(void)
{
    char *directory = memory_string("test-store-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return directory;
}

void fixture_remove(char *directory)
{
    AUTOFREE char *command = memory_format("rm -rf %s", directory);
    assert_int_equal(system(command), 0);
    free(directory);
}

struct store *fixture_open(const char *directory)
{
    struct error error = {0};
    struct store *store = NULL;
    int r = store_open(&store, directory, STORE_DAEMON, &error);
    if (r)
        fail_msg("open gives %d: %s", r, error.text);
    return store;
}

int64_t fixture_webhook(struct store *store)
{
    int64_t id = 0;
    IN(store, store_set_webhooks(store, (const char *[]){"wms"}, 1, &id));
    return id;
}

struct accept fixture_accept(const struct sample *s, struct accept_target *target,
                             uint64_t now_usec)
{
    *target = (struct accept_target){.webhook = s->webhook,
                                     .state = s->state ? s->state : DELIVERY_READY,
                                     .cause = s->cause,
                                     .reason = s->reason,
                                     .format = s->format};
    const char *payload = s->payload ? s->payload : "{\"a\":1}";
    struct accept accept = {
        .id = s->id,
        .queue = "orders-eu",
        .message_id = "message-1",
        .seller = "acme",
        .seller_id = "A297A7DJHEYXBY",
        .type = s->type ? s->type : "ORDER_CHANGE",
        .order_id = s->order,
        .marketplace_id = "A33AVAJ2PDY3EV",
        .event_usec = s->event_usec ? s->event_usec : now_usec,
        .published_usec = now_usec - 2,
        .sent_usec = now_usec - 1,
        .received_usec = now_usec,
        .prefix = s->unreadable ? NULL : "{\"data\":{\"notification\":",
        .prefix_size = s->unreadable ? 0 : strlen("{\"data\":{\"notification\":"),
        .bytes = payload,
        .bytes_size = strlen(payload),
        .unreadable = s->unreadable,
        .is_state = s->is_state,
        .targets = target,
        .n_targets = 1,
    };
    digest_sha256(accept.payload_sha256, payload, strlen(payload));
    return accept;
}

enum accept_result fixture_store(struct store *store, const struct sample *sample,
                                 uint64_t now_usec)
{
    struct accept_target target;
    struct accept accept = fixture_accept(sample, &target, now_usec);
    IN(store, store_accept(store, &accept, now_usec));
    return accept.result;
}

size_t fixture_claim(struct store *store, int64_t webhook, uint64_t now_usec, struct claim *out,
                     size_t count)
{
    struct claim_query query = {
        .webhook = webhook, .now_usec = now_usec, .first = count, .bytes = 1 << 20};
    size_t claimed;
    IN(store, store_claim(store, &query, out, &claimed));
    return claimed;
}

void fixture_settle(struct store *store, const struct claim *claim, enum delivery_state to,
                    uint64_t next_usec, uint64_t now_usec)
{
    struct settle settle = {
        .delivery = claim->delivery,
        .attempt = claim->attempt,
        .to = to,
        .cause = to == DELIVERY_DEAD ? DEAD_REFUSED : DEAD_NOT,
        .next_usec = next_usec,
        .status = to == DELIVERY_DELIVERED ? 200 : 503,
        .started_usec = now_usec,
        .duration_usec = 1000,
    };
    if (to != DELIVERY_DELIVERED)
        text_copy(settle.reason, sizeof(settle.reason), "the WMS answered 503");
    IN(store, store_settle(store, &settle, now_usec));
}

static void keep_row(const struct list_row *row, void *userdata)
{
    static struct text strings;
    struct list_row *kept = userdata;
    *kept = *row;
    text_reset(&strings);
    text_append_string(&strings, row->last_error ? row->last_error : "");
    kept->last_error = row->last_error ? strings.data : NULL;
    kept->notification_id = kept->seller = kept->order_id = NULL;
}

struct list_row fixture_row(struct store *store, int64_t delivery)
{
    struct list_row row = {0};
    struct list_query query = {.states = UINT32_MAX, .after = delivery - 1, .limit = 1};
    IN(store, store_list(store, &query, keep_row, &row));
    assert_int_equal(row.id, delivery);
    return row;
}

struct wanted {
    int64_t webhook;
    enum delivery_state state;
    uint64_t count;
};

static void find_count(const struct store_webhook *webhook, void *userdata)
{
    struct wanted *wanted = userdata;
    if (webhook->id == wanted->webhook)
        wanted->count = webhook->counts[wanted->state];
}

uint64_t fixture_count(struct store *store, int64_t webhook, enum delivery_state state)
{
    struct wanted wanted = {webhook, state, 0};
    IN(store, store_each_webhook(store, find_count, &wanted));
    return wanted.count;
}

/* What must give no row. */
static const char *const laws[] = {
    "SELECT 'count', webhook, state FROM count c WHERE n <> (SELECT count(*) FROM delivery d"
    " WHERE d.webhook = c.webhook AND d.state = c.state)",
    "SELECT 'uncounted', webhook, state FROM delivery d WHERE NOT EXISTS (SELECT 1 FROM count c"
    " WHERE c.webhook = d.webhook AND c.state = d.state)",
    "SELECT 'place', id, state FROM delivery WHERE place <> CASE WHEN state IN (1, 2, 3) THEN 1"
    " WHEN state IN (4, 9) THEN 2 ELSE 0 END",
    "SELECT 'heads', lane, count(*) FROM delivery WHERE lane IS NOT NULL AND state IN (1, 2, 3)"
    " GROUP BY lane HAVING sum(state <> 3) <> 1",
    "SELECT 'order', h.id, b.id FROM delivery h JOIN delivery b ON b.lane = h.lane AND b.state = 3"
    " WHERE h.state = 1 AND (b.event, b.id) < (h.event, h.id)",
    "SELECT 'behind', id, state FROM delivery WHERE state = 3 AND lane IS NULL",
    "SELECT 'due', id, state FROM delivery WHERE state IN (1, 2, 3) AND next IS NULL",
    "SELECT 'age', id, state FROM delivery WHERE state IN (1, 2, 3) AND age IS NULL",
    "SELECT 'done', id, state FROM delivery WHERE (state > 3) <> (done IS NOT NULL)",
    "SELECT 'cause', id, state FROM delivery WHERE (state = 9) <> (cause <> 0) AND state <> 8",
    "SELECT 'superseded', id, state FROM delivery WHERE (state = 6) <> (superseded_by IS NOT NULL)",
    "SELECT 'needless', a.id, b.id FROM delivery a JOIN delivery b ON b.lane = a.lane"
    " AND b.state_of = a.state_of AND b.state IN (1, 3) WHERE a.state IN (1, 3) AND a.resend = 0"
    " AND (a.event, a.id) < (b.event, b.id) AND a.webhook IN"
    " (SELECT id FROM webhook WHERE coalesce)",
    "SELECT 'body', id, state FROM delivery d WHERE state IN (1, 2, 3, 4, 9) AND NOT EXISTS"
    " (SELECT 1 FROM body b WHERE b.id = d.notification)",
    "SELECT 'notification', id, notification FROM delivery d WHERE NOT EXISTS"
    " (SELECT 1 FROM notification n WHERE n.id = d.notification"
    " AND d.id BETWEEN n.delivery AND n.delivery + n.deliveries - 1)",
    "SELECT 'key', id, 0 FROM notification n WHERE id <= (SELECT merged FROM head) AND NOT EXISTS"
    " (SELECT 1 FROM seen s WHERE s.key = n.key AND s.notification = n.id)",
    "SELECT 'seen', notification, 0 FROM seen s WHERE NOT EXISTS"
    " (SELECT 1 FROM notification n WHERE n.id = s.notification)",
    "SELECT 'head', id, 0 FROM head WHERE notification < (SELECT ifnull(max(id), 0) FROM"
    " notification) OR delivery < (SELECT ifnull(max(id), 0) FROM delivery)",
    "SELECT 'received', 0, 0 FROM (SELECT sum(iif(name = 'received', value, -value)) AS n FROM"
    " counter WHERE name IN ('received', 'accepted', 'duplicates', 'rejected', 'over_limit'))"
    " WHERE n <> 0",
    /* A sealed value has 28 bytes more. */
    "SELECT 'unknown', id, size FROM unknown u WHERE size <> ifnull((SELECT length(b.bytes)"
    " + ifnull(length(b.raw), 0) - iif(b.seal, iif(b.raw IS NULL, 28, 56), 0) FROM body b"
    " WHERE b.id = u.id), 0) + ifnull((SELECT length(p.bytes) - iif(p.seal, 28, 0) FROM prefix p"
    " WHERE p.id = u.id), 0)",
    "SELECT integrity_check, 0, 0 FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
};

static void check_law(sqlite3 *db, const char *law)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, law, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        fail_msg("broken: %s %lld %lld", sqlite3_column_text(statement, 0),
                 sqlite3_column_int64(statement, 1), sqlite3_column_int64(statement, 2));
    if (code != SQLITE_DONE)
        fail_msg("cannot check: %s", sqlite3_errmsg(db));
    sqlite3_finalize(statement);
}

void fixture_check(const char *path, const char *vfs)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, vfs), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    for (size_t i = 0; i < ELEMENTS(laws); i++)
        check_law(db, laws[i]);
    sqlite3_close(db);
}

/* What a version added, taken away again. Newest first. */
static const struct {
    int version;
    const char *undo;
} layouts[] = {
    {7, "DROP TABLE seal; ALTER TABLE body DROP COLUMN seal; ALTER TABLE prefix DROP COLUMN seal;"
        "ALTER TABLE answer DROP COLUMN seal;"},
    {6, "DROP TABLE forgotten; DROP INDEX delivery_since;"
        "UPDATE delivery SET done = NULL WHERE state = 4;"},
    {5, "DROP TABLE unknown;"
        "INSERT INTO fact SELECT 'subscription', id, 'seller', seller FROM subscription;"
        "DROP TABLE subscription;"},
    {4, "UPDATE attempt SET answer = (SELECT bytes FROM answer WHERE id = attempt.answer);"
        "DELETE FROM body WHERE id IN (SELECT id FROM blank WHERE kind = 0);"
        "DELETE FROM prefix WHERE id IN (SELECT id FROM blank WHERE kind = 1);"
        "DROP TABLE answer; DROP TABLE blank;"},
    {3, "ALTER TABLE delivery DROP COLUMN state_of;"
        "ALTER TABLE delivery DROP COLUMN superseded_by;"
        "ALTER TABLE delivery DROP COLUMN format;"
        "ALTER TABLE webhook DROP COLUMN coalesce;"},
    {2, "INSERT OR IGNORE INTO seen SELECT key, id FROM notification;"
        "ALTER TABLE head DROP COLUMN merged;"},
};

void fixture_downgrade(const char *path, int version)
{
    sqlite3 *db = NULL;
    AUTOFREE char *pragma = memory_format("PRAGMA user_version = %d;", version);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t i = 0; i < ELEMENTS(layouts) && layouts[i].version > version; i++)
        if (sqlite3_exec(db, layouts[i].undo, NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("layout %d: %s", layouts[i].version, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_exec(db, pragma, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

uint32_t fixture_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*seed >> 33);
}

int shop_open(void **state)
{
    struct shop *shop = NEW(struct shop);
    shop->directory = fixture_directory();
    shop->store = fixture_open(shop->directory);
    shop->webhook = fixture_webhook(shop->store);
    *state = shop;
    return 0;
}

void shop_reopen(struct shop *shop, int downgrade)
{
    AUTOFREE char *path = memory_format("%s/%s", shop->directory, STORE_FILE);
    store_free(shop->store);
    if (downgrade)
        fixture_downgrade(path, downgrade);
    shop->store = fixture_open(shop->directory);
}

int shop_close(void **state)
{
    struct shop *shop = *state;
    AUTOFREE char *path = memory_format("%s/%s", shop->directory, STORE_FILE);
    store_free(shop->store);
    fixture_check(path, NULL);
    fixture_remove(shop->directory);
    free(shop);
    return 0;
}
