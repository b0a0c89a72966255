/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_CALL_H
#define SANDBOX_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "faults.h"
#include "simclock.h"
#include "tally.h"
#include "wire/server.h"

/*
 * One call of one of Amazon's operations, from its arrival to its answer. A call is a small value:
 * who answers later keeps a copy. All of them pass here, so counting, request ids, dates, delays
 * and faults are the same for every service.
 */

/* What every call shares. */
struct call_office {
    sd_event *event;
    struct simclock *clock;
    struct faults faults;
    struct tally tally;
    uint64_t random; /* request ids */
};

struct call;

/* Answers the call with a refusal in the service's own words (ERROR_500 to EXPIRED_SECRET). */
typedef void (*call_refuse_fn)(struct call *call, enum fault_kind kind);

struct call {
    struct call_office *office;
    struct exchange *exchange;
    const char *op; /* a constant */
    call_refuse_fn refuse;
    uint64_t latency_usec; /* added before every answer */
    /* Set by call_begin. */
    struct fault fault;
    uint64_t wall_usec; /* Amazon's clock when the call came, a skew fault included */
    uint64_t skew_usec; /* how far Amazon's clock is ahead for this call */
};

/* What waits with an exchange, as its context: told when the client is gone. */
struct call_waiting {
    void (*gone)(struct call_waiting *waiting);
};

/* Starts a call whose first members are set. False: a fault has ended it already. */
bool call_begin(struct call *call);

/* Sends the answer; the call and its exchange are done with. `body` is copied. */
void call_answer(struct call *call, int status, const char *content_type, const void *body,
                 size_t size);

/* The server's `gone`: passes it to whatever waits with the exchange. */
void call_gone(struct exchange *exchange, void *userdata);

#endif
