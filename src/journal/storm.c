/* SPDX-License-Identifier: MIT */
#include "storm.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "journal/events.h"
#include "put.h"
#include "story.h"
#include "words.h"

/* The events that may come with every message, call or attempt, and the field that separates their
 * counts. The story of single orders (accepted, delivered) has a limit of its own (story.h). */
static const struct {
    enum journal_id id;
    enum journal_field by;
} limited[] = {
    {ID_UNREADABLE, FIELD_QUEUE},
    {ID_ID_CONFLICT, FIELD_QUEUE},
    {ID_UNKNOWN_SELLER, FIELD_QUEUE},
    {ID_UNKNOWN_RELEASED, FIELD_QUEUE},
    {ID_DAMAGED, FIELD_QUEUE},
    {ID_DELETE_FAILED, FIELD_QUEUE},
    {ID_CLIENT_SECRET_LEFT, FIELD_QUEUE},
    {ID_RECEIVE_FAILED, FIELD_QUEUE},
    {ID_RECEIVE_WORKS_AGAIN, FIELD_QUEUE},
    {ID_REVIVED, FIELD_QUEUE},
    {ID_REFUSED, FIELD_WEBHOOK},
    {ID_DEAD, FIELD_WEBHOOK},
    {ID_EXPIRED, FIELD_WEBHOOK},
    {ID_BREAKER_OPENED, FIELD_WEBHOOK},
    {ID_BREAKER_CLOSED, FIELD_WEBHOOK},
    {ID_REGISTERED, FIELD_TYPE},
    {ID_REGISTRATION_DIFFERS, FIELD_TYPE},
    {ID_REGISTRATION_FAILED, FIELD_TYPE},
};

/* Longest quoted sentence. */
#define LAST_MAX 400

struct slot {
    enum journal_id id;
    enum event_level level;
    enum journal_field by;
    char *subject;       /* NULL: none named */
    uint64_t since_usec; /* boot clock: start of the interval */
    unsigned sent;       /* in this interval, or STORM_FIRST if counting continues */
    unsigned held;       /* not sent; will be reported as a count */
    char last[LAST_MAX]; /* sentence of the last of them */
};

static struct slot *slots[STORM_SLOTS];
static size_t n_slots;
static sd_event_source *timer;

void event_repeated(const char *event, enum event_level level, const char *queue,
                    const char *webhook, unsigned more, uint64_t within_usec, const char *last)
{
    struct record record;
    if (!record_begin_at(&record, ID_REPEATED, level))
        return;
    record_string(&record, FIELD_REPEATED, event);
    record_string(&record, FIELD_QUEUE, queue);
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_number(&record, FIELD_COUNT, more);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)within_usec);
    record_string(&record, FIELD_REASON, last);
    record_put(&record, "%s more of the event %s within %s, not told one by one. The last: %s",
               words_count(more, "message", "messages").text, event, words_span(within_usec).text,
               last);
}

static void tell(struct slot *slot, uint64_t boot_usec)
{
    event_repeated(journal_id(slot->id)->name, slot->level,
                   slot->by == FIELD_QUEUE ? slot->subject : NULL,
                   slot->by == FIELD_WEBHOOK ? slot->subject : NULL, slot->held,
                   boot_usec - slot->since_usec, slot->last);
    slot->held = 0;
}

static void drop(size_t i)
{
    free(slots[i]->subject);
    free(slots[i]);
    slots[i] = slots[--n_slots];
}

/* End the intervals that are over. If events were held back, send their count and continue
 * counting; otherwise free the slot. */
static void end_intervals(uint64_t boot_usec)
{
    for (size_t i = n_slots; i-- > 0;) {
        struct slot *slot = slots[i];
        if (boot_usec - slot->since_usec < STORM_INTERVAL_USEC)
            continue;
        if (!slot->held) {
            drop(i);
            continue;
        }
        tell(slot, boot_usec);
        slot->since_usec = boot_usec;
        slot->sent = STORM_FIRST;
    }
}

/* Set the timer for the next count. It runs only while there is one to report. */
static void arm(uint64_t boot_usec)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < n_slots; i++) {
        uint64_t end = slots[i]->since_usec + STORM_INTERVAL_USEC;
        next = slots[i]->held && end < next ? end : next;
    }
    if (next == UINT64_MAX) {
        sd_event_source_set_enabled(timer, SD_EVENT_OFF);
        return;
    }
    sd_event_source_set_time(timer, next > boot_usec ? next : boot_usec);
    sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    uint64_t boot = clock_boot_usec();
    (void)source, (void)usec, (void)userdata;
    end_intervals(boot);
    arm(boot);
    return 0;
}

static struct slot *find(enum journal_id id, const char *subject)
{
    for (size_t i = 0; i < n_slots; i++)
        if (slots[i]->id == id && text_equal(slots[i]->subject, subject))
            return slots[i];
    return NULL;
}

static struct slot *add(const struct record *record, enum journal_field by, uint64_t boot_usec)
{
    if (n_slots == STORM_SLOTS)
        return NULL;
    struct slot *slot = slots[n_slots++] = NEW(struct slot);
    slot->id = record->id;
    slot->level = record->level;
    slot->by = by;
    slot->subject = memory_string(record_field(record, by));
    slot->since_usec = boot_usec;
    return slot;
}

static bool holds(const struct record *record, enum journal_field by, const char *sentence)
{
    uint64_t boot = clock_boot_usec();
    end_intervals(boot);
    struct slot *slot = find(record->id, record_field(record, by));
    if (!slot)
        slot = add(record, by, boot);
    if (!slot || slot->sent++ < STORM_FIRST)
        return false;
    slot->sent = STORM_FIRST;
    text_copy(slot->last, sizeof(slot->last), sentence);
    if (slot->held++ == 0)
        arm(boot);
    return true;
}

bool storm_holds(const struct record *record, const char *sentence)
{
    for (size_t i = 0; timer && i < ELEMENTS(limited); i++)
        if (limited[i].id == record->id)
            return holds(record, limited[i].by, sentence);
    return false;
}

int events_attach(sd_event *event)
{
    int r =
        sd_event_add_time_relative(event, &timer, CLOCK_BOOTTIME, 0, USEC_PER_SEC, on_timer, NULL);
    return r < 0 ? r : sd_event_source_set_enabled(timer, SD_EVENT_OFF);
}

void events_detach(void)
{
    uint64_t boot = clock_boot_usec();
    for (size_t i = 0; i < n_slots; i++)
        if (slots[i]->held)
            tell(slots[i], boot);
    while (n_slots)
        drop(n_slots - 1);
    story_end();
    timer = sd_event_source_disable_unref(timer);
}
