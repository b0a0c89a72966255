/* SPDX-License-Identifier: MIT */
#ifndef RELAY_RECEIVER_H
#define RELAY_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "amazon/credentials.h"
#include "notification/secret_notice.h"
#include "relay/filter_watch.h"
#include "relay/quiet.h"
#include "relay/room.h"
#include "relay/tally.h"
#include "store/turn.h"
#include "wire/http.h"

/*
 * Empties one queue: long polls, understands, accepts into the store, deletes what is committed. It
 * knows nothing of webhooks but their ids and filters. A message is deleted only after the commit
 * that holds its notification (law 1).
 */
struct receiver;

/* What is received is hidden from others for so long: what we lose comes back after it. */
#define RECEIVER_VISIBILITY_S 60U
/* A message that is left in the queue is hidden as long as SQS allows: 12 hours since it was
 * received, and a minute for the time until we ask for that. */
#define RECEIVER_HIDE_S 43140U
/* Receipts waiting for their delete; more are let go, SQS brings the message again as a copy. */
#define RECEIVER_DELETES_MAX 20000U
/* A poll is replaced when it has not ended so long after its wait. */
#define RECEIVER_POLL_GRACE_USEC (5 * 1000000ULL)
/* On stopping, open polls are given so long to end by themselves. */
#define RECEIVER_STOP_GRACE_USEC (2 * 1000000ULL)

/* Facts for status that change with every message are written at most so often. */
#define RECEIVER_NOTE_USEC 5000000ULL

/* How far apart polls of a queue are at least while webhooks have more than they can send. */
#define RECEIVER_BUSY_PAUSE_USEC 100000ULL

/* The same while messages of the queue cannot be deleted; then there is one poll at a time. */
#define RECEIVER_DELETES_PAUSE_USEC 2000000ULL

/* Damaged messages that are remembered as reported; beyond it the oldest are reported again. */
#define RECEIVER_DAMAGED_MAX 256U

/* An event time so long after SentTimestamp is not believed for order and staleness. */
#define RECEIVER_AHEAD_USEC (600 * 1000000ULL)

/* Everything must have been late for so long before lag_alarm is told. */
#define RECEIVER_LAG_USEC (300 * 1000000ULL)
/* What SQS keeps messages for where nobody has said otherwise, and where nobody may ask. */
#define RECEIVER_RETENTION_USEC (4 * 24 * 3600 * 1000000ULL)

struct receiver_seller {
    const char *name;
    const char *seller_id; /* NULL: learnt, or if he is the queue's only one, everything is his */
    bool subscribes;       /* without an id, only notifications of his subscriptions are his */
    struct seller_tally *tally; /* NULL: nobody counts */
    struct quiet *quiet;        /* told of everything that comes for him; may be NULL */
};

struct receiver_webhook {
    int64_t id;
    char *const *sellers, *const *types; /* filters, NULL: everything */
    /* The same; what an event does not have it is not filtered by. */
    char *const *marketplaces, *const *fulfillments, *const *statuses, *const *changes;
    enum webhook_format format; /* what its requests carry, decided at accept */
    struct filter *filter;      /* hears what these four let pass; NULL: nobody watches */
};

/* What becomes of notifications from unknown senders. */
enum unknown_seller {
    UNKNOWN_HOLD,
    UNKNOWN_DROP,
    UNKNOWN_FORWARD,
};

/* What the rest of the process wants to know; any may be NULL. */
struct receiver_hooks {
    void (*answered)(const char *queue, void *userdata);    /* the first signed call worked */
    void (*works_again)(const char *queue, void *userdata); /* after failures, also the first */
    void (*dated)(void *userdata); /* Amazon's time was learned (clock_learn) */
    /* The seller of a subscription, as registration knows it; NULL: unknown. */
    const char *(*seller_of)(const char *subscription_id, void *userdata);
    /* The same from the store, inside of a transaction: another process may have registered. */
    const char *(*look_up)(const char *subscription_id, void *userdata);
    /* Whether registration knows subscriptions of sellers of the queue. */
    bool (*knows_subscriptions)(const char *queue, void *userdata);
    /* The id that was learnt of a seller without one, NULL: none yet; one is to be learnt. */
    const char *(*learnt_id)(const char *seller, void *userdata);
    void (*learn)(const char *seller, const char *seller_id, void *userdata);
    /* A notification of a subscription has come that nobody knows. */
    void (*unknown_subscription)(const char *type, void *userdata);
    /* A message with a new client secret has come: it is neither stored nor deleted. The contents
     * of `secret` are the hook's. receiver_secret_done ends it; if that never comes, SQS brings the
     * message again in a minute. */
    void (*new_secret)(struct receiver *receiver, const char *receipt,
                       struct new_client_secret *secret, void *userdata);
    /* A notification that says when the client secret expires was accepted. */
    void (*secret_expiry)(const struct client_secret_expiry *expiry, void *userdata);
    /* Asked before each batch of deletes: whether the stored rows are still where the next start
     * finds it. If not, the messages are left to SQS, which brings them again. */
    bool (*in_place)(void *userdata);
    void *userdata;
};

struct receiver_options {
    sd_event *event; /* a reference is taken; what follows is borrowed until receiver_free */
    struct http *http;
    struct turn *turn;
    struct receive_room *room;
    const struct aws_credentials *credentials;
    const char *queue, *arn, *endpoint;
    unsigned wait_s, max_pollers;
    const struct receiver_seller *sellers;
    size_t n_sellers;
    const struct receiver_webhook *webhooks;
    size_t n_webhooks;
    enum unknown_seller unknown_seller;
    struct accept_limits unknown_limits; /* of all queues together */
    struct queue_tally *tally;           /* NULL: nobody counts */
    struct quiet *quiet;                 /* of the queue; may be NULL */
    uint64_t lag_alarm_usec;             /* publication to receipt; 0: any is fine */
    uint64_t read_usec;      /* when an earlier run has read the queue last; 0: not known */
    uint64_t retention_usec; /* for how long it keeps messages, as an earlier run has seen; 0 */
    uint64_t lag_usec;       /* of the last notification, as an earlier run has seen */
    bool lag_told, gap_told; /* an earlier run has said that it is late; that it may lose */
    struct receiver_hooks hooks;
};

int receiver_new(struct receiver **ret, const struct receiver_options *options);

/* Ends calls without waiting. Nothing is lost: what is not deleted comes again. NULL is fine. */
void receiver_free(struct receiver *receiver);

/* Begins to receive. */
void receiver_start(struct receiver *receiver);

/* The room may have changed: polls again if it may. */
void receiver_poke(struct receiver *receiver);

/* A seller or a subscription has become known: what was held as an unknown sender's is looked at
 * again, in the next turns. */
void receiver_release(struct receiver *receiver);

/* Inside the turn's transaction: goes on with that. */
int receiver_release_step(struct receiver *receiver, struct store *store);

/* No new polls; open ones end by themselves. What they bring is taken by the successor, a receiver
 * of the same queue that lives longer: what was received after a reload goes where the new config
 * says. NULL: the queue has left the config, and it is taken as before. Deletes go on. */
void receiver_retire(struct receiver *receiver, struct receiver *successor);

/* No new polls; open ones are abandoned after RECEIVER_STOP_GRACE_USEC. Deletes go on. */
void receiver_stop(struct receiver *receiver);

/* How it stands. */
struct receiver_view {
    unsigned pollers;       /* polls that are open */
    uint64_t depth;         /* messages in the queue, as SQS said last */
    uint64_t received_usec; /* wall clock: last good answer, last message; 0: none in this run */
    uint64_t message_usec;
    bool answered;              /* an answer came in this run */
    bool late;                  /* notifications come later than lag_alarm, and that was reported */
    bool deletes;               /* the last call that deleted messages deleted all of them */
    const char *trouble;        /* why it does not receive; NULL: it does; the receiver's */
    const char *delete_trouble; /* why it cannot delete; NULL: it can; the receiver's */
};
void receiver_look(const struct receiver *receiver, struct receiver_view *ret);

/* Its name in the config. */
const char *receiver_queue(const struct receiver *receiver);

/* What becomes of a message with a client secret: deleted (hide_s 0), or hidden for so many seconds
 * and left in the queue for the reason in `why`, which is told once. */
void receiver_secret_done(struct receiver *receiver, const char *receipt, unsigned hide_s,
                          const char *why);

/* Whether nothing is open or waiting any more: polls, messages, deletes. */
bool receiver_idle(const struct receiver *receiver);

/* Polls that were abandoned with receiver_stop. */
unsigned receiver_abandoned(const struct receiver *receiver);

/* Whether facts for status wait to be written; that the queue answered is none. */
bool receiver_has_notes(const struct receiver *receiver);

/* Inside the turn's transaction: writes what status shows. */
int receiver_write_notes(struct receiver *receiver, struct store *store);

/* It is written with the next turn, however lately it was. */
void receiver_note_now(struct receiver *receiver);

/* How long the most overdue poll has outlived its own deadline, 0: none. For the watchdog. */
uint64_t receiver_overdue_usec(const struct receiver *receiver);

#endif
