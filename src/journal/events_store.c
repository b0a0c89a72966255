/* SPDX-License-Identifier: MIT */
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

void event_store_failed(const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_FAILED))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "the store failed, so the daemon ends: %s. Messages that are not stored yet stay "
                "in SQS",
                why);
}

void event_store_keyless(const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_KEYLESS))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "the bodies in the store cannot be opened, so the daemon does not start: %s. Put "
                "the key that fits into [store] encrypt_bodies (behind a new one, with a comma), "
                "or run: dockbell store reseal --old-key=credential:NAME",
                why);
}

void event_store_lost(const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_LOST))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "the store has lost its place while it was in use: %s. Nothing is received or "
                "deleted from SQS any more; Dockbell saves what it has and ends",
                why);
}

void event_store_saved(const char *database, uint64_t waiting, const char *next)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_SAVED))
        return;
    record_string(&record, FIELD_FILE, database);
    record_number(&record, FIELD_COUNT, (int64_t)waiting);
    record_string(&record, FIELD_REASON, next);
    if (database)
        record_send(&record, "everything that the store held is in %s (%s): %s", database,
                    words_count(waiting, "delivery waits", "deliveries wait").text, next);
    else
        record_send(&record,
                    "the store cannot be read any more (%s in it), so nothing of it could be "
                    "saved: %s",
                    words_count(waiting, "delivery waited", "deliveries waited").text, next);
}

void event_store_unsaved(const char *why, uint64_t waiting)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_UNSAVED))
        return;
    record_string(&record, FIELD_REASON, why);
    record_number(&record, FIELD_COUNT, (int64_t)waiting);
    record_send(&record,
                "the store cannot be saved: %s. %s only in memory and in a file that has no name: "
                "do not stop Dockbell before they are saved. Make the state directory again, or "
                "make room in it. It is tried again every 5 s",
                why, words_count(waiting, "delivery is", "deliveries are").text);
}

void event_store_full(const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_FULL))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "the disk of the store is full: %s. Nothing new is received or sent until there is "
                "room; it is tried again every 5 s",
                why);
}

void event_store_works_again(uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_WORKS_AGAIN))
        return;
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record, "the store can be written again after %s: receiving and sending go on",
                words_span(for_usec).text);
}

void event_store_locked(const char *who, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_LOCKED))
        return;
    record_string(&record, FIELD_TARGET, who);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record,
                "%s holds the write lock of the store%s%s: nothing can be stored or sent until it "
                "ends. Look for a dockbell command, a backup program or sqlite3 that uses the "
                "database (fuser -v /var/lib/dockbell/dockbell.db), and end it",
                who, for_usec ? " for " : "", for_usec ? words_span(for_usec).text : "");
}

void event_store_unlocked(uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_UNLOCKED))
        return;
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record, "the store is not locked by another process any more, after %s",
                words_span(for_usec).text);
}

void event_store_went_back(uint64_t notification, uint64_t before)
{
    struct record record;
    if (!record_begin(&record, ID_STORE_WENT_BACK))
        return;
    record_number(&record, FIELD_COUNT,
                  (int64_t)(before > notification ? before - notification : 0));
    record_send(&record,
                "the store is older than it was: its last notification is number %llu, and it has "
                "held number %llu. If you have restored a backup, this is right. Otherwise the "
                "database or its log (-wal) was lost or cut off: see operating.md, Restore. "
                "dockbell-sequence and all ids go on above the highest that were used",
                (unsigned long long)notification, (unsigned long long)before);
}

void event_disk_low(uint64_t free_bytes, uint64_t wanted_bytes)
{
    struct record record;
    if (!record_begin(&record, ID_DISK_LOW))
        return;
    record_number(&record, FIELD_FREE_BYTES, (int64_t)free_bytes);
    record_number(&record, FIELD_LIMIT, (int64_t)wanted_bytes);
    record_send(&record,
                "the disk of the store has only %s free, min_free_disk is %s: bodies of delivered "
                "notifications are removed, and receiving pauses if that is not enough. Make room, "
                "or lower keep_bodies or max_history",
                words_bytes(free_bytes).text, words_bytes(wanted_bytes).text);
}

void event_disk_enough(uint64_t free_bytes)
{
    struct record record;
    if (!record_begin(&record, ID_DISK_ENOUGH))
        return;
    record_number(&record, FIELD_FREE_BYTES, (int64_t)free_bytes);
    record_send(&record, "the disk of the store has %s free again: receiving goes on",
                words_bytes(free_bytes).text);
}

void event_backlog_high(uint64_t waiting, uint64_t limit)
{
    struct record record;
    if (!record_begin(&record, ID_BACKLOG_HIGH))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)waiting);
    record_number(&record, FIELD_LIMIT, (int64_t)limit);
    record_send(
        &record,
        "%s to be sent, at %llu (max_backlog) receiving pauses. See which webhook is behind: "
        "dockbell status",
        words_count(waiting, "delivery waits", "deliveries wait").text, (unsigned long long)limit);
}

void event_backlog_full(uint64_t waiting, uint64_t limit)
{
    struct record record;
    if (!record_begin(&record, ID_BACKLOG_FULL))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)waiting);
    record_number(&record, FIELD_LIMIT, (int64_t)limit);
    record_send(
        &record,
        "receiving pauses: %s to be sent and max_backlog is %llu. New notifications stay in "
        "SQS, which keeps them as long as the queue's retention says (at most 14 days)",
        words_count(waiting, "delivery waits", "deliveries wait").text, (unsigned long long)limit);
}

void event_backlog_normal(uint64_t waiting)
{
    struct record record;
    if (!record_begin(&record, ID_BACKLOG_NORMAL))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)waiting);
    record_send(&record, "the backlog has shrunk to %s: receiving is not held up by it any more",
                words_count(waiting, "delivery", "deliveries").text);
}

void event_history_kept(const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_HISTORY_KEPT))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record, "old deliveries are kept instead of removed for now: %s", why);
}
