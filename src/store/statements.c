/* SPDX-License-Identifier: MIT */
#include "statements.h"

#include "columns.h"
#include "numbers.h"

/*
 * A test checks the plans of these statements (tests/store/test_plans.c). A query must repeat the
 * WHERE of the partial index that it is meant for, else SQLite scans the table.
 */

/* Columns of columns.h as SQL. Each list follows a constant, which is not read. */
#define COLUMN_TEXT(column)              ", " #column
#define TABLE_COLUMN_TEXT(table, column) ", " #table "." #column

/* The columns that a change of a delivery writes. ?9: whether an outcome (?10 to ?13) is part of
 * it. */
#define CHANGE_COLUMNS                                                                             \
    "state = ?2, retry = ?3, next = ?4, not_before = ?5, age = ?6, faults = ?7, "                  \
    "event_faults = ?8, status = iif(?9, ?10, status), "                                           \
    "error_class = iif(?9, ?11, error_class), error = iif(?9, ?12, error), "                       \
    "last_attempt = iif(?9, ?13, last_attempt), attempts = ?14"

/* The next row of a table behind ?1 that is not overwritten (removal.h). SEALED_ROWS: that is
 * sealed with the key ?2 (any key if that is 0). OTHER_ROWS: that resealing has to change, because
 * it is not sealed as ?2 says, and not lost (seal.h). */
#define KEPT_ROWS(table, raw, kind, condition)                                                     \
    "SELECT id, bytes, " raw ", seal FROM " table " WHERE id > ?1 AND " condition                  \
    " AND NOT EXISTS (SELECT 1 FROM blank WHERE kind = " kind " AND blank.id = " table ".id)"      \
    " ORDER BY id LIMIT 1"
#define SEALED_ROWS(table, raw, kind)                                                              \
    KEPT_ROWS(table, raw, kind, "seal IS NOT NULL AND (?2 = 0 OR seal = ?2)")
#define OTHER_ROWS(table, raw, kind)                                                               \
    KEPT_ROWS(table, raw, kind, "ifnull(seal, 0) <> ?2 AND ifnull(seal, 0) <> -1")

const char *const statement_sql[STATEMENTS] = {
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_DATA_VERSION] = "PRAGMA data_version",

    [SQL_HEAD] = "SELECT sequence, notification, delivery, merged FROM head WHERE id = 1",
    [SQL_HEAD_WRITE] = "UPDATE head SET sequence = ?, notification = ?, delivery = ?, merged = ?"
                       " WHERE id = 1",
    [SQL_NAMES_AFTER] = "SELECT id, text FROM name WHERE id > ? ORDER BY id",
    [SQL_NAME_ADD] = "INSERT INTO name(id, text) VALUES(?, ?)",
    [SQL_COUNT_ADD] = "INSERT INTO count(webhook, state, n) VALUES(?, ?, ?)"
                      " ON CONFLICT DO UPDATE SET n = n + excluded.n",
    [SQL_COUNTS] = "SELECT state, n FROM count WHERE webhook = ?",
    [SQL_WAITING] = "SELECT ifnull(sum(n), 0) FROM count WHERE state IN (" STATES_IN_LINE ")",
    [SQL_BACKLOG] =
        "SELECT ifnull(sum(n), 0) FROM count WHERE state IN (" STATES_IN_LINE ", " STATES_ASIDE ")",
    [SQL_COUNTER_ADD] = "INSERT INTO counter(name, value) VALUES(?, ?)"
                        " ON CONFLICT DO UPDATE SET value = value + excluded.value",
    [SQL_COUNTER] = "SELECT value FROM counter WHERE name = ?",
    [SQL_FACT_SET] = "INSERT INTO fact(section, name, key, value) VALUES(?, ?, ?, ?)"
                     " ON CONFLICT DO UPDATE SET value = excluded.value",
    [SQL_FACT_DELETE] = "DELETE FROM fact WHERE section = ? AND name = ? AND key = ?",
    [SQL_FACT] = "SELECT value FROM fact WHERE section = ? AND name = ? AND key = ?",

    [SQL_END_WAITS] =
        "UPDATE delivery SET next = ?1, not_before = NULL WHERE place IN (" PLACE_IN_LINE
        ", " PLACE_ASIDE ")"
        " AND next > ?1"
        " AND (next > ?2 OR (attempts = 0 AND not_before IS NULL))",

    [SQL_WEBHOOKS] = "SELECT id, name, configured, paused, paused_why, paused_total, coalesce"
                     " FROM webhook ORDER BY name",
    [SQL_WEBHOOK_ADD] = "INSERT INTO webhook(name, configured, paused, paused_total)"
                        " VALUES(?, 1, 0, 0)",
    [SQL_WEBHOOK_CONFIGURED] = "UPDATE webhook SET configured = ? WHERE id = ?",
    [SQL_WEBHOOK_PAUSE] = "UPDATE webhook SET paused = ?, paused_why = ?, paused_total = ?"
                          " WHERE id = ?",
    [SQL_WEBHOOK_COALESCE] = "UPDATE webhook SET coalesce = ? WHERE id = ?",

    [SQL_SEEN_ADD] = "INSERT OR IGNORE INTO seen(key, notification) VALUES(?, ?)",
    [SQL_SEEN] = "SELECT notification FROM seen WHERE key = ?",
    [SQL_SEEN_DELETE] = "DELETE FROM seen WHERE key = ?",
    [SQL_KEYS_AFTER] = "SELECT id, key FROM notification WHERE id > ? ORDER BY id",
    [SQL_NOTIFICATION_ADD] =
        "INSERT INTO notification(id, key, nid, payload, queue, seller, seller_id, type, order_id,"
        " marketplace, event, published, sent, received, message_id, delivery, deliveries)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_PREFIX_ADD] = "INSERT INTO prefix(id, bytes, seal) VALUES(?, ?, ?)",
    [SQL_BODY_ADD] = "INSERT INTO body(id, bytes, raw, seal) VALUES(?, ?, ?, ?)",
    [SQL_NOTIFICATION_KNOWN] =
        "SELECT payload, delivery, deliveries FROM notification WHERE id = ?",

    [SQL_DELIVERY] = "SELECT NULL" LANE_ROW_COLUMNS(COLUMN_TEXT) " FROM delivery WHERE id = ?",
    [SQL_DELIVERY_ADD] =
        "INSERT INTO delivery(id, notification, webhook, lane, kind, event, state, place, retry,"
        " next, not_before, age, attempts, faults, event_faults, resend, done, status, cause,"
        " error, state_of, superseded_by, format)"
        " VALUES(?, ?, ?, ?, 0, ?, ?, ?, 0, ?, ?, ?, ?, 0, 0, 0, ?, 0, ?, ?, ?, ?, ?)",
    [SQL_DELIVERY_STAY] = "UPDATE delivery SET " CHANGE_COLUMNS " WHERE id = ?1",
    [SQL_DELIVERY_MOVE] = "UPDATE delivery SET " CHANGE_COLUMNS
                          ", place = ?15, done = ?16, cause = ?17, superseded_by = ?18"
                          " WHERE id = ?1",
    [SQL_DELIVERY_STATE] = "UPDATE delivery SET state = ?2, next = ?3, not_before = ?4"
                           " WHERE id = ?1",
    [SQL_DELIVERY_TAKE] =
        "UPDATE delivery SET state = " STATE_INFLIGHT ", attempts = attempts + 1 WHERE id = ?",
    [SQL_DELIVERY_FORGIVE] = "UPDATE delivery SET faults = faults - 1"
                             " WHERE id = ? AND faults > 0 AND state <> " STATE_DEAD,
    [SQL_DELIVERY_FORGIVE_REFUSAL] = "UPDATE delivery SET event_faults = event_faults - 1"
                                     " WHERE id = ? AND event_faults > 0 AND state <> " STATE_DEAD,
    [SQL_DELIVERY_NEXT] = "UPDATE delivery SET next = ? WHERE id = ?",
    [SQL_DELIVERY_RESEND] = "UPDATE delivery SET resend = resend + 1, error_class = NULL"
                            " WHERE id = ?",
    [SQL_DELIVERY_ADOPT] = "UPDATE delivery SET webhook = ?2, lane = ?3, format = ?4,"
                           " error_class = NULL WHERE id = ?1",
    [SQL_ORDER_OF] = "SELECT seller_id, order_id FROM notification WHERE id = ?",
    [SQL_BODY_IS_THERE] = "SELECT 1 FROM body WHERE id = ?1 AND NOT EXISTS"
                          " (SELECT 1 FROM blank WHERE kind = " KIND_BODY " AND id = ?1)",
    [SQL_LANE_FIRST] = "SELECT id, event, state, next, not_before, webhook FROM delivery"
                       " WHERE lane = ? AND place = " PLACE_IN_LINE " ORDER BY event, id LIMIT 1",
    [SQL_LANE_NEWEST_STATE] =
        "SELECT id, event FROM delivery WHERE lane = ? AND place = " PLACE_IN_LINE
        " AND state_of = ? AND state <> " STATE_INFLIGHT " AND id <> ?"
        " ORDER BY event DESC, id DESC LIMIT 1",
    [SQL_LANE_OLDER_STATES] =
        "SELECT id FROM delivery WHERE lane = ?1 AND place = " PLACE_IN_LINE
        " AND state_of = ?2 AND state <> " STATE_INFLIGHT " AND resend = 0 AND event <= ?3"
        " AND (event < ?3 OR id < ?4) ORDER BY event DESC, id DESC LIMIT ?5",
    [SQL_SENT] = "SELECT block, newest FROM sent WHERE webhook = ? ORDER BY block",
    [SQL_SENT_NEWER] = "SELECT 1 FROM delivery WHERE block = ? AND lane = ? AND state_of = ?"
                       " AND event > ? AND (state = " STATE_DELIVERED " OR resend > 0) LIMIT 1",
    [SQL_SENT_NEWER_STATE] = "SELECT id FROM delivery WHERE block = ?1 AND lane = ?2"
                             " AND state_of = ?3 AND state = " STATE_DELIVERED " AND event >= ?4"
                             " AND (event > ?4 OR id > ?5) LIMIT 1",
    [SQL_BLOCK_LANES] = "SELECT lane FROM delivery WHERE block = ? AND lane IS NOT NULL",
    [SQL_SENT_WRITE] = "INSERT INTO sent(webhook, block, newest) VALUES(?, ?, ?)"
                       " ON CONFLICT DO UPDATE SET newest = excluded.newest",
    [SQL_SENT_DELETE] = "DELETE FROM sent WHERE webhook IN (SELECT id FROM webhook) AND block < ?",

    [SQL_CLAIM_DUE] =
        "SELECT id FROM delivery WHERE webhook = ? AND state = " STATE_READY " AND retry = ?"
        " AND next <= ? ORDER BY next LIMIT ?",
    [SQL_CLAIM_ONE] = "SELECT NULL" CLAIM_COLUMNS(
        TABLE_COLUMN_TEXT) " FROM delivery d"
                           " JOIN notification n ON n.id = d.notification"
                           " LEFT JOIN prefix p ON p.id = n.id LEFT JOIN body b ON b.id = n.id "
                           "WHERE d.id = ?",
    [SQL_PROBE] =
        "SELECT id, lane, not_before, next FROM delivery WHERE webhook = ? AND state = " STATE_READY
        " AND retry = ? ORDER BY next LIMIT ?",
    [SQL_PROBE_NEWEST] =
        "SELECT id, lane, not_before, next FROM delivery WHERE webhook = ? AND state = " STATE_READY
        " AND retry = ? ORDER BY next DESC LIMIT ?",
    [SQL_NEXT_DUE] =
        "SELECT next FROM delivery WHERE webhook = ? AND state = " STATE_READY " AND retry = ?"
        " ORDER BY next LIMIT 1",
    [SQL_HASTEN] =
        "SELECT id FROM delivery WHERE webhook = ? AND state = " STATE_READY " AND retry = 1"
        " AND next > ?2 AND event_faults = 0 AND error_class IS NOT NULL"
        " AND ifnull(not_before, 0) <= ?2"
        " ORDER BY next LIMIT ?",
    [SQL_HURRY] = "SELECT id, lane FROM delivery WHERE webhook = ?1 AND state = " STATE_READY
                  " AND retry = ?2"
                  " AND next > ?3 AND (?2 = 0 OR error_class IS NOT NULL) ORDER BY next LIMIT ?4",
    [SQL_HURRY_ONE] = "UPDATE delivery SET next = ?1, not_before = NULL WHERE id = ?2",
    [SQL_HURRY_LANE] = "UPDATE delivery SET next = ?1, not_before = NULL WHERE lane = ?2"
                       " AND place = " PLACE_IN_LINE " AND state IN (" STATE_READY ", " STATE_BEHIND
                       ") AND next > ?1",
    [SQL_INFLIGHT] =
        "SELECT id FROM delivery WHERE place = " PLACE_IN_LINE " AND state = " STATE_INFLIGHT,
    [SQL_ATTEMPT_ADD] = "INSERT OR REPLACE INTO attempt(delivery, attempt, started, duration,"
                        " status, error_class, reason, peer, answer)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_ATTEMPTS_OLD] = "DELETE FROM attempt WHERE delivery = ? AND attempt <= ?",
    [SQL_ATTEMPTS] = "SELECT attempt, started, duration, status, error_class, reason, peer,"
                     " w.bytes, w.id, w.seal FROM attempt LEFT JOIN answer w"
                     " ON w.id = attempt.answer WHERE delivery = ? ORDER BY attempt",
    [SQL_ANSWER_ADD] = "INSERT INTO answer(id, bytes, seal) VALUES(?, ?, ?)",
    [SQL_ANSWER_NEXT] = "SELECT ifnull(max(id), 0) + 1 FROM answer",

    [SQL_OLDEST_LINE] = "SELECT n.received FROM delivery d JOIN notification n"
                        " ON n.id = d.notification WHERE d.webhook = ? AND d.place = " PLACE_IN_LINE
                        " ORDER BY d.id LIMIT 1",
    [SQL_OLDEST_HELD] = "SELECT n.received FROM delivery d JOIN notification n"
                        " ON n.id = d.notification WHERE d.webhook = ? AND d.place = " PLACE_ASIDE
                        " AND d.state = " STATE_HELD " ORDER BY d.id LIMIT 1",
    [SQL_LIST_LINE] =
        "SELECT id FROM delivery WHERE webhook = ?1 AND place = " PLACE_IN_LINE " AND id > ?3"
        " AND (?2 >> state) & 1 ORDER BY id LIMIT ?4",
    [SQL_LIST_ASIDE] =
        "SELECT id FROM delivery WHERE webhook = ?1 AND place = " PLACE_ASIDE " AND state = ?2"
        " AND id > ?3 ORDER BY id LIMIT ?4",
    [SQL_LIST_ALL] = "SELECT id FROM delivery WHERE id > ?3 AND (?1 < 0 OR webhook = ?1)"
                     " AND (iif((SELECT configured FROM webhook w WHERE w.id = webhook) = 0,"
                     " ?5, ?2) >> state) & 1 ORDER BY id LIMIT ?4",
    [SQL_ROW] =
        "SELECT NULL" ROW_COLUMNS(TABLE_COLUMN_TEXT) " FROM delivery d JOIN notification n"
                                                     " ON n.id = d.notification WHERE d.id = ?",
    [SQL_BODY] = "SELECT p.bytes, b.bytes, b.raw, p.seal, b.seal FROM body b LEFT JOIN prefix p"
                 " ON p.id = b.id"
                 " WHERE b.id = ?1 AND NOT EXISTS (SELECT 1 FROM blank WHERE kind = " KIND_BODY
                 " AND id = ?1)",
    [SQL_NEWEST] = "SELECT received FROM notification ORDER BY id DESC LIMIT 1",

    [SQL_EXPIRE_SCAN] =
        "SELECT id, state, age FROM delivery WHERE webhook = ? AND place = " PLACE_IN_LINE
        " AND id > ? ORDER BY id LIMIT ?",
    [SQL_EXPIRED] = "SELECT nid, order_id, seller, type FROM notification WHERE id = ?",
    [SQL_ASIDE] = "SELECT id, done, notification FROM delivery WHERE webhook = ?1 AND state = ?2"
                  " AND place = " PLACE_ASIDE " AND done < ?3 AND (?2 = " STATE_DEAD
                  " OR NOT EXISTS (SELECT 1 FROM unknown"
                  " WHERE unknown.id = notification)) ORDER BY done LIMIT ?4",
    [SQL_QUEUE_OF] = "SELECT queue FROM notification WHERE id = ?",
    [SQL_BODY_IS_USED] = "SELECT 1 FROM delivery WHERE id BETWEEN"
                         " (SELECT delivery FROM notification WHERE id = ?1) AND"
                         " (SELECT delivery + deliveries - 1 FROM notification WHERE id = ?1)"
                         " AND state NOT IN (" STATE_FILTERED ", " STATE_DROPPED ") LIMIT 1",
    [SQL_BODY_SCAN] =
        "SELECT n.id, n.received, n.delivery, n.deliveries FROM body b"
        " CROSS JOIN notification n ON n.id = b.id WHERE b.id > ? AND NOT EXISTS"
        " (SELECT 1 FROM blank WHERE kind = " KIND_BODY " AND blank.id = b.id) ORDER BY b.id"
        " LIMIT ?",
    [SQL_NOTIFICATION_SCAN] = "SELECT id, received, delivery, deliveries FROM notification"
                              " WHERE id > ? ORDER BY id LIMIT ?",
    [SQL_NOTIFICATION_STATES] = "SELECT webhook, state, done FROM delivery"
                                " WHERE id BETWEEN ? AND ?",
    [SQL_NOTIFICATION_KEY] = "SELECT key, delivery, deliveries FROM notification WHERE id = ?",
    [SQL_BODY_BLANK] = "UPDATE body SET bytes = zeroblob(length(bytes)),"
                       " raw = iif(raw IS NULL, NULL, zeroblob(length(raw))) WHERE id = ?",
    [SQL_PREFIX_BLANK] = "UPDATE prefix SET bytes = zeroblob(length(bytes)) WHERE id = ?",
    [SQL_ANSWER_BLANK] = "UPDATE answer SET bytes = zeroblob(length(bytes)) WHERE id = ?",
    [SQL_BODY_NOTE] = "INSERT OR IGNORE INTO blank SELECT " KIND_BODY ", id, length(bytes) +"
                      " ifnull(length(raw), 0) FROM body WHERE id = ?",
    [SQL_PREFIX_NOTE] = "INSERT OR IGNORE INTO blank SELECT " KIND_PREFIX ", id, length(bytes)"
                        " FROM prefix WHERE id = ?",
    [SQL_ANSWER_NOTE] = "INSERT OR IGNORE INTO blank SELECT " KIND_ANSWER ", id, length(bytes)"
                        " FROM answer WHERE id = ?",
    [SQL_BODY_BETWEEN] = "SELECT 1 FROM body WHERE id > ? AND id < ? LIMIT 1",
    [SQL_PREFIX_BETWEEN] = "SELECT 1 FROM prefix WHERE id > ? AND id < ? LIMIT 1",
    [SQL_ANSWER_BETWEEN] = "SELECT 1 FROM answer WHERE id > ? AND id < ? LIMIT 1",
    [SQL_BODY_DELETE] = "DELETE FROM body WHERE id = ?",
    [SQL_PREFIX_DELETE] = "DELETE FROM prefix WHERE id = ?",
    [SQL_ANSWER_DELETE] = "DELETE FROM answer WHERE id = ?",
    [SQL_BLANKS] = "SELECT id, size FROM blank WHERE kind = ? AND id > ? ORDER BY id LIMIT ?",
    [SQL_BLANK_DELETE] = "DELETE FROM blank WHERE kind = ? AND id = ?",
    [SQL_ANSWERS] = "SELECT answer FROM attempt WHERE delivery BETWEEN ? AND ?"
                    " AND attempt BETWEEN ? AND ? AND answer IS NOT NULL",
    [SQL_ANSWERS_FORGET] = "UPDATE attempt SET answer = NULL WHERE delivery BETWEEN ? AND ?"
                           " AND attempt BETWEEN ? AND ? AND answer IS NOT NULL",
    [SQL_NOTIFICATION_DELETE] = "DELETE FROM notification WHERE id = ?",
    [SQL_DELIVERIES_DELETE] = "DELETE FROM delivery WHERE id BETWEEN ? AND ?",
    [SQL_DELIVERY_FIRST] = "SELECT min(id) FROM delivery",
    [SQL_ATTEMPTS_DELETE] = "DELETE FROM attempt WHERE delivery BETWEEN ? AND ?",
    [SQL_NOTIFICATION_ENDS] = "SELECT (SELECT min(id) FROM notification),"
                              " (SELECT max(id) FROM notification)",
    [SQL_NOTIFICATION_RECEIVED] = "SELECT id, received FROM notification WHERE id >= ?"
                                  " ORDER BY id LIMIT 1",
    [SQL_SIZE] = "SELECT page_count, page_size, freelist_count FROM pragma_page_count,"
                 " pragma_page_size, pragma_freelist_count",

    [SQL_UNKNOWN_SUMS] = "SELECT count(*), ifnull(sum(size), 0), ifnull(sum(deliveries), 0)"
                         " FROM unknown",
    [SQL_UNKNOWN_ADD] = "INSERT INTO unknown(id, size, deliveries) VALUES(?, ?, ?)",
    [SQL_UNKNOWN_DELETE] = "DELETE FROM unknown WHERE id = ? RETURNING size, deliveries",
    [SQL_UNKNOWN_ONE] = "SELECT n.delivery, n.deliveries FROM unknown u JOIN notification n"
                        " ON n.id = u.id WHERE u.id = ?",
    [SQL_UNKNOWN_NEXT] = "SELECT id FROM unknown WHERE id > ? ORDER BY id LIMIT 1",
    [SQL_UNKNOWN_LOAD] = "SELECT n.queue, n.message_id, n.sent, b.bytes, b.raw, b.seal"
                         " FROM notification n JOIN body b ON b.id = n.id WHERE n.id = ?",
    [SQL_UNKNOWN_SCAN] = "SELECT u.id, n.received, n.delivery, n.deliveries FROM unknown u"
                         " CROSS JOIN notification n ON n.id = u.id ORDER BY u.id",

    [SQL_FORGOTTEN] = "SELECT time FROM forgotten WHERE hash = ?",
    [SQL_FORGOTTEN_ADD] = "INSERT INTO forgotten(hash, time) VALUES(?, ?)"
                          " ON CONFLICT DO UPDATE SET time = excluded.time",
    [SQL_FORGOTTEN_PRUNE] = "DELETE FROM forgotten WHERE time < ?",
    [SQL_ORDER_SCAN] = "SELECT id, delivery, deliveries FROM notification WHERE id > ? AND id <= ?"
                       " AND order_id = ? ORDER BY id LIMIT ?",
    [SQL_NOTIFICATION_IDS] = "SELECT nid, order_id, message_id, payload FROM notification"
                             " WHERE id = ?",
    [SQL_NOTIFICATION_FORGET] = "UPDATE notification SET nid = ?2, order_id = ?3, message_id = ?4,"
                                " payload = ?5 WHERE id = ?1",
    [SQL_DELIVERY_FORGET] = "UPDATE delivery SET lane = NULL, error = NULL WHERE id = ?",
    [SQL_FACTS_FORGET] = "UPDATE fact SET value = replace(value, ?1, ?2) WHERE instr(value, ?1)"
                         " AND (section = 'alarm' OR key = 'last_error')",

    [SQL_SUBSCRIPTION] = "SELECT seller FROM subscription WHERE id = ?",
    [SQL_SUBSCRIPTIONS] = "SELECT id, seller, type, gone FROM subscription ORDER BY id",
    [SQL_SUBSCRIPTION_COUNT] = "SELECT count(*) FROM subscription",
    [SQL_SUBSCRIPTION_PUT] = "INSERT INTO subscription(id, seller, type, gone) VALUES(?, ?, ?, 0)"
                             " ON CONFLICT DO UPDATE SET seller = excluded.seller,"
                             " type = excluded.type, gone = 0",
    [SQL_SUBSCRIPTION_END] = "UPDATE subscription SET gone = ? WHERE id = ? AND gone = 0",
    [SQL_SUBSCRIPTION_END_OTHERS] = "UPDATE subscription SET gone = ? WHERE seller = ? AND type = ?"
                                    " AND id <> ? AND gone = 0",
    [SQL_SUBSCRIPTION_PRUNE] = "DELETE FROM subscription WHERE gone > 0 AND gone < ? RETURNING id",

    [SQL_SEALS] = "SELECT id, key FROM seal ORDER BY id",
    [SQL_SEAL_ADD] = "INSERT INTO seal(key) VALUES(?)",
    [SQL_SEAL_DELETE] = "DELETE FROM seal WHERE id = ?",
    [SQL_SEALED_PREFIX] = SEALED_ROWS("prefix", "NULL", KIND_PREFIX),
    [SQL_SEALED_BODY] = SEALED_ROWS("body", "raw", KIND_BODY),
    [SQL_SEALED_ANSWER] = SEALED_ROWS("answer", "NULL", KIND_ANSWER),
    [SQL_OTHER_PREFIX] = OTHER_ROWS("prefix", "NULL", KIND_PREFIX),
    [SQL_OTHER_BODY] = OTHER_ROWS("body", "raw", KIND_BODY),
    [SQL_OTHER_ANSWER] = OTHER_ROWS("answer", "NULL", KIND_ANSWER),
    [SQL_PREFIX_RESEAL] = "UPDATE prefix SET bytes = ?2, seal = ?4 WHERE id = ?1",
    [SQL_BODY_RESEAL] = "UPDATE body SET bytes = ?2, raw = ?3, seal = ?4 WHERE id = ?1",
    [SQL_ANSWER_RESEAL] = "UPDATE answer SET bytes = ?2, seal = ?4 WHERE id = ?1",
    [SQL_PREFIX_LAST] = "SELECT ifnull(max(id), 0) FROM prefix",
    [SQL_BODY_LAST] = "SELECT ifnull(max(id), 0) FROM body",
    [SQL_ANSWER_LAST] = "SELECT ifnull(max(id), 0) FROM answer",
};
