/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <sys/types.h>

#include "amazon/credentials.h"
#include "certificates.h"
#include "daemon/application.h"
#include "daemon/lock.h"
#include "daemon/register_plan.h"
#include "daemon/run.h"
#include "daemon/wake.h"
#include "journal/ids.h"
#include "relay/forwarder.h"
#include "relay/janitor.h"
#include "relay/receiver.h"
#include "relay/secret_keeper.h"
#include "relay/secret_rotator.h"
#include "relay/trusted_time.h"
#include "tallies.h"

/* A fact for `dockbell status` that waits for the next turn. */
struct note {
    char *section, *name, *key, *value;
    bool written; /* by the last turn */
    struct note *next;
};

/* A subscription and whose it is, as registration found it (subscriptions.c). */
struct subscription {
    char *id, *seller;
};
struct subscription_change;

/* For so long the notifications of a subscription that is gone are its seller's: SQS keeps none
 * longer than 14 days. */
#define SUBSCRIPTION_GONE_USEC (15 * 24 * 3600 * 1000000ULL)

/* The id of a seller that the config does not have; NULL: not known yet. */
struct learnt {
    char *seller, *id;
};

/* The look at subscriptions that nobody knows (subscription_look.c). */
struct subscription_look {
    struct registrar *registrar; /* NULL: there is none under way */
    struct registrar_seller *sellers;
    char **types, **asked; /* for the next one, of this one; NULL-terminated; NULL: none */
    uint64_t next_boot_usec;
    sd_event_source *timer;
};

/* What is made from one reading of the config. After a reload the older ones end what they have
 * begun, with the config they began it with (parts.c): the newest stands first. Whatever is said
 * below of parts holds for those behind it as well. */
struct parts {
    struct daemon *daemon;
    const struct config *config;
    struct config *owned; /* the same; NULL: struct daemon has it (first) */
    struct parts *older;  /* those of earlier configs that have not ended yet */
    struct aws_credentials credentials;
    int64_t *webhook_ids; /* as the store knows them; one per config webhook */
    struct receiver_webhook *receiver_webhooks;
    struct receiver_seller *receiver_sellers; /* grouped by queue */
    struct janitor_webhook *janitor_webhooks;
    struct forwarder **forwarders;
    struct http_way **ways, **token_ways; /* to each of the webhooks, and to its token endpoint */
    struct receiver **receivers;
    struct quiet_watch *quiet;    /* whether queues and sellers bring something */
    struct filter_watch *filters; /* whether filters of webhooks let something pass */
    struct janitor *janitor;
};

/* The application's client secret, while it is replaced (secret.c). */
struct secret_care {
    struct secret_keeper *keeper;
    struct secret_rotator *rotator;
    struct secret configured;  /* what the config says; empty: nothing usable */
    struct receiver *receiver; /* whose message is being proved; may be gone: parts_have_receiver */
    char *receipt;             /* of that message; NULL: none is */
    uint64_t expires_usec;     /* of the secret in use; 0: not known */
    sd_event_source *timer;
    bool rotated;                     /* the rotator has ended */
    enum error_kind rotation_failure; /* as told */
    bool again;                       /* what failed for want of a secret is to be tried again */
    bool refused;                     /* LWA refuses all secrets */
};

struct alarm;

/* Commands that ask for the state between two commits. */
#define DAEMON_ASKERS_MAX 16

/* Everything one process owns; run.c makes it from top to bottom and ends it from bottom to top. */
struct daemon {
    const struct config *config;
    struct config *first; /* the one of the start, until a reload hands it to its parts */
    enum daemon_exit exit;
    sd_event *event;
    struct lock lock;
    int wake_fd;
    int secret_fd; /* the file of the client secret, held open (lost.c); negative: none */
    struct store *store;
    struct http *http;
    struct turn *turn;
    struct receive_room room;
    struct trusted_time time;
    struct parts *parts;
    struct tallies tallies;
    uint64_t started_usec, loaded_usec; /* wall clock: the process, the config in use */
    uint64_t reloaded_boot_usec;        /* when the last one began, 0: there was none */
    char *reload_refused;               /* why the last one was; NULL: it was not */
    bool stalled;                       /* the watchdog is not fed, and an event said why */

    struct admin *admin; /* NULL: off */
    struct alarms *alarms;
    struct application application;
    struct registrar *registrar;
    struct secret_care secret;
    struct certificates certificates; /* of the webhooks */
    struct register_plan plan;        /* per seller of the config */
    struct registrar_seller *round;   /* those that the registrar is at work for */
    sd_event_source *register_timer;  /* the next round */
    struct subscription *subscriptions;
    size_t n_subscriptions;
    struct subscription_change *subscription_changes;
    struct learnt *learnt;
    size_t n_learnt;
    struct subscription_look look;

    struct note *notes;
    sd_event_source *notes_timer;
    uint64_t notes_boot_usec; /* when it fires */
    bool ready;
    bool answering;           /* a queue has answered */
    char *status_line;        /* the last one sent to systemd */
    bool stopping, hurried;   /* hurried: told a second time */
    enum daemon_exit drained; /* the exit status once everything under way has ended */
    bool lost, unsaved;       /* the store's place, and it could not be saved yet (lost.c) */
    uint64_t stop_boot_usec;
    uint64_t full_since_usec;   /* boot clock: the store is full since; 0: it is not */
    uint64_t locked_since_usec; /* the same: another process writes, and that was reported */
    char *writer;               /* the process that does */
    sd_event_source *ready_timer, *watchdog_timer, *drain_timer, *older_timer, *reload_timer,
        *look_timer, *place_watch;

    struct wake_asker askers[DAEMON_ASKERS_MAX]; /* more than these get no answer */
    size_t n_askers;
};

/* notes.c */
void daemon_note(struct daemon *d, const char *section, const char *name, const char *key,
                 const char *value);
int daemon_write_notes(struct daemon *d, struct store *store);
void daemon_drop_notes(struct daemon *d, bool all);
int daemon_watch_notes(struct daemon *d);
void daemon_schedule_notes(struct daemon *d);

/* Everything that status shows is written with the next turn. */
void daemon_note_now(struct daemon *d);

/* Looks at the certificates of d->config and notes when they end, now and from time to time. */
void daemon_watch_certificates(struct daemon *d);

/* register.c: registration at the start of run. Never stops receiving. */
void daemon_register(struct daemon *d);

/* subscriptions.c: the hooks of receivers, and of registrars. Userdata is the daemon. */
const char *daemon_seller_of(const char *subscription_id, void *userdata);
const char *daemon_look_up_subscription(const char *subscription_id, void *userdata);
bool daemon_knows_subscriptions(const char *queue, void *userdata);
const char *daemon_learnt_id(const char *seller, void *userdata);
void daemon_learn_id(const char *seller, const char *seller_id, void *userdata);
void daemon_take_subscription(const char *seller, const char *type, const char *id,
                              enum subscription_event event, void *userdata);

/* Reads what earlier runs have stored; inside the turn, and after its commit; at the end. */
void daemon_load_subscriptions(struct daemon *d);
int daemon_write_subscriptions(struct daemon *d, struct store *store);
void daemon_drop_subscription_changes(struct daemon *d);
void daemon_free_subscriptions(struct daemon *d);

/* subscription_look.c: a notification of an unknown subscription came. And the end of the look, at
 * whatever point it is. */
void daemon_unknown_subscription(const char *type, void *userdata);
void daemon_end_look(struct daemon *d);

/* Amazon can be reached again: failures that may pass by themselves are tried again at once. */
void daemon_register_soon(struct daemon *d);

/* Reports and remembers one result; userdata is the daemon. */
void daemon_report_registration(const struct registration *registration, void *userdata);

/* Ends it at whatever point it is; it may begin anew. */
void daemon_end_registration(struct daemon *d);

/* admin.c: the admin endpoint, where the config has one. That it cannot be opened is told, and
 * stops nothing. */
void daemon_open_admin(struct daemon *d);
void daemon_close_admin(struct daemon *d);

/* alarms.c: which alarms last, and who is told. Opened when store and loop are there, before
 * anything that could raise one; configured again after a reload. */
int daemon_open_alarms(struct daemon *d);
void daemon_configure_alarms(struct daemon *d);

/* What is still to be told is sent, for 5 s at most, without the loop; and saved, where the store
 * is in order. */
void daemon_close_alarms(struct daemon *d, bool in_order);

/* Whether such an alarm lasts; subject NULL: the daemon as a whole. */
bool daemon_has_alarm(const struct daemon *d, enum journal_id raised_by, const char *subject);

/* Calls `each` for those that last, the oldest first. */
void daemon_each_alarm(const struct daemon *d,
                       void (*each)(const struct alarm *alarm, void *userdata), void *userdata);

/* Ends one, for a reason that no event has said: that is an event of its own. */
void daemon_end_alarm(struct daemon *d, const struct alarm *alarm, const char *why);

/* alarm_state.c: ends the alarms whose state says that they are over. */
void daemon_judge_alarms(struct daemon *d);

/* The turn: inside its transaction, and after its commit. */
int daemon_write_alarms(struct daemon *d, struct store *store);
void daemon_alarms_committed(struct daemon *d);

/* status_line.c: the state in one sentence; sent to systemd, if it has changed; sent soon, and
 * alarms are judged then. */
void daemon_status_words(struct daemon *d, struct text *line);
void daemon_tell_status(struct daemon *d);
void daemon_look_soon(struct daemon *d);
int daemon_watch_status(struct daemon *d);

/* asked.c: the wake socket. What was asked there is answered after the commit that has written the
 * facts, or when nothing can be written. */
int daemon_watch_wake(struct daemon *d);
void daemon_answer_askers(struct daemon *d);

/* secret.c: the client secret. Begins after application_open, also when that failed. */
void daemon_care_for_secret(struct daemon *d);
void daemon_end_secret_care(struct daemon *d);
void daemon_new_secret(struct receiver *receiver, const char *receipt,
                       struct new_client_secret *secret, void *userdata);
void daemon_secret_expiry(const struct client_secret_expiry *expiry, void *userdata);

/* ready.c */
int daemon_await_ready(struct daemon *d);
void daemon_answered(const char *queue, void *userdata);
void daemon_answers_again(const char *queue, void *userdata);

/* watchdog.c */
int daemon_watch(struct daemon *d);

/* reload.c: SIGHUP. */
void daemon_reload(struct daemon *d);

/* Reloads now, or when the last one is a second old: however many SIGHUPs come. */
void daemon_ask_reload(struct daemon *d);
int daemon_await_reload(struct daemon *d);

/* lost.c: the store's files are not at their path any more. */

/* Looks if they are; if not, the daemon begins to end. userdata is the daemon. */
bool daemon_in_place(void *userdata);
void daemon_lose_store(struct daemon *d, const char *why);
void daemon_watch_place(struct daemon *d);

/* Saves what the open files hold and sets d->drained. False: it could not, try again later. */
bool daemon_save_store(struct daemon *d);

/* stop.c */
int daemon_handle_signals(struct daemon *d);

/* Ends what is under way, begins nothing new, and then ends with d->drained. */
void daemon_drain(struct daemon *d, const char *why);
void daemon_end(struct daemon *d, enum daemon_exit status);

/* opening.c: the lock and the store. */

/* Takes the lock, opens the store and gives the ids of the config's webhooks. Waits while the disk
 * is full, and for a while if another process writes. Nonzero: it was reported, d->exit is set. */
int daemon_open_store(struct daemon *d, int64_t ret_ids[]);

/* Inside a transaction: makes the config's webhooks those of the store, and gives their ids. */
int daemon_set_webhooks(struct daemon *d, const struct config *config, int64_t ret_ids[]);

/* A failure of the store after which the daemon ends, in words with a remedy; and with which exit
 * status it does. */
void daemon_report_failure(struct daemon *d, int store_result, const char *why);
enum daemon_exit daemon_exit_for(struct daemon *d, int store_result);

/* trouble.c: what passes by itself. */
void daemon_store_is_full(struct daemon *d, const char *why);
void daemon_store_is_locked(struct daemon *d, uint64_t for_usec);
void daemon_store_works(struct daemon *d);

/* run.c */

/* Deliveries to be sent. */
uint64_t daemon_waiting(struct daemon *d);

/* config_report.c: reports in one event all secrets that cannot be read. Whether the daemon cannot
 * start without one of them. */
bool daemon_misses_secrets(const struct config *config);

/* config_report.c: reports in one event what drop-ins change. */
void daemon_report_overrides(const struct config *config);

/* For store_each_superseded. */
void daemon_report_superseded(const struct superseded *superseded, void *userdata);

/* parts_new.c, parts.c: receivers, forwarders and janitor of one config. */

/* Makes them; the webhook ids are the store's. The config is borrowed until parts_free. 0, or
 * negative with the reason in *error. */
int parts_new(struct parts **ret, struct daemon *d, const struct config *config,
              const int64_t webhook_ids[], struct error *error);

/* parts_filter.c: adds the filters of a webhook to those that are watched; noted: what an earlier
 * run wrote of them. NULL: it has none that look at what a notification says. */
struct filter *parts_add_filter(struct parts *parts, const struct config_webhook *webhook,
                                const char *noted);

/* Frees older ones as well. NULL is fine. */
void parts_free(struct parts *parts);
void parts_start(struct parts *parts);

/* Takes over from parts made from an older config: these claim and poll from now on, the older ones
 * end what they have begun and are then freed by parts_free_ended. */
void parts_follow(struct parts *parts, struct parts *older);
void parts_free_ended(struct parts *parts);

/* Begins nothing new; what is under way goes on until parts_idle. */
void parts_stop(struct parts *parts);
bool parts_idle(const struct parts *parts);

/* The turn: inside its transaction, after its commit, after its rollback. */
int parts_decide(struct parts *parts, struct store *store);
int parts_claim(struct parts *parts, struct store *store);
void parts_committed(struct parts *parts, bool elsewhere);
void parts_void(struct parts *parts);

/* What is held as unknown senders' is looked at again. */
void parts_release(struct parts *parts);

/* There may be room again: polls go on. */
void parts_poke(struct parts *parts);

bool parts_have_receiver(const struct parts *parts, const struct receiver *receiver);
/* How many messages the webhooks can take up at once: receive_room.wanted. */
size_t parts_wanted(const struct parts *parts);

/* Whether every webhook that takes requests has enough to send without the next commit. */
bool parts_provided(const struct parts *parts);
bool parts_have_notes(const struct parts *parts);

/* Facts for status are written with the next turn, however lately they were. */
void parts_note_now(struct parts *parts);
unsigned parts_in_flight(const struct parts *parts);

/* The same of one webhook, and the polls that are open of one queue. */
unsigned parts_in_flight_to(const struct parts *parts, int64_t webhook);
unsigned parts_pollers(const struct parts *parts, const char *queue);
unsigned parts_abandoned(const struct parts *parts);

/* How long the most overdue poll or request has outlived its own deadline, 0: none. */
uint64_t parts_overdue_poll_usec(const struct parts *parts);
uint64_t parts_overdue_request_usec(const struct parts *parts);

#endif
