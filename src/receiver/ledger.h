/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_LEDGER_H
#define RECEIVER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the receiver remembers of every request: which ids came and with what bytes, which lanes
 * have a request in flight, how new the newest delivered event of a lane is. Hash tables that grow;
 * keys are 64-bit hashes, good enough for counting millions.
 */
struct ledger;

struct ledger_counts {
    uint64_t requests;
    uint64_t unique;            /* ids seen at least once */
    uint64_t repeats;           /* requests with an id seen before */
    uint64_t repeats_after_ok;  /* of these: the id had been answered 2xx */
    uint64_t repeats_unexcused; /* of these: the sender was not killed since that answer */
    uint64_t repeats_changed;   /* repeats with other bytes than the first time */
    uint64_t bad_signatures;
    uint64_t delivered;       /* ids answered 2xx */
    uint64_t overlaps;        /* a lane's request while another of it was in flight */
    uint64_t sequence_faults; /* a lane's request whose number is not above all before it */
    uint64_t
        stale_unmarked;  /* states older than a delivered one of their lane, and not marked stale */
    uint64_t in_flight;  /* requests not answered yet */
    uint64_t first_usec; /* when the first request came */
    uint64_t last_unique_usec;    /* when the last id that was new came */
    uint64_t last_delivered_usec; /* when the last one was first answered 2xx */
};

/* One request; the strings may be NULL and are not kept. */
struct ledger_request {
    const char *id;
    const char *seller;
    const char *order;
    const char *type;
    uint64_t event_usec; /* 0: unknown */
    uint64_t sequence;   /* dockbell-sequence; 0: none */
    bool stale;          /* it carries dockbell-stale: true */
    bool is_request;     /* of a buyer: it is never stale, and makes nothing stale */
    const void *body;
    size_t body_size;
};

/* What is wrong with a request, as a set. */
enum {
    LEDGER_OVERLAP = 1 << 0,  /* its lane had a request in flight */
    LEDGER_SEQUENCE = 1 << 1, /* its number is not above all earlier ones of its lane */
    LEDGER_CHANGED = 1 << 2,  /* a repeat with other bytes */
    LEDGER_UNEXCUSED =
        1 << 3, /* a repeat of what was answered 2xx, and the sender was not killed */
};

/* What must be kept from ledger_begin to ledger_end. */
struct ledger_ticket {
    uint64_t id;
    uint64_t lane; /* 0: none */
    uint64_t kind; /* lane and type; 0: none */
    uint64_t event_usec;
    unsigned faults; /* LEDGER_... */
    bool repeat;
};

struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);

/* A request came. */
struct ledger_ticket ledger_begin(struct ledger *ledger, const struct ledger_request *request);

/* Its answer went out (or its connection closed: status 0). */
void ledger_end(struct ledger *ledger, const struct ledger_ticket *ticket, int status);

/* The sender was killed: it may not know the answers that it was given so far, and may repeat what
 * they were for. */
void ledger_sender_killed(struct ledger *ledger);

/* Its signature was wrong. */
void ledger_bad_signature(struct ledger *ledger);

struct ledger_counts ledger_counts(const struct ledger *ledger);

#endif
