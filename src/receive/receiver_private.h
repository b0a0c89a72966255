/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVE_RECEIVER_PRIVATE_H
#define SRC_RECEIVE_RECEIVER_PRIVATE_H

#include "aws/sqs.h"
#include "deleter.h"
#include "notification/notification.h"
#include "receive/receiver.h"

/* One open ReceiveMessage. Owned by the receiver's table. */
struct poll {
    struct receiver *receiver;
    struct sqs_call *call; /* NULL: free for use */
    unsigned max;          /* messages asked for */
    unsigned wait_s;       /* how long SQS may hold it */
    size_t expected;       /* bytes counted in the room */
    uint64_t started_boot_usec;
};

struct receiver {
    struct receiver_options options;
    sd_event *event;
    char *queue;
    struct queue_tally *tally; /* own_tally if nobody counts */
    struct queue_tally own_tally;
    struct sqs *sqs;
    struct deleter *deleter;
    sd_event_source *timer; /* next poll after a failure, or while there is much to send; the end of
                             * the grace while stopping */

    struct poll *polls;        /* max_pollers of them */
    uint64_t polled_boot_usec; /* when the last one was opened */
    unsigned open;             /* polls under way */
    unsigned target;           /* polls that there should be */
    unsigned pending;          /* batches handed to the turn and not answered yet */
    unsigned abandoned;
    bool started, retired, stopping, answered;
    struct receiver *successor; /* takes messages that are still received; NULL: none */

    unsigned failures; /* in a row */
    uint64_t failing_since_usec, retry_boot_usec;
    struct error failure;      /* as last reported */
    bool silent;               /* the event about silence is written */
    uint64_t answer_boot_usec; /* of the last answer, also an empty one */

    uint64_t received_usec, message_usec; /* wall clock: last good answer, last message */
    unsigned quiet_polls;                 /* answers without a message, since start */
    uint64_t depth; /* as GetQueueAttributes reported last, less the messages received since */
    uint64_t depth_boot_usec; /* when it was reported */
    bool note;                /* facts for status have changed that are written at once */
    bool dirty;               /* other facts have changed: they are written now and then */
    uint64_t noted_boot_usec;
    char unknown_seller[NOTIFICATION_FIELD_MAX + 1]; /* as last reported, "": none named */
    bool unknown_told;
    uint64_t lag_usec;                   /* of the last new notification, publication to receipt */
    uint64_t late_boot_usec;             /* all notifications since then were late; 0: not late */
    bool asking;                         /* for the queue's attributes */
    bool lag_told, gap_told;             /* reported: lag_alarm; that messages may be lost soon */
    uint64_t read_usec;                  /* Amazon's time of the last answer; 0: not known */
    uint64_t retention_usec;             /* 0: not known yet */
    uint64_t gap_from_usec, gap_to_usec; /* a time without answers that is to be judged; 0: none */
    uint64_t damaged[RECEIVER_DAMAGED_MAX]; /* a ring of message ids, hashed */
    unsigned n_damaged;                     /* how many were ever put into it */
    bool releasing;        /* held notifications of unknown senders are looked at again */
    int64_t release_after; /* the last notification that was looked at */
    unsigned release_open; /* released notifications that the turn has not answered yet */
    unsigned released;     /* stored as ours */
    char *secret_why;      /* why a client secret was left in the queue, as last reported */
};

/* intake.c: hand the messages of a batch to the turn. The batch is taken over. */
void receiver_take(struct receiver *r, struct sqs_batch *batch);

/* routing.c: whether a webhook gets a notification; seller NULL: not a configured one. */
bool receiver_wants(const struct receiver_webhook *webhook, const struct notification *n,
                    const char *seller);

/* routing.c: after a new notification was stored, note which filters let it pass and which did
 * not. */
void receiver_note_filters(const struct receiver *r, const struct notification *n,
                           const char *seller);

/* intake.c: return the bytes of all bodies in the batch. */
size_t receiver_size_of(const struct sqs_batch *batch);

/* intake.c: take a held notification once more if it is ours now. Return whether it is. The batch
 * is taken over. */
bool receiver_take_again(struct receiver *r, struct sqs_batch *batch, int64_t notification);

/* receiver_release.c: the turn has answered for a notification of receiver_take_again. */
void receiver_released(struct receiver *r, bool stored);

struct accept;
/* strangers.c: report a notification from an unknown sender that was kept, counted or left. */
void receiver_tell_stranger(struct receiver *r, const struct notification *n,
                            const struct accept *accept);

/* strangers.c: leave a message in SQS, hidden. */
void receiver_leave(struct receiver *r, const char *receipt);

/* receiver_watch.c: whether notifications come in time, and whether some may be lost. */

/* Judge the lag of a new notification: the time from its publication (0: not known) to its
 * receipt. */
void receiver_judge_lag(struct receiver *r, uint64_t published_usec, uint64_t received_usec);

/* The queue could not be read: report if messages may be lost soon. */
void receiver_gap_grows(struct receiver *r);
/* The queue has answered: judge whether messages were lost before. */
void receiver_gap_ends(struct receiver *r);

/* Report and count the damaged messages of the batch, each of them once, however often SQS sends
 * it. */
void receiver_take_damaged(struct receiver *r, const struct sqs_batch *batch);

/* receiver.c: ask for depth and retention, unless the call is under way. */
void receiver_ask_attributes(struct receiver *r);

/* Learn how long the queue keeps messages; 0: not known. */
void receiver_learn_retention(struct receiver *r, uint64_t retention_usec);

/* receiver.c: the turn has answered every message of a batch. */
void receiver_batch_done(struct receiver *r, size_t bytes);

#endif
