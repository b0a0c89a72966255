/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_CALL_H
#define SRC_SANDBOX_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "faults.h"
#include "simclock.h"
#include "tally.h"
#include "wire/server.h"

/*
 * One call of one of Amazon's operations, from its arrival to its answer. A call is a small value.
 * A function that answers later keeps a copy. Every call passes here, so counting, request ids,
 * dates, delays and faults are the same for every service.
 */

/* The things that all calls share. */
struct call_office {
    sd_event *event;
    struct simclock *clock;
    struct faults faults;
    struct tally tally;
    uint64_t random; /* request ids */
};

struct call;

/* Answer the call with a refusal in the service's own words (ERROR_500 to NO_DESTINATION). */
typedef void (*call_refuse_fn)(struct call *call, enum fault_kind kind);

struct call {
    struct call_office *office;
    struct exchange *exchange;
    const char *op; /* a constant */
    call_refuse_fn refuse;
    uint64_t latency_usec; /* added before every answer */
    /* Set by call_begin. */
    struct fault fault;
    uint64_t wall_usec; /* Amazon's clock at the arrival of the call, a skew fault included */
    uint64_t skew_usec; /* time by which Amazon's clock is ahead for this call */
};

/* Work that waits with an exchange, as its context. `gone` is called when the client is gone. */
struct call_waiting {
    void (*gone)(struct call_waiting *waiting);
};

/* Start a call whose first members are set. Return false if a fault has already ended it. */
bool call_begin(struct call *call);

/* Send the answer. After that the call and its exchange must not be used. `body` is copied. */
void call_answer(struct call *call, int status, const char *content_type, const void *body,
                 size_t size);

/* Pass the server's `gone` to the work that waits with the exchange. */
void call_gone(struct exchange *exchange, void *userdata);

#endif
