/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/memory.h"
#include "deliver/forwarder.h"
#include "ear.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "store/store.h"
#include "store/turn.h"
#include "wire/http.h"

/*
 * A world in one value: forwarders of two webhooks over a real store on a disk in memory that fails
 * when told to, a queue that brings messages more than once, and two receivers that answer in any
 * way. Time is simulated. Everything random comes from one seed.
 *
 * Beside the store stands what the test knows by itself; sim_laws.c compares the two after every
 * commit and at every request.
 */
enum {
    SIM_WEBHOOKS = 2,
    SIM_ORDERS = 8,  /* that may be sick */
    SIM_LANES = 512, /* orders in all */
    SIM_ROOM = 2048, /* events of a run at most */
    SIM_TRACE = 200,
};

/* What a receiver is like now. */
enum sim_weather {
    SIM_GOOD,  /* nearly everything is taken */
    SIM_MIXED, /* any answer */
    SIM_DOWN,  /* every answer is a fault of the destination */
    SIM_OUT,   /* every answer is the same one */
    SIM_WELL,  /* everything is taken but the sick orders */
};

/* An event and its SQS message. */
struct sim_event {
    char id[24], payload[48];
    int order;       /* below 0: none */
    bool is_request; /* it reports no state of its order */
    uint64_t event_usec;
    bool committed; /* its first accept: from now on it may not get lost */
    bool deleted;   /* from the queue */
    bool under_way; /* between the queue and the store */
};

/* A delivery as the store has it, and as the test knows it. */
struct sim_delivery {
    int64_t id;
    int event, webhook;
    /* the store's, after the last commit */
    enum delivery_state state;
    enum dead_cause cause;
    unsigned attempts, faults, event_faults, resend;
    uint64_t next_usec;
    bool has_reason;
    /* the test's */
    bool touched;        /* by an operator or a copy since the last look */
    bool stale;          /* what its claim is to say */
    bool was_delivered;  /* the store has said so at some time */
    bool in_flight;      /* a request of it */
    bool answered;       /* and the outcome is not committed yet */
    unsigned taken;      /* times that it was answered 2xx */
    uint64_t asked_usec; /* boot clock: Retry-After of the last answer: not before; committed */
    uint64_t asked_soon_usec; /* the same, not committed yet */
};

struct sim_answer {
    int status; /* 0: none, the error */
    enum error_kind error;
    uint64_t after_usec, retry_after_usec;
    bool as_date;
};

/* One receiver, and what the laws say of it. */
struct sim_webhook {
    const char *name, *url;
    int64_t id;
    unsigned concurrency, max_attempts;
    struct forwarder *forwarder, *older;
    enum sim_weather weather;
    bool sick[SIM_ORDERS]; /* never takes events of these */
    unsigned sick_status;
    struct sim_answer out; /* for SIM_OUT */
    bool paused;           /* by the store, at the last look */
    bool noticed;          /* and the daemon has committed since */
    bool gone;             /* it answered 410, and nobody has resumed it since */
    unsigned freed;        /* commits within which nothing counts that it asked for before */
    unsigned generation;   /* of its forwarder: rises with every start and reload */
    uint64_t quiet_usec;   /* boot clock: no probe before, but one of what was never tried */
    uint64_t rest_usec;    /* 429, or 503 with Retry-After: nothing at all before */
    unsigned probes;       /* in flight that began while the breaker was not closed */
    unsigned in_flight, requests, taken;
    uint64_t sequence; /* of its last request */
    uint64_t lane_sequence[SIM_LANES];
    uint64_t first_taken_usec;  /* boot clock; the test may set it to 0 */
    int lane_taken[SIM_LANES];  /* the last event of it that was taken */
    unsigned disorder, repeats; /* of what was taken, by numbers of events */
};

struct sim {
    uint64_t seed, random;
    uint64_t true_base_usec; /* what sim_true_usec adds to the boot clock */
    bool verbose;
    const char *directory;
    sd_event *event;
    struct http *http;
    struct store *store;
    struct turn *turn;
    struct sim_webhook webhooks[SIM_WEBHOOKS];
    unsigned n_webhooks;
    bool elsewhere;  /* an operator has changed something since the last commit */
    bool crashed;    /* the store has failed: the process is to end */
    bool recovering; /* the first look after a start */
    struct sim_event events[SIM_ROOM];
    int n_events;
    struct sim_delivery deliveries[SIM_ROOM * SIM_WEBHOOKS];
    int64_t n_deliveries;
    uint64_t received, accepted, copies; /* of the accepts that were committed */
    char trace[SIM_TRACE][160];
    unsigned n_trace, n_commits, n_crashes, n_starts;
};

/* The one that runs. */
extern struct sim sim;

/* ---- sim.c ---- */
uint32_t sim_random(uint32_t below);
bool sim_chance(unsigned percent);
void sim_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The time of the rest of the world, whatever the machine's wall clock shows. */
uint64_t sim_true_usec(void);
/* A law is broken: says so, with what came before, and ends the process. */
_Noreturn void sim_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define SIM_LAW(holds, ...)                                                                        \
    do {                                                                                           \
        if (!(holds))                                                                              \
            sim_broken(__VA_ARGS__);                                                               \
    } while (0)
/* A new event of the order (below 0: none), so much older than now; it lies in the queue. */
struct sim_event *sim_publish(int order, uint64_t age_usec);
/* What the webhook answers to an event now. */
struct sim_answer sim_answer(const struct sim_webhook *webhook, const struct sim_event *event);

/* ---- sim_life.c: one process after another ---- */
void sim_begin(uint64_t seed, unsigned n_webhooks);
void sim_end(void); /* the store's own laws are checked, too */
void sim_start(void);
void sim_kill(void);
void sim_stop(uint64_t patience_usec); /* as SIGTERM, and SIGTERM again when patience is over */
void sim_reload(void);
void sim_boot(void);      /* the machine starts again; before sim_start */
void sim_set_clock(void); /* somebody does, to any time; or Amazon's time is learned */
void sim_receive(struct sim_event *event);              /* a message comes from the queue */
void sim_pass(uint64_t usec);                           /* less where the process crashes */
bool sim_transact(int (*verb)(void *), void *userdata); /* a transaction of its own */

/* ---- sim_operator.c ---- */
void sim_operate(void); /* anything, on any delivery */
void sim_pause(struct sim_webhook *webhook);
void sim_resume(struct sim_webhook *webhook);
void sim_release_all(void);
void sim_expire(uint64_t max_age_usec);

/* ---- sim_laws.c ---- */
void sim_look(void); /* after a commit */
void sim_accepted(struct sim_event *event, const struct accept *accept);
void sim_outcomes_are_written(void);
void sim_free(struct sim_webhook *webhook); /* an operator ends what it asked for */
void sim_forget_unwritten(void);            /* the process is dead */
struct sim_delivery *sim_request_begins(const struct http_request *request, bool *ret_probe);
/* `current`: its forwarder is the one that sends now, not one of an older config. */
void sim_request_ends(struct sim_delivery *delivery, const struct sim_answer *answer, bool probe,
                      bool current);
void sim_request_lost(struct sim_delivery *delivery, bool probe);
bool sim_all_is_done(void);
bool sim_is_open(const struct sim_delivery *delivery);

#endif
