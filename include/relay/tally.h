/* SPDX-License-Identifier: MIT */
#ifndef RELAY_TALLY_H
#define RELAY_TALLY_H

#include "aws/sqs.h"
#include "base/histogram.h"
#include "store/store.h"
#include "webhook/outcome.h"

/*
 * Counts of receivers and forwarders, for the metrics. Receivers and forwarders only add. The owner
 * keeps a tally for as long as the process runs, so that a reload does not reset it.
 */

/* The numbers of values of enum accept_result and of enum outcome_class, and of classes of HTTP
 * status: none, 1xx, ... 5xx. */
#define TALLY_RESULTS  (ACCEPTED_LEFT + 1)
#define TALLY_OUTCOMES (OUTCOME_THROTTLED + 1)
#define TALLY_STATUSES 6

struct seller_tally {
    uint64_t accepted;  /* new notifications that were stored */
    uint64_t last_usec; /* wall clock of the last one; 0: none yet */
};

/* Hours for which a message can be hidden, and the current one. */
#define HIDDEN_HOURS 13
/* Messages of a queue that can be hidden at a time. */
#define HIDDEN_MAX 10000

/* Messages that were left in SQS, by the hour of the boot clock. */
struct hidden {
    uint64_t hour; /* of the last one */
    unsigned counts[HIDDEN_HOURS];
};

struct queue_tally {
    uint64_t results[TALLY_RESULTS]; /* messages, by result */
    struct seller_tally strangers;   /* notifications of sellers that are not configured */
    uint64_t deletes_failed;         /* messages that could not be deleted: they come again */
    uint64_t damaged;                /* messages whose MD5 sum is wrong, each once */
    bool open_told; /* others than Amazon may send to the queue, and that was reported */
    struct hidden hidden;
    struct call_tally calls[SQS_OPERATIONS];
    struct histogram lag;        /* publication to receipt, of new notifications */
    uint64_t answered_boot_usec; /* the last good answer of SQS; 0: none yet */
};

struct webhook_tally {
    uint64_t attempts[TALLY_OUTCOMES][TALLY_STATUSES];
    struct histogram duration; /* of attempts */
    struct histogram delivery; /* publication to delivery */
    uint64_t filtered; /* notifications of its sellers and types that its other filters left out */
};

/* Make a tally empty, with suitable buckets. */
void queue_tally_init(struct queue_tally *tally);
void webhook_tally_init(struct webhook_tally *tally);

#endif
