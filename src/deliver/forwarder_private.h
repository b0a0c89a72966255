/* SPDX-License-Identifier: MIT */
#ifndef SRC_DELIVER_FORWARDER_PRIVATE_H
#define SRC_DELIVER_FORWARDER_PRIVATE_H

#include "deliver/access_token.h"
#include "deliver/breaker.h"
#include "deliver/forwarder.h"
#include "deliver/pace.h"
#include "deliver/ramp.h"
#include "second_chance.h"
#include "webhook/outcome.h"
#include "webhook/request.h"

/* One claim on its way: it waits for a slot, then its request is under way. Owned by the list of
 * the forwarder that it is in. */
struct attempt {
    struct forwarder *forwarder;
    struct claim claim;
    struct http_slot *slot; /* NULL: not sent yet */
    uint64_t started_usec;  /* trusted time */
    uint64_t started_boot_usec;
    bool probe;
    bool suspect;   /* it is known to fail while others do not */
    bool late;      /* under way for much longer than others: it holds no slot of theirs */
    uint64_t token; /* serial of the access token that it was sent with */
    bool second;    /* a second chance: it counts, whatever its outcome */
    struct attempt *next, **link; /* the list it is in; link points at the pointer to it */
};

/* Attempts in the order in which they are sent. */
struct attempt_queue {
    struct attempt *first, **tail;
    unsigned count;
};

/* Lanes whose last answers were throttling, with their number in a row. If there are more lanes,
 * the oldest are forgotten; their count starts from 0 again. */
#define THROTTLES_MAX 64U
struct throttles {
    struct {
        int64_t lane;
        unsigned count;
    } rows[THROTTLES_MAX];
    unsigned next; /* the row that is used next */
};

/* The most suspects that wait for a slot. While there are as many, no more retries are claimed. */
#define SUSPECTS_MAX 64U

/* Each struct below is owned by the file that is named with it. Other files call the functions of
 * that file, and do not touch the members. */

/* forwarder_attempts.c: the claims in memory that are not under way. */
struct attempts {
    struct attempt *claimed; /* by the turn under way: not on disk yet */
    unsigned n_claimed;
    struct attempt_queue queued, suspects; /* on disk, waiting for a slot */
    struct attempt *spare;                 /* attempts to use again */
    size_t bytes;                          /* of all bodies in memory, also those under way */
};

/* forwarder_slots.c: the requests under way. */
struct slots {
    struct attempt *sending;
    unsigned n_sending, n_suspects, n_late;
    uint64_t look_usec;   /* boot clock; when to look for late requests; 0: not needed */
    uint64_t answer_usec; /* running mean of the answer time; 0: no answer yet */
};

/* forwarder_claims.c: what the store holds for the next claims. */
struct backlog {
    bool more;         /* some deliveries in the store may be due now */
    uint64_t due_usec; /* the store's clock of delays; when more are due; 0: not known */
    bool unwitnessed;  /* the turn under way found no witness against a streak */
};

/* forwarder_pending.c: decisions that follow from answers. The next turn writes them. */
struct pending {
    int64_t forgive[BREAKER_STREAK_MAX];
    bool forgive_refusal[BREAKER_STREAK_MAX];
    size_t n_forgive;
    bool pause;  /* 410 */
    bool hasten; /* the breaker closed: deliveries that waited for the destination are due now */
    bool hurry;  /* the destination has changed or is repaired: nothing waits any longer */
    bool hurry_more; /* hurry takes another turn */
};

/* forwarder_pause.c: the pause of the webhook, by an operator or by 410. */
struct pause {
    uint64_t since_usec;    /* trusted time, by the store; 0: not paused */
    bool gone;              /* by 410, not by an operator */
    bool known;             /* the store has been asked */
    uint64_t reported_usec; /* the since_usec that was reported */
};

/* forwarder_decisions.c: an operator's request to try again, from another process. */
struct retry_watch {
    bool look;  /* there may be a new one */
    char *last; /* STORE_RETRIED as last seen; NULL: none */
    bool known; /* it has been read once */
};

/* forwarder_token.c: the access token, if the webhook wants one. */
struct token_state {
    struct access_token token;
    bool wanted;        /* a delivery is due and there is no token: ask for one after the commit */
    struct error error; /* as last reported; ERROR_NONE: there is a token */
    uint64_t failed_usec; /* boot clock; since when the error lasts */
};

/* forwarder_facts.c: facts for status. */
struct facts {
    bool urgent; /* some have changed that are written at once */
    bool dirty;  /* others have changed: they are written now and then */
    uint64_t written_boot_usec;
    uint64_t success_usec; /* trusted time of the last 2xx */
    char last_error[256];
    uint64_t last_error_usec;
};

/* forwarder.c: the timer for due deliveries, the breaker's probe, and the pace. */
struct wakeup {
    sd_event_source *timer;
    bool awaits_pace;    /* the timer is set only for the turn of the next request */
    uint64_t armed_usec; /* boot clock; the time that the timer is set to, 0: off */
};

struct forwarder {
    /* Set by forwarder_new, then constant. */
    sd_event *event;
    struct http *http;
    struct turn *turn;
    int64_t webhook;
    char *name, *url;
    struct webhook_keys keys;
    struct webhook_auth auth;
    const struct http_transport *transport;
    struct success_rule success;
    struct webhook_tally *tally; /* own_tally if nobody counts */
    struct webhook_tally own_tally;
    size_t answer_limit; /* bytes of an answer that are read */
    unsigned max_attempts;
    uint64_t timeout_usec;
    struct schedule schedule;
    struct pace_limit pace_limit;
    int64_t destination;

    /* Set by forwarder.c. */
    bool stopping;
    bool replaced; /* a later config sends to another destination: retries do not wait */
    bool followed; /* by the forwarder of a later config, which reports from now on */
    struct webhook_headers headers; /* of the request being built; kept for its memory */

    /* Values with files of their own. */
    struct breaker breaker;
    struct ramp ramp;
    struct pace pace;
    struct throttles throttles;
    struct second_chance second_chances;

    struct attempts attempts;
    struct slots slots;
    struct backlog backlog;
    struct pending pending;
    struct pause pause;
    struct retry_watch retry_watch;
    struct token_state token;
    struct facts facts;
    struct wakeup wakeup;
};

/* forwarder_attempts.c */

void attempts_init(struct attempts *attempts);
/* Free all of them. */
void attempts_clear(struct attempts *attempts);
/* Return an empty attempt, a used one if there is any. End it with attempts_end. */
struct attempt *attempts_new(struct attempts *attempts);
/* Add an attempt with its claim at the head of the claimed ones, which own it then. */
void attempts_add_claimed(struct attempts *attempts, struct attempt *attempt);
/* Return the first claimed attempt; NULL: there is none. */
const struct attempt *attempts_first_claimed(const struct attempts *attempts);
/* Take out and return the first claimed attempt; NULL: there is none. */
struct attempt *attempts_take_claimed(struct attempts *attempts);
/* Put an attempt at the end of the queue that it belongs to, which owns it then. */
void attempts_enqueue(struct attempts *attempts, struct attempt *attempt);
/* Take the first attempt, or the first suspect, out of its queue and return it; NULL: there is
 * none. */
struct attempt *attempts_dequeue(struct attempts *attempts, bool suspect);
/* End all attempts that wait for a slot. */
void attempts_drop_queued(struct attempts *attempts);
/* Clear the claim of an attempt that is in no list, and keep the attempt for attempts_new. */
void attempts_end(struct attempts *attempts, struct attempt *attempt);
/* Return the first attempt of a queue, and the numbers of attempts and of bytes. */
const struct attempt *attempts_first_queued(const struct attempts *attempts);
const struct attempt *attempts_first_suspect(const struct attempts *attempts);
unsigned attempts_claimed(const struct attempts *attempts);
unsigned attempts_queued(const struct attempts *attempts);
unsigned attempts_suspects(const struct attempts *attempts);
size_t attempts_bytes(const struct attempts *attempts);
/* Whether attempts wait for a slot. */
bool attempts_wait(const struct attempts *attempts);

/* Put an attempt at the head of a list, which owns it then. */
void attempt_push(struct attempt **list, struct attempt *attempt);
/* Take an attempt out of its list. */
void attempt_unlink(struct attempt *attempt);
/* Cancel the requests of all attempts of a list, and free the attempts. */
void attempt_free_list(struct attempt *list);

/* throttles.c: count a throttled answer of the lane; return how many there were in a row. */
unsigned throttles_add(struct throttles *throttles, int64_t lane);
/* throttles.c: end the row of the lane, after any other answer. */
void throttles_end(struct throttles *throttles, int64_t lane);

/* forwarder_slots.c */

/* Whether the pace allows a request now. */
bool forwarder_has_turn(const struct forwarder *f);
/* Return how many requests may be under way: the limit of the ramp, and the late requests beside
 * it, but never more than the webhook's concurrency. */
unsigned forwarder_slots(const struct forwarder *f);
/* Return the number of claims that may wait in memory for a slot. */
unsigned forwarder_ahead(const struct forwarder *f);
/* Whether all slots are taken, and a late request would make room for one more. */
bool forwarder_waits_for_late(const struct forwarder *f);
/* Return when to look for late requests (boot clock). */
uint64_t forwarder_late_look_usec(struct forwarder *f, uint64_t boot_usec);
/* If it is time to look for late requests, mark them. Return whether it was. */
bool forwarder_mark_late(struct forwarder *f, uint64_t boot_usec);
/* Whether a delivery failed before although others arrived. All of those suspects together hold at
 * most a quarter of the slots. */
bool forwarder_suspects(const struct forwarder *f, const struct claim *claim);
/* Take the next attempt to send out of its queue and return it; NULL: none may be sent. */
struct attempt *forwarder_next(struct forwarder *f);
/* The request of an attempt begins: put it into the list of requests under way. */
void slots_take(struct slots *slots, struct attempt *attempt);
/* The request of an attempt has ended, after this time: take it out of the list. */
void slots_give(struct slots *slots, struct attempt *attempt, uint64_t duration_usec);
/* Return the first request under way, and their number. */
const struct attempt *slots_first(const struct slots *slots);
unsigned slots_sending(const struct slots *slots);
/* Continue with the answer time of an older forwarder. */
void slots_take_over(struct slots *slots, const struct slots *other);
/* Cancel all requests under way. */
void slots_clear(struct slots *slots);

/* forwarder_claims.c */

/* Whether nothing is to be sent now: the forwarder stops, it is paused or about to be, the breaker
 * is not closed, or the webhook rests. This changes only between turns: if a turn gives claims
 * back, its end drops them. */
bool forwarder_is_silent(const struct forwarder *f);
/* Return the number of deliveries in memory, without the suspects that wait. */
unsigned forwarder_have(const struct forwarder *f);
/* Return the number of further claims that fit into memory now. */
unsigned forwarder_wants(const struct forwarder *f);
/* Deliveries in the store may be due now. */
void backlog_expect(struct backlog *backlog);
/* Whether deliveries in the store may be due now. */
bool backlog_is_expected(const struct backlog *backlog);
/* Return when more deliveries are due (the store's clock of delays); 0: not known. */
uint64_t backlog_due_usec(const struct backlog *backlog);
/* Whether the turn found no witness against a streak, and forget that. */
bool backlog_take_unwitnessed(struct backlog *backlog);

/* forwarder_pending.c */

/* Forgive the deliveries of the breaker's streak. */
void pending_forgive(struct pending *pending, const struct breaker *breaker);
/* Pause the webhook, because it answered 410. */
void pending_pause(struct pending *pending);
bool pending_is_pause(const struct pending *pending);
/* Make deliveries due that waited for the destination; make all deliveries due. */
void pending_hasten(struct pending *pending);
void pending_hurry(struct pending *pending);
/* Write the decisions. 0, or the result of the store's verb. */
int pending_write(struct pending *pending, struct store *store, int64_t webhook);
/* They are committed: forget them. Return whether the hurry needs another turn. */
bool pending_done(struct pending *pending);

/* forwarder_pause.c */

/* Read the pause from the store. 0, or the result of the store's verb. */
int forwarder_read_pause(struct forwarder *f, struct store *store);
/* Report the pause or its end, unless that was reported. Return whether it was reported now. */
bool forwarder_report_pause(struct forwarder *f);
bool pause_is_on(const struct pause *pause);
/* Whether it is by 410. True also if the store was not asked yet. */
bool pause_is_gone(const struct pause *pause);

/* forwarder_decisions.c */

/* The turn is committed, and the decisions with it: report a pause or its end. */
void forwarder_decided(struct forwarder *f);
/* Forget the receiver's answers so far. The next turn ends all waits. */
void forwarder_hurry(struct forwarder *f);
/* Another process may have asked for a retry: look with the next turn. */
void retry_watch_look(struct retry_watch *watch);
void retry_watch_clear(struct retry_watch *watch);

/* forwarder_facts.c */

/* Write the facts with the next turn; write them now and then. */
void facts_hurry(struct facts *facts);
void facts_change(struct facts *facts);
bool facts_wait(const struct facts *facts);
/* Note a success, or an error, at this time (trusted). */
void facts_success(struct facts *facts, uint64_t usec);
void facts_error(struct facts *facts, const char *reason, uint64_t usec);
uint64_t facts_success_usec(const struct facts *facts);
/* Return the last error, "": none. It belongs to the facts. */
const char *facts_last_error(const struct facts *facts);
/* Continue with the last success and the last error of an older forwarder. */
void facts_take_over(struct facts *facts, const struct facts *other);

/* forwarder_token.c */

/* Whether a request can be sent now. If a token is wanted and there is none, ask for one. */
bool token_authorize(struct token_state *token);
bool token_is_good(const struct token_state *token);
bool token_is_asked(const struct token_state *token);
uint64_t token_serial(const struct token_state *token);
/* A delivery is due: ask for a token after the commit. */
void token_want(struct token_state *token, bool wanted);
/* After the commit: ask for a token if the claims needed one. */
void token_ask_if_wanted(struct token_state *token, bool stopping);
/* Whether the answer is a 401 to an access token that is now replaced. */
bool token_replaces(struct token_state *token, const struct attempt *attempt,
                    const struct http_answer *answer);
/* The token endpoint has answered (NULL: with a token): report a change. */
void token_report(struct token_state *token, const char *webhook, const struct error *error);
uint64_t token_overdue_usec(const struct token_state *token);
void token_follow(struct token_state *token, const struct token_state *other);
void token_init(struct token_state *token, const struct access_token_options *options);
void token_end(struct token_state *token);

/* forwarder_verdict.c: judge the meaning of an answer for delivery, breaker and ramp, and hand the
 * settle to the turn. */
void forwarder_judge(struct forwarder *f, struct attempt *attempt, struct http_answer *answer);

/* forwarder_verdict.c: make a claim whose body does not open a dead letter, and end the attempt. */
void forwarder_bury(struct forwarder *f, struct attempt *attempt);

/* forwarder_verdict.c: the streak stands, because there is no witness against it: open the breaker.
 */
void forwarder_no_witness(struct forwarder *f);

/* forwarder_verdict.c: charge the destination with a fault without a request, because there is no
 * token to send with. */
void forwarder_cannot_send(struct forwarder *f, const struct error *error);

#endif
