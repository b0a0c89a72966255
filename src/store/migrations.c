/* SPDX-License-Identifier: MIT */
#include "migrations.h"

#include <stdio.h>

#include "base/memory.h"
#include "dedupe.h"

/*
 * One row per layout that was ever released; rows are only added. Why the tables look like this:
 * docs/decisions/0005-store-layout.md.
 *
 * Times are microseconds since 1970; 0 and NULL mean none. Columns without a type (notification's
 * names) hold the id of a row in `name`, or the text itself where that table is full.
 *
 * delivery.place: 1 in line (ready, inflight, behind), 2 set aside (held, dead), 0 done. It changes
 * only when a delivery enters or leaves the line, so that claiming touches no index but
 * delivery_due. delivery.done: when it was delivered, filtered or dropped, when it died, or since
 * when it is held. delivery.kind: 0; it was a hash of the type. delivery.age: the webhook's time at
 * which max_age began to run; while held, the age reached so far. delivery.state_of: a number of
 * the type whose state it reports, NULL: it reports none. delivery.superseded_by: the delivery that
 * was sent in its place. delivery.format: enum webhook_format. attempt.answer: a row of `answer`.
 * blank: rows of other tables whose bytes are overwritten (removal.h). body.seal, prefix.seal,
 * answer.seal: a row of `seal`, which names the key that opens the bytes; NULL: they are not
 * sealed.
 */
static const struct migration {
    int64_t version;
    const char *sql;
} migrations[] = {
    {1, "CREATE TABLE head(id INTEGER PRIMARY KEY CHECK(id = 1), sequence INTEGER NOT NULL,"
        " notification INTEGER NOT NULL, delivery INTEGER NOT NULL);"
        "INSERT INTO head VALUES(1, 0, 0, 0);"
        "CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
        "CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE count(webhook INTEGER, state INTEGER, n INTEGER NOT NULL,"
        " PRIMARY KEY(webhook, state)) WITHOUT ROWID;"
        "CREATE TABLE fact(section TEXT, name TEXT, key TEXT, value TEXT NOT NULL,"
        " PRIMARY KEY(section, name, key)) WITHOUT ROWID;"
        "CREATE TABLE webhook(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
        " configured INTEGER NOT NULL, paused INTEGER NOT NULL, paused_why TEXT,"
        " paused_total INTEGER NOT NULL);"
        "CREATE TABLE notification(id INTEGER PRIMARY KEY, key BLOB NOT NULL, nid TEXT NOT NULL,"
        " payload BLOB NOT NULL, queue, seller, seller_id, type, order_id TEXT, marketplace,"
        " event INTEGER NOT NULL, published INTEGER, sent INTEGER, received INTEGER NOT NULL,"
        " message_id TEXT, delivery INTEGER NOT NULL, deliveries INTEGER NOT NULL);"
        "CREATE TABLE prefix(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
        "CREATE TABLE body(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL, raw BLOB);"
        "CREATE TABLE seen(key BLOB PRIMARY KEY, notification INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE delivery(id INTEGER PRIMARY KEY, notification INTEGER NOT NULL,"
        " webhook INTEGER NOT NULL, lane INTEGER, kind INTEGER NOT NULL, event INTEGER NOT NULL,"
        " block INTEGER GENERATED ALWAYS AS (id >> 10) VIRTUAL,"
        " state INTEGER NOT NULL, place INTEGER NOT NULL, retry INTEGER NOT NULL,"
        " next INTEGER, not_before INTEGER, age INTEGER, attempts INTEGER NOT NULL,"
        " faults INTEGER NOT NULL, event_faults INTEGER NOT NULL, resend INTEGER NOT NULL,"
        " last_attempt INTEGER, done INTEGER, status INTEGER NOT NULL, cause INTEGER NOT NULL,"
        " error_class TEXT, error TEXT);"
        "CREATE INDEX delivery_due ON delivery(webhook, retry, next) WHERE state = 1;"
        "CREATE INDEX delivery_lane ON delivery(lane, event) WHERE place = 1 AND lane IS NOT NULL;"
        "CREATE INDEX delivery_line ON delivery(webhook) WHERE place = 1;"
        "CREATE INDEX delivery_aside ON delivery(webhook, state) WHERE place = 2;"
        "CREATE INDEX delivery_block ON delivery(block, lane) WHERE lane IS NOT NULL;"
        "CREATE TABLE sent(webhook INTEGER, block INTEGER, newest INTEGER NOT NULL,"
        " PRIMARY KEY(webhook, block)) WITHOUT ROWID;"
        "CREATE TABLE attempt(delivery INTEGER, attempt INTEGER, started INTEGER NOT NULL,"
        " duration INTEGER NOT NULL, status INTEGER NOT NULL, error_class TEXT, reason TEXT,"
        " peer TEXT, answer BLOB, PRIMARY KEY(delivery, attempt)) WITHOUT ROWID;"},
    /* The keys of later notifications are not in `seen` yet. */
    {2, "ALTER TABLE head ADD COLUMN merged INTEGER NOT NULL DEFAULT 0;"
        "UPDATE head SET merged = notification;"},
    /* It is not known whether deliveries that wait already report a state: they are sent. They were
     * accepted in the only format of that time. */
    {3, "ALTER TABLE delivery ADD COLUMN state_of INTEGER;"
        "ALTER TABLE delivery ADD COLUMN superseded_by INTEGER;"
        "ALTER TABLE delivery ADD COLUMN format INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE webhook ADD COLUMN coalesce INTEGER NOT NULL DEFAULT 0;"},
    /* Answers have a table of their own, in which no row is ever moved (removal.h). */
    {4, "CREATE TABLE answer(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
        "CREATE TABLE blank(kind INTEGER, id INTEGER, size INTEGER NOT NULL,"
        " PRIMARY KEY(kind, id)) WITHOUT ROWID;"
        "INSERT INTO answer SELECT row_number() OVER (ORDER BY delivery, attempt), answer"
        " FROM attempt WHERE answer IS NOT NULL;"
        "UPDATE attempt SET answer = old.id FROM (SELECT delivery, attempt,"
        " row_number() OVER (ORDER BY delivery, attempt) AS id FROM attempt"
        " WHERE answer IS NOT NULL) AS old"
        " WHERE attempt.delivery = old.delivery AND attempt.attempt = old.attempt;"},
    /* Held notifications of unknown senders give up the ids that they have taken. */
    {5, "CREATE TABLE unknown(id INTEGER PRIMARY KEY, size INTEGER NOT NULL,"
        " deliveries INTEGER NOT NULL);"
        "INSERT INTO unknown SELECT n.id, length(b.bytes) + ifnull(length(b.raw), 0)"
        " + ifnull((SELECT length(bytes) FROM prefix p WHERE p.id = n.id), 0), n.deliveries"
        " FROM notification n JOIN body b ON b.id = n.id WHERE n.id IN (SELECT notification"
        " FROM delivery WHERE place = 2 AND (state = 9 AND cause = 4"
        " OR state = 4 AND error = 'unknown seller')) AND (n.seller IS NULL OR n.type IS NULL);"
        "DELETE FROM seen WHERE notification IN (SELECT id FROM unknown);"
        "UPDATE notification SET key = unknown_key(nid, CASE typeof(seller_id) WHEN 'integer'"
        " THEN (SELECT text FROM name WHERE name.id = seller_id) ELSE seller_id END)"
        " WHERE id IN (SELECT notification FROM delivery WHERE place = 2 AND state = 4"
        " AND notification IN (SELECT id FROM unknown));"
        "INSERT INTO seen SELECT key, id FROM notification WHERE id IN (SELECT id FROM unknown)"
        " AND id <= (SELECT merged FROM head);"
        "CREATE TABLE subscription(id TEXT PRIMARY KEY, seller TEXT NOT NULL, type TEXT,"
        " gone INTEGER NOT NULL) WITHOUT ROWID;"
        "INSERT INTO subscription SELECT name, value, NULL, 0 FROM fact"
        " WHERE section = 'subscription' AND key = 'seller';"
        "DELETE FROM fact WHERE section = 'subscription';"},
    /* Deliveries that are set aside are found by the time since when they are. `forgotten` has the
     * orders that were forgotten (forget.h). */
    {6, "UPDATE delivery SET done = (SELECT received FROM notification n"
        " WHERE n.id = delivery.notification) WHERE place = 2 AND state = 4;"
        "CREATE INDEX delivery_since ON delivery(webhook, state, done) WHERE place = 2;"
        "CREATE TABLE forgotten(hash BLOB PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;"},
    /* Bodies, prefixes and answers may be sealed (seal.h); existing ones are not. */
    {7, "CREATE TABLE seal(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);"
        "ALTER TABLE body ADD COLUMN seal INTEGER;"
        "ALTER TABLE prefix ADD COLUMN seal INTEGER;"
        "ALTER TABLE answer ADD COLUMN seal INTEGER;"},
};

/* Return the dedupe key of a notification from an unknown sender, for SQL. */
static void unknown_key(sqlite3_context *context, int n_values, sqlite3_value **values)
{
    unsigned char key[DEDUPE_KEY_SIZE];
    const char *id = (const char *)sqlite3_value_text(values[0]);
    const char *seller = (const char *)sqlite3_value_text(values[1]);
    (void)n_values;
    dedupe_key(key, id ? id : "", seller ? seller : "", NULL);
    sqlite3_result_blob(context, key, sizeof(key), SQLITE_TRANSIENT);
}

int64_t migrations_newest(void)
{
    return migrations[ELEMENTS(migrations) - 1].version;
}

int migrations_run(sqlite3 *db, int64_t version)
{
    int code = sqlite3_create_function(db, "unknown_key", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                       NULL, unknown_key, NULL, NULL);
    if (code != SQLITE_OK)
        return code;
    for (size_t i = 0; i < ELEMENTS(migrations); i++) {
        if (migrations[i].version <= version)
            continue;
        code = sqlite3_exec(db, migrations[i].sql, NULL, NULL, NULL);
        if (code != SQLITE_OK)
            return code;
    }
    char pragmas[128];
    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %lld;",
             MIGRATIONS_APPLICATION_ID, (long long)migrations_newest());
    return sqlite3_exec(db, pragmas, NULL, NULL, NULL);
}
