/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_RECORD_H
#define JOURNAL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "journal/fields.h"
#include "journal/ids.h"

/*
 * One entry of the journal while it is made: fields first, then the sentence, which sends it.
 *
 *     struct record record;
 *     if (!record_begin(&record, ID_QUEUE_SILENT))
 *         return;
 *     record_string(&record, FIELD_QUEUE, queue);
 *     record_send(&record, "queue %s: ...", queue);
 *
 * If stderr is connected to the journal ($JOURNAL_STREAM, systemd.exec(5)), the entry goes to the
 * journal. Else the sentence alone goes to stderr as one line, after its level. Values and sentence
 * may hold foreign text: it is escaped here.
 */

/* Fields of one entry, and bytes taken from one value and from one sentence. */
#define RECORD_FIELDS_MAX   20
#define RECORD_VALUE_MAX    1024
#define RECORD_SENTENCE_MAX 2048

struct record {
    enum journal_id id;
    enum event_level level; /* that of the event's row, unless its function sets another */
    bool unwanted;          /* less urgent than events that are sent: only for the listener */
    bool audit;             /* goes to the journal even if stderr does not, and never to stderr */
    struct text values;     /* "NAME=value" one after the other, each with its NUL */
    size_t starts[RECORD_FIELDS_MAX];
    size_t n_fields;
};

/* Begin an entry. False: nobody wants the event; nothing was allocated and the record must not be
 * used. */
bool record_begin(struct record *record, enum journal_id id);

/* The same for an entry with a level of its own. */
bool record_begin_at(struct record *record, enum journal_id id, enum event_level level);

/* Add a field; NULL leaves it out. More than RECORD_FIELDS_MAX fields are a bug and abort. */
void record_string(struct record *record, enum journal_field field, const char *value);
void record_number(struct record *record, enum journal_field field, int64_t value);

/* Return a field's value as it was added (escaped), or NULL. Borrowed until the next field is
 * added. */
const char *record_field(const struct record *record, enum journal_field field);

/* Add the known fields of a subject. */
void record_subject(struct record *record, const struct event_subject *subject);

/* Add kind, status and code of an error, and its text as the reason. */
void record_error(struct record *record, const struct error *error);

/* Set the listener, which gets all events in the table of alarms (journal/alarms.h), also those
 * that are below the level or held back. It is called inside record_send, with the escaped
 * sentence. One at a time; NULL: none. It must send no event itself. */
typedef void (*record_listener_fn)(const struct record *record, const char *sentence,
                                   void *userdata);
void record_listen(record_listener_fn listener, void *userdata);

/* Send the entry with its sentence, unless too many of the kind came (journal/storm.h), and free
 * the memory of the record. */
void record_send(struct record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
