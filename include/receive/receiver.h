/* SPDX-License-Identifier: MIT */
#ifndef RECEIVE_RECEIVER_H
#define RECEIVE_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "aws/credentials.h"
#include "notification/secret_notice.h"
#include "receive/filter_watch.h"
#include "receive/quiet.h"
#include "relay/room.h"
#include "relay/tally.h"
#include "store/turn.h"
#include "wire/http.h"

/*
 * Empties one queue: polls, parses messages, accepts notifications into the store, and deletes the
 * messages of committed ones. Of webhooks it knows only ids and filters. A message is deleted only
 * after the commit that holds its notification.
 */
struct receiver;

/* A received message is hidden from others for this time. If we lose it, it comes back
 * afterwards. */
#define RECEIVER_VISIBILITY_S 60U
/* A message that is left in the queue is hidden as long as SQS allows: 12 hours after its receipt,
 * less a minute for the time until we ask for that. */
#define RECEIVER_HIDE_S 43140U
/* Receipts that wait for their delete. Further ones are dropped; SQS brings those messages again,
 * as copies. */
#define RECEIVER_DELETES_MAX 20000U
/* If a poll has not ended this long after its wait, it is replaced. */
#define RECEIVER_POLL_GRACE_USEC (5 * 1000000ULL)
/* When the receiver stops, open polls get this time to end. */
#define RECEIVER_STOP_GRACE_USEC (2 * 1000000ULL)

/* Facts for status that change with every message are written at most once in this time. */
#define RECEIVER_FACTS_USEC 5000000ULL

/* The shortest time between polls of a queue while webhooks have more than they can send. */
#define RECEIVER_BUSY_PAUSE_USEC 100000ULL

/* The same while messages of the queue cannot be deleted. Then there is one poll at a time. */
#define RECEIVER_DELETES_PAUSE_USEC 2000000ULL

/* Damaged messages that are remembered as reported. Beyond that, the oldest are reported again. */
#define RECEIVER_DAMAGED_MAX 256U

/* An event time that is later than SentTimestamp by more than this is not used for order and
 * staleness. */
#define RECEIVER_AHEAD_USEC (600 * 1000000ULL)

/* Everything must have been late for this time before lag_alarm is raised. */
#define RECEIVER_LAG_USEC (300 * 1000000ULL)
/* The retention that is assumed for a queue if none is known and we are not allowed to ask. */
#define RECEIVER_RETENTION_USEC (4 * 24 * 3600 * 1000000ULL)

struct receiver_seller {
    const char *name;
    /* NULL: learnt. Without subscriptions the queue's only seller gets all. */
    const char *seller_id;
    bool subscribes; /* without an id, only notifications of its subscriptions belong to it */
    struct seller_tally *tally; /* NULL: not counted */
    struct quiet *quiet;        /* notified of everything that comes for the seller; may be NULL */
};

struct receiver_webhook {
    int64_t id;
    char *const *sellers, *const *types; /* filters, NULL: everything */
    /* The same. A filter is skipped if the event does not have its value. */
    char *const *marketplaces, *const *fulfillments, *const *statuses, *const *changes;
    enum webhook_format format; /* of the request bodies, decided at accept */
    struct filter *filter;      /* notified of the result of these four; NULL: none */
};

/* Treatment of notifications from unknown senders. */
enum unknown_seller {
    UNKNOWN_HOLD,
    UNKNOWN_DROP,
    UNKNOWN_FORWARD,
};

/* Notices to the rest of the process and questions to it; any may be NULL. */
struct receiver_hooks {
    void (*answered)(const char *queue, void *userdata);    /* the first signed call worked */
    void (*works_again)(const char *queue, void *userdata); /* after failures, also the first */
    void (*dated)(void *userdata); /* Amazon's time was learned (clock_learn) */
    /* The seller of a subscription, as registration knows it; NULL: unknown. */
    const char *(*seller_of)(const char *subscription_id, void *userdata);
    /* The same from the store, inside a transaction: another process may have registered. */
    const char *(*look_up)(const char *subscription_id, void *userdata);
    /* Whether registration knows subscriptions of sellers of the queue. */
    bool (*knows_subscriptions)(const char *queue, void *userdata);
    /* The learnt id of a seller without a configured one, NULL: none yet; and a notice that one was
     * learnt. */
    const char *(*learnt_id)(const char *seller, void *userdata);
    void (*learn)(const char *seller, const char *seller_id, void *userdata);
    /* A notification of an unknown subscription has come. */
    void (*unknown_subscription)(const char *type, void *userdata);
    /* A message with a new client secret has come; it is neither stored nor deleted. The hook owns
     * the contents of `secret`. receiver_secret_done ends it. If that is never called, SQS brings
     * the message again in a minute. */
    void (*new_secret)(struct receiver *receiver, const char *receipt,
                       struct new_client_secret *secret, void *userdata);
    /* A notification that says when the client secret expires was accepted. */
    void (*secret_expiry)(const struct client_secret_expiry *expiry, void *userdata);
    /* Called before each batch of deletes: whether the stored rows are still at the place where the
     * next start finds them. If not, the messages stay in SQS, which brings them again. */
    bool (*in_place)(void *userdata);
    void *userdata;
};

struct receiver_options {
    sd_event *event; /* a reference is taken; the rest is borrowed until receiver_free */
    struct http *http;
    struct turn *turn;
    struct receive_room *room;
    struct identity *identity; /* signs, if there is one; else the credentials do */
    const struct aws_credentials *credentials;
    const char *queue, *arn, *endpoint;
    unsigned wait_s, max_pollers;
    const struct receiver_seller *sellers;
    size_t n_sellers;
    const struct receiver_webhook *webhooks;
    size_t n_webhooks;
    enum unknown_seller unknown_seller;
    struct accept_limits unknown_limits; /* of all queues together */
    struct queue_tally *tally;           /* NULL: not counted */
    struct quiet *quiet;                 /* of the queue; may be NULL */
    uint64_t lag_alarm_usec;             /* publication to receipt; 0: any is fine */
    uint64_t read_usec;                  /* when an earlier run last read the queue; 0: not known */
    uint64_t retention_usec; /* the queue's retention as an earlier run saw it; 0: not known */
    uint64_t lag_usec;       /* of the last notification, as an earlier run saw it */
    /* An earlier run reported that it is late; that it may lose messages. */
    bool lag_told, gap_told;
    struct receiver_hooks hooks;
};

/* Make the receiver of one queue; it does not begin yet. 0 or negative errno. */
int receiver_new(struct receiver **ret, const struct receiver_options *options);

/* Free a receiver and end its calls without waiting. Nothing is lost: messages that are not deleted
 * come again. NULL is fine. */
void receiver_free(struct receiver *receiver);

/* Begin to receive. */
void receiver_start(struct receiver *receiver);

/* The room may have changed: poll again if it allows that. */
void receiver_poke(struct receiver *receiver);

/* A seller or a subscription has become known: in the next turns, check again whether notifications
 * held for an unknown sender belong to it. */
void receiver_release(struct receiver *receiver);

/* Continue with that check. To be called inside the turn's transaction. 0, or the result of the
 * store's verb. */
int receiver_release_step(struct receiver *receiver, struct store *store);

/* Start no new polls; open ones end in their own time. The successor takes their messages: it is a
 * receiver of the same queue that lives longer, so messages received after a reload are treated by
 * the new config. If it is NULL, the queue has left the config, and they are taken as before.
 * Deletes continue. */
void receiver_retire(struct receiver *receiver, struct receiver *successor);

/* Start no new polls; open ones are abandoned after RECEIVER_STOP_GRACE_USEC. Deletes continue. */
void receiver_stop(struct receiver *receiver);

/* The state of a receiver. */
struct receiver_view {
    unsigned pollers;       /* polls that are open */
    uint64_t depth;         /* messages in the queue, by the last answer of SQS */
    uint64_t received_usec; /* wall clock: last good answer, last message; 0: none in this run */
    uint64_t message_usec;
    bool answered;              /* an answer came in this run */
    bool late;                  /* notifications come later than lag_alarm, and that was reported */
    bool deletes;               /* the last call that deleted messages deleted all of them */
    const char *trouble;        /* why it does not receive; NULL: it does. The receiver's */
    const char *delete_trouble; /* why it cannot delete; NULL: it can. The receiver's */
};

/* Return the state of a receiver in *ret. */
void receiver_look(const struct receiver *receiver, struct receiver_view *ret);

/* Return the queue's name in the config. */
const char *receiver_queue(const struct receiver *receiver);

/* Note the result for a message with a client secret: it is deleted (hide_s 0), or hidden for this
 * many seconds and left in the queue. The reason `why` is logged once. */
void receiver_secret_done(struct receiver *receiver, const char *receipt, unsigned hide_s,
                          const char *why);

/* Whether nothing is open or waiting any more: polls, messages, deletes. */
bool receiver_idle(const struct receiver *receiver);

/* Return the number of polls that receiver_stop abandoned. */
unsigned receiver_abandoned(const struct receiver *receiver);

/* Whether facts for status wait to be written. That the queue answered does not count. */
bool receiver_has_facts(const struct receiver *receiver);

/* Write the facts for status. To be called inside the turn's transaction. 0, or the result of the
 * store's verb. */
int receiver_write_facts(struct receiver *receiver, struct store *store);

/* Write them with the next turn, even if they were written a moment ago. */
void receiver_hurry_facts(struct receiver *receiver);

/* How long ago the deadline of the most overdue poll passed; 0: none has. For the watchdog. */
uint64_t receiver_overdue_usec(const struct receiver *receiver);

#endif
