/* SPDX-License-Identifier: MIT */
#ifndef SRC_DAEMON_DAEMON_H
#define SRC_DAEMON_DAEMON_H

#include <sys/types.h>

#include "aws/identity.h"
#include "config/application.h"
#include "config/certificates.h"
#include "config/register_plan.h"
#include "daemon/lock.h"
#include "daemon/run.h"
#include "daemon/wake.h"
#include "deliver/forwarder.h"
#include "journal/ids.h"
#include "receive/receiver.h"
#include "register/secret_keeper.h"
#include "register/secret_rotator.h"
#include "relay/trusted_time.h"
#include "tallies.h"
#include "upkeep/janitor.h"

/* A fact for `dockbell status` that waits for the next turn. */
struct note {
    char *section, *name, *key, *value;
    bool written; /* by the last turn */
    struct note *next;
};

/* A subscription and its seller, as registration found them (subscriptions.c). */
struct subscription {
    char *id, *seller;
};
struct subscription_change;

/* After a subscription is gone, its notifications are its seller's for this time: SQS keeps none
 * longer than 14 days. */
#define SUBSCRIPTION_GONE_USEC (15 * 24 * 3600 * 1000000ULL)

/* The learnt id of a seller that has none in the config; NULL: not known yet. */
struct learnt {
    char *seller, *id;
};

/* The search for unknown subscriptions at Amazon (subscription_look.c). */
struct subscription_look {
    struct registrar *registrar; /* NULL: no search is under way */
    struct registrar_seller *sellers;
    char **types, **asked; /* for the next search, and of this one; NULL-terminated; NULL: none */
    uint64_t next_boot_usec;
    sd_event_source *timer;
};

/* Everything that is made from one reading of the config. After a reload, the older parts end their
 * work under way with their own config (parts.c). The newest parts are first in the list. The
 * functions below about work under way, facts and the turn include the older ones. New work is only
 * for the newest: parts_start, parts_release, parts_poke, parts_wanted, parts_provided. */
struct parts {
    struct daemon *daemon;
    const struct config *config;
    struct config *owned;          /* the same; NULL: struct daemon has it (first) */
    struct parts *older;           /* those of earlier configs that have not ended yet */
    struct identities *identities; /* whom AWS takes us for */
    char **aws_files;              /* that they read */
    int64_t *webhook_ids;          /* the ids in the store; one per config webhook */
    struct receiver_webhook *receiver_webhooks;
    struct receiver_seller *receiver_sellers; /* grouped by queue */
    struct janitor_webhook *janitor_webhooks;
    struct forwarder **forwarders;
    struct http_transport **ways, **token_ways; /* to each webhook, and to its token endpoint */
    struct receiver **receivers;
    struct quiet_watch *quiet;    /* whether queues and sellers bring notifications */
    struct filter_watch *filters; /* whether filters of webhooks let anything pass */
    struct janitor *janitor;
};

/* The application's client secret, while it is replaced (secret.c). */
struct secret_care {
    struct secret_keeper *keeper;
    struct secret_rotator *rotator;
    struct secret configured;  /* from the config; empty: not usable */
    struct receiver *receiver; /* its message is being proved; may be gone: parts_have_receiver */
    char *receipt;             /* of that message; NULL: there is none */
    uint64_t expires_usec;     /* of the secret in use; 0: not known */
    sd_event_source *timer;
    bool rotated;                     /* the rotator has ended */
    enum error_kind rotation_failure; /* as reported */
    void (*register_again)(struct daemon *d);
    bool again;   /* a new secret came after a refusal: registration begins again */
    bool refused; /* LWA refuses all secrets */
};

struct alarm;

/* Most commands that can ask for the state between two commits. */
#define DAEMON_ASKERS_MAX 16

/* Everything that one process owns. run.c makes it from top to bottom and ends it from bottom to
 * top. */
struct daemon {
    const struct config *config;
    struct config *first; /* the config of the start, until a reload hands it to its parts */
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
    uint64_t started_usec, loaded_usec; /* wall clock: process started, config loaded */
    uint64_t reloaded_boot_usec;        /* when the last reload began; 0: there was none */
    char *reload_refused;               /* why the last reload was refused; NULL: it was not */
    bool stalled; /* the watchdog gets no signal, and an event gave the reason */

    struct admin *admin; /* NULL: off */
    struct alarms *alarms;
    struct application application;
    struct registrar *registrar;
    struct secret_care secret;
    struct certificates certificates; /* of the webhooks */
    struct register_plan plan;        /* per seller of the config */
    struct registrar_seller *round;   /* the sellers of the registrar's present round */
    sd_event_source *register_timer;  /* for the next round */
    struct subscription *subscriptions;
    size_t n_subscriptions;
    struct subscription_change *subscription_changes;
    struct learnt *learnt;
    size_t n_learnt;
    struct subscription_look look;

    struct note *notes;
    sd_event_source *notes_timer;
    uint64_t notes_boot_usec; /* when notes_timer fires */
    bool ready;
    bool answering;           /* a queue has answered */
    char *status_line;        /* the last one sent to systemd */
    bool stopping, hurried;   /* hurried: a second signal came */
    enum daemon_exit drained; /* the exit status when everything under way has ended */
    bool lost, unsaved;       /* the store has lost its place; saving it failed so far (lost.c) */
    uint64_t stop_boot_usec;
    uint64_t full_since_usec;   /* boot clock: since when the store is full; 0: it is not */
    uint64_t locked_since_usec; /* the same: another process writes, and that was reported */
    char *writer;               /* the process that writes */
    sd_event_source *ready_timer, *watchdog_timer, *drain_timer, *older_timer, *reload_timer,
        *look_timer, *place_watch;

    struct wake_asker askers[DAEMON_ASKERS_MAX]; /* further ones get no answer */
    size_t n_askers;
};

/* notes.c: keep a fact for `dockbell status`; it is written with the next turn. value NULL: delete
 * the fact. */
void daemon_note(struct daemon *d, const char *section, const char *name, const char *key,
                 const char *value);

/* Write the kept facts. To be called inside the turn's transaction. 0, or the result of the store's
 * verb. */
int daemon_write_notes(struct daemon *d, struct store *store);

/* Drop the facts that are written, after the commit; `all`: the others too. */
void daemon_drop_notes(struct daemon *d, bool all);

/* Make the timer for facts. 0 or negative errno. */
int daemon_watch_notes(struct daemon *d);

/* If receivers or forwarders have facts for status, let the timer fire soon. */
void daemon_schedule_notes(struct daemon *d);

/* Have all facts that status shows written with the next turn. */
void daemon_note_now(struct daemon *d);

/* Check the certificates of d->config and note when they end, now and from time to time. */
void daemon_watch_certificates(struct daemon *d);

/* identities.c: note for status who gives AWS credentials, and when they end. */
void daemon_note_identities(struct daemon *d);

/* Credentials were renewed, or that failed: report and note it. A hook of identities; userdata is
 * the daemon. */
void daemon_identity_changed(struct identity *identity, void *userdata);

/* Why the alarm about an identity is over; NULL: it is not, or that is not known yet. */
const char *daemon_identity_is_good(struct daemon *d, const char *name);

/* register.c: begin the registration of the config's sellers. It never stops receiving. */
void daemon_register(struct daemon *d);

/* subscriptions.c: the hooks of receivers and registrars; userdata is the daemon. Return the seller
 * of a subscription; NULL: unknown. */
const char *daemon_seller_of(const char *subscription_id, void *userdata);

/* Do the same after a look into the store: another process may have registered the seller. */
const char *daemon_look_up_subscription(const char *subscription_id, void *userdata);

/* Whether subscriptions of sellers of the queue are known. */
bool daemon_knows_subscriptions(const char *queue, void *userdata);

/* Return the learnt id of a seller; NULL: none yet. */
const char *daemon_learnt_id(const char *seller, void *userdata);

/* Learn the id of a seller, unless there is a learnt one. */
void daemon_learn_id(const char *seller, const char *seller_id, void *userdata);

/* Take a subscription that registration found, created or deleted. */
void daemon_take_subscription(const char *seller, const char *type, const char *id,
                              enum subscription_event event, void *userdata);

/* Read the subscriptions that earlier runs have stored. To be called once, at the start. */
void daemon_load_subscriptions(struct daemon *d);

/* Read those that another process may have stored. If there are new ones, release the notifications
 * that were held because nobody knew them. */
void daemon_reread_subscriptions(struct daemon *d);

/* Write the changes, and forget subscriptions that were gone for SUBSCRIPTION_GONE_USEC. To be
 * called inside the turn's transaction. 0, or the result of the store's verb. */
int daemon_write_subscriptions(struct daemon *d, struct store *store);

/* Drop the changes, after the commit. */
void daemon_drop_subscription_changes(struct daemon *d);

/* Free the subscriptions, their changes and the learnt ids. */
void daemon_free_subscriptions(struct daemon *d);

/* subscription_look.c: a notification of an unknown subscription came: search for subscriptions of
 * its type soon. A hook of receivers; userdata is the daemon. */
void daemon_unknown_subscription(const char *type, void *userdata);

/* End the search at any point. */
void daemon_end_look(struct daemon *d);

/* Amazon can be reached again: if the failure of a registration may not repeat, try it again
 * soon. */
void daemon_register_soon(struct daemon *d);

/* Report and note one result; userdata is the daemon. */
void daemon_report_registration(const struct registration *registration, void *userdata);

/* End the registration at any point. daemon_register can begin it again. */
void daemon_end_registration(struct daemon *d);

/* admin.c: open the admin endpoint, if the config has one. If it cannot be opened, that is
 * reported, and everything else continues. */
void daemon_open_admin(struct daemon *d);

/* Close the endpoint and end its registrations. Fine if it is not open. */
void daemon_close_admin(struct daemon *d);

/* alarms.c: the alarms that last, and where they are sent. Begin with store and loop, before
 * anything can raise an alarm. 0 or negative errno. */
int daemon_open_alarms(struct daemon *d);

/* Use the ways and the filter of d->config: at the start, and after a reload. */
void daemon_configure_alarms(struct daemon *d);

/* Send the alarms that are not sent yet, for 5 s at most, without the daemon's loop, and not if d
 * is hurried. If the store is in order, save the list. Then free everything. */
void daemon_close_alarms(struct daemon *d, bool in_order);

/* Whether such an alarm lasts. subject NULL: it is about the daemon as a whole. */
bool daemon_has_alarm(const struct daemon *d, enum journal_id raised_by, const char *subject);

/* Call `each` for the alarms that last, the oldest first. */
void daemon_each_alarm(const struct daemon *d,
                       void (*each)(const struct alarm *alarm, void *userdata), void *userdata);

/* End an alarm for a reason that no event has given. That makes an event of its own. */
void daemon_end_alarm(struct daemon *d, const struct alarm *alarm, const char *why);

/* alarm_state.c: end the alarms that are over by their state. */
void daemon_judge_alarms(struct daemon *d);

/* Write the list, if it has changed. To be called inside the turn's transaction. 0, or the result
 * of the store's verb. */
int daemon_write_alarms(struct daemon *d, struct store *store);

/* Note that the list is committed. */
void daemon_alarms_committed(struct daemon *d);

/* notify.c: append the state in one sentence. */
void daemon_status_words(struct daemon *d, struct text *line);

/* Send the sentence to systemd, if it has changed. */
void daemon_tell_status(struct daemon *d);

/* Soon judge the alarms and send the sentence. */
void daemon_look_soon(struct daemon *d);

/* Make the timer for it. 0 or negative errno. */
int daemon_watch_status(struct daemon *d);

/* asked.c: listen at the wake socket. 0 or negative errno. */
int daemon_watch_wake(struct daemon *d);

/* Answer the commands that asked. To be called after the commit that has written the facts, or when
 * nothing can be written. */
void daemon_answer_askers(struct daemon *d);

/* secret.c: begin to care for the client secret. To be called after application_open, also if that
 * failed. If a new secret comes after a refusal, register_again is called: it ends the registration
 * and begins it again, and the care with it. */
void daemon_care_for_secret(struct daemon *d, void (*register_again)(struct daemon *d));

/* End it at any point and free its data. */
void daemon_end_secret_care(struct daemon *d);

/* Check a new client secret that a message brought, and keep it. A hook of receivers; userdata is
 * the daemon. */
void daemon_new_secret(struct receiver *receiver, const char *receipt,
                       struct new_client_secret *secret, void *userdata);

/* Note when the client secret expires. A hook of receivers; userdata is the daemon. */
void daemon_secret_expiry(const struct client_secret_expiry *expiry, void *userdata);

/* notify.c: make the timer that reports the daemon ready even if no queue answers in time. 0 or
 * negative errno. */
int daemon_await_ready(struct daemon *d);

/* The first signed call of a receiver worked: report the daemon ready. A hook of receivers;
 * userdata is the daemon. */
void daemon_answered(const char *queue, void *userdata);

/* A queue answers again after failures. A hook of receivers; userdata is the daemon. */
void daemon_answers_again(const char *queue, void *userdata);

/* watchdog.c: make the timer that feeds the watchdog. 0 or negative errno. */
int daemon_watch(struct daemon *d);

/* reload.c: read the config again and use it. If it cannot be used, that is reported and nothing
 * changes. */
void daemon_reload(struct daemon *d);

/* Reload now or, if the last reload began less than a second ago, when the second is over. More
 * SIGHUPs do not make it more often. */
void daemon_ask_reload(struct daemon *d);

/* Make the timers of reloads. 0 or negative errno. */
int daemon_await_reload(struct daemon *d);

/* lost.c: the store's files are not at their path any more. */

/* Whether the store's files are at their path. If not, the daemon begins to end. userdata is the
 * daemon. */
bool daemon_in_place(void *userdata);

/* Report the loss of the store and begin to end. Only the first call does it. */
void daemon_lose_store(struct daemon *d, const char *why);

/* Watch the state directory, so that a loss is noticed at once. */
void daemon_watch_place(struct daemon *d);

/* save_store.c: save the contents of the open files and set d->drained. False: it failed; try again
 * later. */
bool daemon_save_store(struct daemon *d);

/* signals.c: handle SIGTERM, SIGINT and SIGHUP. Negative: it failed. */
int daemon_handle_signals(struct daemon *d);

/* stop.c: begin nothing new, let everything under way end, and then end with d->drained. */
void daemon_drain(struct daemon *d, const char *why);

/* End the loop now, with this exit status. */
void daemon_end(struct daemon *d, enum daemon_exit status);

/* open_store.c: the lock and the store. */

/* Take the lock, open the store and return the ids of the config's webhooks. Waits while the disk
 * is full, and for a limited time if another process writes. Nonzero: it was reported, and d->exit
 * is set. */
int daemon_open_store(struct daemon *d, int64_t ret_ids[]);

/* Make the config's webhooks those of the store, and return their ids. To be called inside a
 * transaction. 0, or the result of the store's verb. */
int daemon_set_webhooks(struct daemon *d, const struct config *config, int64_t ret_ids[]);

/* Report a failure of the store after which the daemon ends, in words with a remedy. */
void daemon_report_failure(struct daemon *d, int store_result, const char *why);

/* Return the exit status after such a failure. */
enum daemon_exit daemon_exit_for(struct daemon *d, int store_result);

/* trouble.c: failures of the store that pass. The disk is full: report it, once until it works
 * again. */
void daemon_store_is_full(struct daemon *d, const char *why);

/* Another process has prevented writing for this time. If that is long, report it, once. */
void daemon_store_is_locked(struct daemon *d, uint64_t for_usec);

/* A commit worked: report the end of such a failure. */
void daemon_store_works(struct daemon *d);

/* report.c: return the number of deliveries to be sent; 0 also if the store cannot be read. */
uint64_t daemon_waiting(struct daemon *d);

/* Report a superseded delivery. For store_each_superseded. */
void daemon_report_superseded(const struct superseded *superseded, void *userdata);

/* config_report.c: report all secrets that cannot be read, in one event. Returns whether the daemon
 * cannot start without one of them. */
bool daemon_misses_secrets(const struct config *config);

/* config_report.c: at a start and after a reload, report the changes by drop-ins, and that
 * notifications of unknown senders are forwarded. */
void daemon_report_config(const struct config *config);

/* parts_new.c, parts.c: receivers, forwarders and janitor of one config. */

/* Make the parts of a config; the webhook ids are the store's. The config is borrowed until
 * parts_free. 0, or negative with the reason in *error. */
int parts_new(struct parts **ret, struct daemon *d, const struct config *config,
              const int64_t webhook_ids[], struct error *error);

/* parts_filter.c: add the filters of a webhook to the watched ones. noted: the fact about them from
 * an earlier run. NULL: none of the filters looks at the contents of notifications. */
struct filter *parts_add_filter(struct parts *parts, const struct config_webhook *webhook,
                                const char *noted);

/* Free the parts and the older ones. NULL is fine. */
void parts_free(struct parts *parts);

/* Begin to receive. */
void parts_start(struct parts *parts);

/* Take over from the parts of an older config. From now on these parts claim and poll. The older
 * ones end their work under way and are then freed by parts_free_ended. */
void parts_follow(struct parts *parts, struct parts *older);

/* Free the older parts that have ended, the oldest first. */
void parts_free_ended(struct parts *parts);

/* Begin nothing new. Work under way continues until parts_idle. */
void parts_stop(struct parts *parts);

/* Whether nothing is under way any more. */
bool parts_idle(const struct parts *parts);

/* Write the decisions of forwarders. To be called inside the turn's transaction, before
 * parts_claim. 0, or the result of the store's verb. */
int parts_decide(struct parts *parts, struct store *store);

/* Release held notifications of senders that are known now, and claim deliveries. To be called
 * inside the turn's transaction, before parts_write_facts. 0, or the result of the store's verb. */
int parts_claim(struct parts *parts, struct store *store);

/* Write facts for status. To be called inside the turn's transaction. 0, or the result of the
 * store's verb. */
int parts_write_facts(struct parts *parts, struct store *store);

/* The turn is committed: make requests of its claims. `elsewhere`: another process has changed the
 * store. */
void parts_committed(struct parts *parts, bool elsewhere);

/* The turn was rolled back: its claims are void. */
void parts_void(struct parts *parts);

/* Check again whether notifications held for unknown senders belong to a seller. */
void parts_release(struct parts *parts);

/* There may be room again: continue to poll. */
void parts_poke(struct parts *parts);

/* Whether the receiver still exists. */
bool parts_have_receiver(const struct parts *parts, const struct receiver *receiver);

/* Return how many messages the webhooks can take at once: receive_room.wanted. */
size_t parts_wanted(const struct parts *parts);

/* Whether every webhook that takes requests has enough to send without the next commit. */
bool parts_provided(const struct parts *parts);

/* Whether facts for status wait to be written. */
bool parts_have_facts(const struct parts *parts);

/* Have the facts for status written with the next turn, even if they were written a moment ago. */
void parts_hurry_facts(struct parts *parts);

/* Return the number of requests in flight. */
unsigned parts_in_flight(const struct parts *parts);

/* Do the same for one webhook. */
unsigned parts_in_flight_to(const struct parts *parts, int64_t webhook);

/* Return the number of open polls of a queue. */
unsigned parts_pollers(const struct parts *parts, const char *queue);

/* Return the number of polls that parts_stop abandoned. */
unsigned parts_abandoned(const struct parts *parts);

/* Return for how long the most overdue poll has outlived its own deadline; 0: none has. */
uint64_t parts_overdue_poll_usec(const struct parts *parts);

/* Do the same for requests to webhooks. */
uint64_t parts_overdue_request_usec(const struct parts *parts);

#endif
