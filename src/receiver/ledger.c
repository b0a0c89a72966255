/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

#define TABLE_FIRST_SIZE 4096 /* a power of two */
#define FNV_OFFSET       14695981039346656037ULL
#define FNV_PRIME        1099511628211ULL

/* The state of a key: of an id (bytes, life in which it was delivered), a lane (in flight, or its
 * last number) or a lane's type (newest). */
struct slot {
    uint64_t key; /* 0: empty */
    uint64_t value;
    uint64_t delivered; /* 0: not yet */
};

struct table {
    struct slot *slots;
    size_t size;
    size_t used;
};

struct ledger {
    struct table ids;     /* value: hash of the first body */
    struct table lanes;   /* value: requests in flight */
    struct table numbers; /* of lanes; value: the highest sequence */
    struct table kinds;   /* value: event time of the newest delivered one */
    uint64_t life;        /* of the sender, from 1 */
    struct ledger_counts counts;
};

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * FNV_PRIME;
    return hash;
}

/* Hash the string with its end, so that ("a", "bc") and ("ab", "c") differ. Never 0. */
static uint64_t hash_string(uint64_t hash, const char *string)
{
    hash = string ? hash_bytes(hash, string, strlen(string) + 1) : hash_bytes(hash, "\1", 1);
    return hash ? hash : 1;
}

static struct slot *table_find(const struct table *table, uint64_t key)
{
    size_t mask = table->size - 1, at = (key ^ key >> 29) & mask;
    while (table->slots[at].key && table->slots[at].key != key)
        at = (at + 1) & mask;
    return &table->slots[at];
}

static void table_grow(struct table *table)
{
    struct table old = *table;
    table->size = old.size ? old.size * 2 : TABLE_FIRST_SIZE;
    table->slots = memory_new(table->size * sizeof *table->slots);
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].key)
            *table_find(table, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

/* Return the key's slot; if there is none, it is made. Valid until the next call for this table. */
static struct slot *table_get(struct table *table, uint64_t key, bool *ret_new)
{
    if (table->used * 2 >= table->size)
        table_grow(table);
    struct slot *slot = table_find(table, key);
    *ret_new = slot->key == 0;
    if (*ret_new) {
        slot->key = key;
        table->used++;
    }
    return slot;
}

struct ledger *ledger_new(void)
{
    struct ledger *ledger = NEW(struct ledger);
    ledger->life = 1;
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (!ledger)
        return;
    free(ledger->ids.slots);
    free(ledger->lanes.slots);
    free(ledger->numbers.slots);
    free(ledger->kinds.slots);
    free(ledger);
}

static void note_fault(struct ledger_ticket *ticket, unsigned fault, uint64_t *count)
{
    ticket->faults |= fault;
    ++*count;
}

static void begin_id(struct ledger *ledger, struct ledger_ticket *ticket,
                     const struct ledger_request *request)
{
    struct ledger_counts *counts = &ledger->counts;
    bool fresh;
    ticket->id = hash_string(FNV_OFFSET, request->id);
    uint64_t bytes = hash_bytes(FNV_OFFSET, request->body, request->body_size);
    struct slot *slot = table_get(&ledger->ids, ticket->id, &fresh);
    ticket->repeat = !fresh;
    if (fresh) {
        slot->value = bytes;
        counts->unique++;
        counts->last_unique_usec = clock_now_usec();
        return;
    }
    counts->repeats++;
    if (slot->delivered)
        counts->repeats_after_ok++;
    if (slot->delivered == ledger->life)
        note_fault(ticket, LEDGER_UNEXCUSED, &counts->repeats_unexcused);
    if (slot->value != bytes)
        note_fault(ticket, LEDGER_CHANGED, &counts->repeats_changed);
}

static void begin_lane(struct ledger *ledger, struct ledger_ticket *ticket,
                       const struct ledger_request *request)
{
    bool fresh;
    ticket->lane = hash_string(hash_string(FNV_OFFSET, request->seller), request->order);
    ticket->kind = hash_string(ticket->lane, request->type);
    struct slot *lane = table_get(&ledger->lanes, ticket->lane, &fresh);
    if (lane->value++ > 0)
        note_fault(ticket, LEDGER_OVERLAP, &ledger->counts.overlaps);
    struct slot *number = table_get(&ledger->numbers, ticket->lane, &fresh);
    if (request->sequence && request->sequence <= number->value)
        note_fault(ticket, LEDGER_SEQUENCE, &ledger->counts.sequence_faults);
    else
        number->value = request->sequence;
    if (request->is_request) {
        ticket->kind = 0;
        return;
    }
    struct slot *kind = table_get(&ledger->kinds, ticket->kind, &fresh);
    if (request->event_usec && request->event_usec < kind->value && !request->stale)
        ledger->counts.stale_unmarked++;
}

struct ledger_ticket ledger_begin(struct ledger *ledger, const struct ledger_request *request)
{
    struct ledger_ticket ticket = {.event_usec = request->event_usec};
    ledger->counts.requests++;
    ledger->counts.in_flight++;
    if (!ledger->counts.first_usec)
        ledger->counts.first_usec = clock_now_usec();
    begin_id(ledger, &ticket, request);
    if (request->order)
        begin_lane(ledger, &ticket, request);
    return ticket;
}

void ledger_end(struct ledger *ledger, const struct ledger_ticket *ticket, int status)
{
    bool ok = status >= 200 && status < 300;
    ledger->counts.in_flight--;
    struct slot *id = table_find(&ledger->ids, ticket->id);
    if (ok && !id->delivered) {
        ledger->counts.delivered++;
        ledger->counts.last_delivered_usec = clock_now_usec();
    }
    if (ok)
        id->delivered = ledger->life;
    if (!ticket->lane)
        return;
    table_find(&ledger->lanes, ticket->lane)->value--;
    if (!ticket->kind)
        return;
    struct slot *kind = table_find(&ledger->kinds, ticket->kind);
    if (ok && ticket->event_usec > kind->value)
        kind->value = ticket->event_usec;
}

void ledger_sender_killed(struct ledger *ledger)
{
    ledger->life++;
}

void ledger_bad_signature(struct ledger *ledger)
{
    ledger->counts.bad_signatures++;
}

struct ledger_counts ledger_counts(const struct ledger *ledger)
{
    return ledger->counts;
}
