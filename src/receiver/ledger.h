/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVER_LEDGER_H
#define SRC_RECEIVER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The receiver's memory of all requests: the ids and their bytes, the lanes with a request in
 * flight, and the time of the newest delivered event of a lane. These are hash tables that grow.
 * Keys are 64-bit hashes, which are good enough to count millions.
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
    uint64_t last_unique_usec;    /* when the last new id came */
    uint64_t last_delivered_usec; /* when the last id was first answered 2xx */
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

/* The faults of a request, as a set. */
enum {
    LEDGER_OVERLAP = 1 << 0,  /* its lane had a request in flight */
    LEDGER_SEQUENCE = 1 << 1, /* its number is not above all earlier ones of its lane */
    LEDGER_CHANGED = 1 << 2,  /* a repeat with other bytes */
    LEDGER_UNEXCUSED =
        1 << 3, /* a repeat of an id that was answered 2xx, and the sender was not killed */
};

/* The data from ledger_begin that ledger_end needs. */
struct ledger_ticket {
    uint64_t id;
    uint64_t lane; /* 0: none */
    uint64_t kind; /* lane and type; 0: none */
    uint64_t event_usec;
    unsigned faults; /* LEDGER_... */
    bool repeat;
};

/* Make an empty ledger. ledger_free ends it; NULL is fine. */
struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);

/* Record a request that has come. */
struct ledger_ticket ledger_begin(struct ledger *ledger, const struct ledger_request *request);

/* Record the answer to it. Status 0: the connection closed without an answer. */
void ledger_end(struct ledger *ledger, const struct ledger_ticket *ticket, int status);

/* Record that the sender was killed. It may not know the answers that it got so far, and may repeat
 * their requests. */
void ledger_sender_killed(struct ledger *ledger);

/* Record a wrong signature. */
void ledger_bad_signature(struct ledger *ledger);

/* Return the counts so far. */
struct ledger_counts ledger_counts(const struct ledger *ledger);

#endif
