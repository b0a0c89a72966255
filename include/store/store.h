/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "store/delivery.h"
#include "webhook/format.h"

/*
 * The store: accepted notifications, their deliveries, and the state of these. Its interface is
 * verbs, not SQL; SQLite is behind them (WAL, synchronous=FULL, facts in docs/decisions). Every
 * verb below works inside a transaction that the caller opened (store_begin .. store_commit).
 * Nothing that a verb returns is certain before the commit has returned.
 *
 * Verbs return 0, a positive enum store_result, or a negative errno for unexpected failures.
 */
struct store;

enum store_result {
    STORE_BUSY = 1,        /* another process writes; no fault, try in the next turn */
    STORE_FULL = 2,        /* disk or quota is full; rolled back, nothing half done */
    STORE_MISSING = 3,     /* there is no database here, and this mode does not create one */
    STORE_NEWER = 4,       /* a later version of the program wrote it */
    STORE_CORRUPT = 5,     /* not a database, or damaged */
    STORE_READONLY = 6,    /* the file or its directory cannot be written */
    STORE_NOT_FOUND = 7,   /* no row of that id or name */
    STORE_IN_FLIGHT = 8,   /* the daemon is sending the delivery now */
    STORE_UNFIT = 9,       /* the state of the delivery does not allow that */
    STORE_FAILED = 10,     /* any other failure of SQLite; the process should end */
    STORE_SUPERSEDED = 11, /* done, but a newer state of the order is sent in its place */
    STORE_LOST = 12,       /* the open file is not the one at its path any more (store/place.h) */
    STORE_OLDER = 13,      /* an earlier version wrote it, and this opener does not migrate it */
    STORE_KEYLESS = 14,    /* a value is sealed with a key that is not at hand (store/keys.h) */
    STORE_DAMAGED = 15,    /* a sealed value does not open */
};

enum store_mode {
    STORE_DAEMON,  /* creates and migrates; waits 50 ms for a lock */
    STORE_COMMAND, /* never creates or migrates; waits 10 s */
    STORE_READER,  /* like COMMAND, writes nothing */
};

/* The name of the file in the state directory. */
#define STORE_FILE "dockbell.db"

/* Open directory/STORE_FILE. Page cache 8 MiB. On failure *error holds the reason and names the
 * file. store_free closes it; NULL is fine. */
int store_open(struct store **ret, const char *directory, enum store_mode mode,
               struct error *error);
void store_free(struct store *store);

/* Return why the last verb failed, for people: file, SQLite's words. Valid until the next verb. */
const char *store_why(const struct store *store);

/* Begin, commit or roll back a transaction. */
int store_begin(struct store *store);  /* IMMEDIATE for writers, a snapshot for readers */
int store_commit(struct store *store); /* on failure the transaction is rolled back already */
void store_rollback(struct store *store);

/* Whether another process has committed since the last call. To be called inside a transaction. */
bool store_changed_elsewhere(struct store *store);

/* Move pages from the log into the database; between transactions, never inside one. It does
 * nothing while the log is short, so it may follow every commit. */
int store_checkpoint(struct store *store);

/* Empty the log after something was removed, so that no file has its bytes any more; between
 * transactions. STORE_BUSY: another process reads the log; call it again later. If nothing was
 * removed since the last success, it does nothing. */
int store_wipe_log(struct store *store);

/* Return how often store_checkpoint moved pages since store_open. */
uint64_t store_checkpoints(const struct store *store);

/* ---- names: webhooks, sellers and queues as the config calls them, interned once ---- */

/* Mark exactly these webhooks as configured and return their ids. The others become orphans. */
int store_set_webhooks(struct store *store, const char *const names[], size_t count,
                       int64_t ret_ids[]);

/* Find the id of a webhook by its name. STORE_NOT_FOUND. */
int store_find_webhook(struct store *store, const char *name, int64_t *ret_id);

/* Set whether the webhook gets only the newest state of an order: an older state that waits becomes
 * SUPERSEDED. Holds from the next accept on, also for commands; no by default. STORE_NOT_FOUND. */
int store_set_coalesce(struct store *store, int64_t webhook, bool coalesce);

/* A delivery that a newer state has replaced. The strings are the store's, NULL: unknown. */
struct superseded {
    int64_t delivery, by;
    const char *webhook, *id, *order_id, *type, *seller;
};
/* Superseded deliveries of one transaction that are remembered at most. */
#define STORE_SUPERSEDED_MAX 1000

/* Call `each` for every delivery that the last transaction superseded; between its commit and the
 * next store_begin. STORE_DAEMON only. */
void store_each_superseded(const struct store *store,
                           void (*each)(const struct superseded *, void *), void *userdata);

/*
 * Two clocks. `now_usec` of the verbs is trusted time (base/clock.h): for ages, and for times that
 * people see. Delays run on a clock of the store's own, which follows CLOCK_BOOTTIME and continues
 * from one boot to the next, so that setting a clock delays nothing: `delay_usec`, and the next try
 * and not_before of struct settle. Lists convert those to trusted time, by the present difference.
 */

/* Return the present time of the clock of delays. Known after the first store_begin. */
uint64_t store_delay_usec(const struct store *store);

/* ---- accept ---- */

/* One delivery that a notification starts. */
struct accept_target {
    int64_t webhook; /* 0: none (filtered, unreadable, unknown seller that no webhook takes) */
    enum delivery_state state;  /* READY, HELD, FILTERED or DEAD */
    enum dead_cause cause;      /* with DEAD */
    const char *reason;         /* for HELD, DEAD and FILTERED: words for people */
    enum webhook_format format; /* of its requests, as long as it lives */
};

/* Who published a notification. */
enum accept_sender {
    SENDER_OURS,     /* one of our sellers, or Amazon for one */
    SENDER_FOREIGN,  /* unknown: it names a seller who is not configured */
    SENDER_NAMELESS, /* unknown: nothing in it identifies a seller, or it cannot be parsed */
};

/* Limits for notifications of unknown senders. Further ones are counted, or left in SQS. */
struct accept_limits {
    uint64_t count, bytes;
};

enum accept_result {
    ACCEPTED_NEW,        /* stored with its targets */
    ACCEPTED_COPY,       /* known; nothing changed */
    ACCEPTED_REVIVED,    /* known; a delivery that sending had made dead is tried again */
    ACCEPTED_REJECTED,   /* now a dead letter: unreadable, or the id came with another payload */
    ACCEPTED_OVER_LIMIT, /* of an unknown sender: counted, not stored */
    ACCEPTED_LEFT,       /* the same, not even counted: the message stays in SQS */
};

/* One notification to be stored. Everything is borrowed until `done`. */
struct accept {
    const char *id; /* dedupe key: NotificationId, else "sqs-" and the MessageId */
    unsigned char payload_sha256[SHA256_SIZE];
    const char *queue, *message_id;                           /* config's name; SQS's id */
    const char *seller;                                       /* config's name, NULL: unknown */
    const char *seller_id, *type, *order_id, *marketplace_id; /* Amazon's, NULL: none */
    bool is_state;       /* it is a state of the order: a newer one of the type replaces it */
    uint64_t event_usec; /* lane order; never 0 (SentTimestamp if there is no other) */
    uint64_t published_usec, sent_usec, received_usec; /* 0: unknown */
    const char *prefix;
    size_t prefix_size; /* of the standard body (webhook/body.h); size 0 when unreadable */
    const char *bytes;
    size_t bytes_size; /* Amazon's innermost object, or all when unreadable */
    const char *raw;
    size_t raw_size; /* the SQS body as received, only where it differs from bytes */
    bool unreadable; /* its targets are one dead letter */
    const struct accept_target *targets;
    size_t n_targets; /* at least one */

    enum accept_sender sender;
    const struct accept_limits *limits; /* NULL: none */
    bool may_leave;   /* if it is nameless and beyond the limits, it stays in SQS */
    int64_t replaces; /* id of a held one of an unknown sender that is ours after all; 0: none */
    /* For a nameless one, called inside the transaction: checks again who sent it, and may change
     * all fields above. NULL: there is nothing more to check. */
    int (*look_again)(struct accept *accept);

    enum accept_result result; /* set by the verb */
    size_t revived;            /* dead deliveries that are tried again */

    /* For turn_accept: called once, after the commit (result 0) or when the turn failed (positive
     * or negative: nothing was stored). `next` is the turn's. */
    void (*done)(struct accept *accept, int result);
    void *userdata;
    struct accept *next;
};

/* Store a notification, or recognise it as known. Counts received and accepted, duplicates,
 * rejected or over_limit. If it replaces a held one, it takes over its counts; if that one is not
 * held any more, nothing happens (ACCEPTED_COPY).
 * The lane keeps one head. A notification older than a READY head takes its place and its next try.
 * An INFLIGHT head stays. */
int store_accept(struct store *store, struct accept *accept, uint64_t now_usec);

/* ---- claim and settle ---- */

/* A delivery that was taken for sending. Strings and body are in one allocation owned by the
 * claim. */
struct claim {
    int64_t delivery;
    int64_t lane;     /* 0: none */
    unsigned attempt; /* 1 for the first */
    unsigned faults, event_faults, resend;
    uint64_t sequence; /* store-wide, rises with every claim */
    bool stale;        /* it is a state, and a strictly newer one was delivered before */
    uint64_t event_usec, received_usec, published_usec, last_attempt_usec; /* 0: none */
    const char *id, *seller, *type, *order_id, *queue;                     /* NULL: none */
    enum webhook_format format;                                            /* of the body */
    char *body;
    size_t body_size;
    bool damaged; /* its sealed body does not open: there is nothing to send, ever */
    void *owner;
};

/* Free the contents of a claim. */
void claim_clear(struct claim *claim);

struct claim_query {
    int64_t webhook;
    uint64_t now_usec; /* by the clock of delays */
    size_t first;      /* this many first attempts at most, oldest first */
    size_t retries;    /* this many due retries at most, most overdue first */
    bool first_only;   /* no retries, even if room for first attempts is left */
    bool probe; /* instead: one lane head in turn, due or not, but never before its not_before */
    int64_t avoid_lane; /* with probe: another lane than this, if there is one; 0: any */
    bool newest;        /* with probe: preferably the newest delivery that was never tried */
    bool untried;       /* with newest: that one or none */
    size_t bytes;       /* stop after this many bytes of bodies (at least one delivery is taken) */
};

/* Take due READY deliveries of a webhook: they become INFLIGHT, the attempt is counted, a sequence
 * number is given. While the webhook is paused, nothing is taken. `out` has room for first +
 * retries, or for 1. Room that first attempts leave unused is for retries, and the reverse. */
int store_claim(struct store *store, const struct claim_query *query, struct claim *out,
                size_t *ret_count);

/* Put a claim back as if it had not been taken (attempt count included). */
int store_unclaim(struct store *store, int64_t delivery, unsigned attempt, uint64_t now_usec);

/* Find when the next READY delivery of the webhook is due, by the clock of delays; 0: there is
 * none, or the webhook is paused. */
int store_next_due(struct store *store, int64_t webhook, uint64_t *ret_usec);

/* The result of an attempt. */
struct settle {
    int64_t delivery;
    unsigned attempt;
    enum delivery_state to; /* DELIVERED, READY or DEAD */
    enum dead_cause cause;
    uint64_t next_usec;       /* with READY; by the clock of delays, like the one below */
    uint64_t not_before_usec; /* a Retry-After that probes respect too; 0: none */
    unsigned faults, event_faults;
    int status;           /* HTTP status, 0: none */
    char error_class[24]; /* "" when delivered */
    char reason[256];     /* "" when delivered */
    char peer[64];
    uint64_t started_usec, duration_usec;
    char *answer;
    size_t answer_size; /* first bytes of the answer, for show; owned by the settle */
};

/* Bytes of an answer that are kept, and attempts per delivery. */
#define STORE_ANSWER_MAX   2048
#define STORE_ATTEMPTS_MAX 20

/* Record an outcome if the delivery is still INFLIGHT in that attempt (else nothing happens). If
 * the lane's head is gone, the next delivery of the lane becomes its head. A first attempt that was
 * delivered leaves no attempt row. */
int store_settle(struct store *store, const struct settle *settle, uint64_t now_usec);

/* Subtract one counted fault from a delivery (`refusal`: an event fault), because the breaker found
 * that the destination was at fault. A delivery without any is left as it is. */
int store_forgive(struct store *store, int64_t delivery, bool refusal);

/* The destination works again: READY deliveries of the webhook that wait because of a destination
 * fault (tried, no event fault, not_before passed) are due now. At most as many as were ever in
 * flight. Deliveries that an operator sends again (resend, adopt) keep their time. */
int store_hasten(struct store *store, int64_t webhook, uint64_t delay_usec);

/* Forget everything that the receiver asked for, because somebody repaired it or put another one in
 * its place: deliveries of the webhook that wait for their next try, and those behind them, are due
 * now, even if a Retry-After asked for a longer wait. Deliveries that are sent again (resend) keep
 * their time. It changes STORE_HURRY_MAX lanes at most; *ret_more: there may be others. */
#define STORE_HURRY_MAX 1000
int store_hurry(struct store *store, int64_t webhook, bool *ret_more);

/* At start: find out, by the file `numbers` beside the database, whether the numbers of the store
 * are lower than before (an older copy, a log that is gone or cut off). Then they continue above
 * the highest that were ever used: dockbell-sequence never falls and no id is used twice.
 * STORE_DAEMON only. */
struct store_step_back {
    bool happened;
    int64_t notification, notification_before; /* the last accepted one, now and then */
    int64_t sequence, sequence_before;
};
void store_step_back(struct store *store, struct store_step_back *ret);

/* At start: INFLIGHT becomes READY, due now. *ret_count: how many had an unknown outcome. */
int store_recover(struct store *store, uint64_t now_usec, size_t *ret_count);

/* ---- operators ---- */

enum operation {
    OPERATE_RETRY,   /* dead after sending, ready, behind: due now, and the counts start again */
    OPERATE_HOLD,    /* ready, behind */
    OPERATE_RELEASE, /* held */
    OPERATE_DROP,    /* ready, behind, held, dead */
    OPERATE_RESEND,  /* delivered, superseded: once more, with the same id and bytes, and counted */
};

/* Rows that one transaction of a command changes at most. */
#define STORE_OPERATE_MAX 200

/* The fact of a webhook that changes with each OPERATE_RETRY of one of its deliveries. */
#define STORE_RETRIED "retried"

/* Do an operation to a delivery. STORE_NOT_FOUND, STORE_IN_FLIGHT, or STORE_UNFIT if its state does
 * not allow it, or if a delivery should be retried or released that can never be sent (unreadable,
 * no webhook). STORE_SUPERSEDED if retry or release made it that. The clock of max_age stops while
 * it is held, and starts again with retry. */
int store_operate(struct store *store, enum operation operation, int64_t delivery,
                  uint64_t now_usec);

/* Give a delivery (ready, behind or held) of a webhook that has left the configuration to another
 * webhook. It is due there now and has the format of that webhook. STORE_NOT_FOUND,
 * STORE_IN_FLIGHT, or STORE_UNFIT if it is no orphan or is not to be sent any more.
 * STORE_SUPERSEDED as above. */
int store_adopt(struct store *store, int64_t delivery, int64_t webhook, enum webhook_format format,
                uint64_t now_usec);

/* Pause or resume a webhook. Pausing keeps everything and stops the clock of max_age. Both are fine
 * if the webhook is in that state already. `why` is in words for people; the daemon distinguishes
 * these two. */
#define STORE_PAUSED_BY_OPERATOR "paused by an operator"
#define STORE_PAUSED_GONE        "the receiver answered 410 Gone"
int store_pause(struct store *store, int64_t webhook, const char *why, uint64_t now_usec);
int store_resume(struct store *store, int64_t webhook, uint64_t now_usec);

/* Return since when the webhook is paused, as this transaction sees it; 0: it is not. *ret_why
 * lives until the next verb. It needs no query. */
uint64_t store_paused_usec(const struct store *store, int64_t webhook, const char **ret_why);

/* ---- reading ---- */

struct store_webhook {
    int64_t id;
    const char *name;
    bool configured;
    uint64_t paused_usec; /* 0: not paused */
    const char *paused_why;
    uint64_t counts[DELIVERY_STATES]; /* rows now, by stored state */
    uint64_t moves[DELIVERY_STATES];  /* into that state, by this process since store_open */
    uint64_t oldest_usec;             /* received time of its oldest open delivery; 0: none */
    uint64_t waiting_usec;            /* the same without those that are held */
    uint64_t next_usec;               /* next try of a ready one; 0: none */
};
/* Call `each` for every webhook ever seen, by name. Rows without a webhook come last, with id 0. */
int store_each_webhook(struct store *store, void (*each)(const struct store_webhook *, void *),
                       void *userdata);

/* Add to a lifetime counter ("received", "accepted", "duplicates", "rejected", ...), or read it. A
 * counter with a new name begins at 0. Deltas are written with the commit. */
void store_count(struct store *store, const char *counter, int64_t delta);
int store_counter(struct store *store, const char *counter, uint64_t *ret);

/* Keep a fact that the daemon knew of a queue, seller or webhook, so that status works while the
 * daemon is down: store_set_fact(s, "queue", "orders-eu", "last_error", "..."). NULL deletes it. */
int store_set_fact(struct store *store, const char *section, const char *name, const char *key,
                   const char *value);
int store_get_fact(struct store *store, const char *section, const char *name, const char *key,
                   char **ret_value); /* owned by the caller; NULL: none */

/* Count the deliveries to be sent: ready, inflight and behind, of all webhooks. From the counts;
 * cheap. */
int store_waiting(struct store *store, uint64_t *ret);

/* The same with held and dead ones, and without those of unknown senders. */
int store_backlog(struct store *store, uint64_t *ret);

struct list_query {
    uint32_t states;     /* bit per enum delivery_state (1U << state), ORPHANED included */
    const char *webhook; /* NULL: any */
    int64_t after;       /* ids above this */
    size_t limit;
};

struct list_row {
    int64_t id;
    const char *notification_id, *webhook, *seller, *seller_id, *type, *order_id, *queue;
    enum delivery_state state; /* ORPHANED if the delivery is an orphan */
    unsigned attempts, faults, event_faults, resend;
    uint64_t received_usec, event_usec, next_usec, done_usec;
    int status;
    enum dead_cause cause;
    int64_t superseded_by;                /* the delivery that is sent in its place; 0: none */
    const char *error_class, *last_error; /* NULL: none */
};

/* Call `each` for at most `limit` rows in id order. Row and strings live during the call. */
int store_list(struct store *store, const struct list_query *query,
               void (*each)(const struct list_row *, void *), void *userdata);

struct attempt_row {
    unsigned attempt;
    uint64_t started_usec, duration_usec;
    int status;
    const char *error_class, *reason, *peer, *answer;
    size_t answer_size;
    const char *locked; /* why the answer cannot be shown, which is there; NULL: it can */
};

struct delivery_details {
    struct list_row row;
    const char *marketplace_id, *message_id;
    uint64_t published_usec, sent_usec, last_attempt_usec, not_before_usec;
    enum webhook_format format;
    char *body;
    size_t body_size; /* as sent; NULL: removed, or unreadable */
    char *raw;
    size_t raw_size;    /* the SQS body as received; NULL: shed */
    const char *locked; /* why neither can be shown, although they are there; NULL: they can */
};

/* Show everything about one delivery. `each` gets its attempts, oldest first. The details live
 * during the call of `show`, which comes first. STORE_NOT_FOUND. */
int store_show(struct store *store, int64_t delivery,
               void (*show)(const struct delivery_details *, void *),
               void (*each)(const struct attempt_row *, void *), void *userdata);

/* Find when the newest notification was received; 0: there is none. */
int store_newest_usec(struct store *store, uint64_t *ret_usec);

/* ---- upkeep: small steps of the janitor between turns, each in its own transaction ---- */

struct expired {
    int64_t delivery;
    const char *id, *order_id, *seller;
};
/* End up to `limit` waiting deliveries of the webhook that are older than max_age; none while it is
 * paused or not configured. Each call reads a bounded number of rows, and the next one continues
 * after them. */
int store_expire(struct store *store, int64_t webhook, uint64_t now_usec, uint64_t max_age_usec,
                 size_t limit, void (*each)(const struct expired *, void *), void *userdata,
                 size_t *ret_count);

/* Count the deliveries that would expire up to now + ahead, among the STORE_EXPIRING_MAX that have
 * waited longest. */
#define STORE_EXPIRING_MAX 10000
int store_expiring(struct store *store, int64_t webhook, uint64_t now_usec, uint64_t max_age_usec,
                   uint64_t ahead_usec, uint64_t *ret_count);

/* Remove the bodies, and the kept answers, of up to `limit` notifications that are wholly done
 * (delivered, superseded, filtered or dropped, none dead) since before `before_usec`; UINT64_MAX:
 * of any that are done. Oldest first. This and store_prune_history read a bounded number of rows,
 * and the next call continues after them. The bytes are overwritten in the database; store_wipe_log
 * removes those in the log. */
int store_prune_bodies(struct store *store, uint64_t before_usec, size_t limit, size_t *ret_count);

/* Deletes up to `limit` notifications with their deliveries, attempts and dedupe keys that were
 * wholly delivered, superseded, filtered or dropped before `before_usec`. */
int store_prune_history(struct store *store, uint64_t before_usec, size_t limit, size_t *ret_count);

/* Delete rows whose bytes were removed, up to `limit` in a call, if that leaves no copy of other
 * rows behind. *ret_more: this round has not ended; call it again. */
int store_reclaim(struct store *store, size_t limit, bool *ret_more);

/* Estimate by ids how many notifications are in the store, and how many of them a prune with this
 * limit would delete in all. */
int store_prune_share(struct store *store, uint64_t before_usec, uint64_t *ret_all,
                      uint64_t *ret_due);

/* Give up to `pages` free pages back to the disk. */
int store_vacuum(struct store *store, unsigned pages);

/* Return the size of database and log in bytes, and how many of these are free for new rows. */
int store_size(struct store *store, uint64_t *ret_bytes, uint64_t *ret_free_bytes);

#endif
