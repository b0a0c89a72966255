/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_EVENTS_H
#define JOURNAL_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/error.h"

/*
 * Everything that Dockbell reports to its user while it runs: ONE function per event. Each has a
 * MESSAGE_ID, a text in the catalog (cause, remedy, next command; systemd/dockbell.catalog) and
 * fields from one list (journal/fields.h). Callers report changes, not repetitions: there is no
 * event for each attempt of an outage. Foreign text is escaped here. Bodies, tokens and postal
 * codes never come here.
 *
 * Under systemd an event goes to the journal, elsewhere it is one line on stderr.
 */

enum event_level {
    EVENT_ERROR = 3,
    EVENT_WARNING = 4,
    EVENT_NOTICE = 5,
    EVENT_INFO = 6,
    EVENT_DEBUG = 7
};

/* Set the level below which events are not sent (the default is EVENT_INFO), and whether events of
 * a level are sent. */
void events_set_level(enum event_level level);
bool events_wanted(enum event_level level);

/* From now on, if an event comes in large numbers, write it a few times and then as a count, by a
 * timer of the loop (a reference is taken). 0 or negative errno. */
int events_attach(sd_event *event);

/* Write the remaining counts, and hold back nothing any more. Fine when not attached. */
void events_detach(void);

/* The subject of an event. NULL and 0: not known, or not part of it. */
struct event_subject {
    const char *queue, *seller, *webhook;
    const char *notification_id, *order_id, *type;
    unsigned attempt;
    int status;
    const char *request_id;
    uint64_t duration_usec;
};

/* ---- the daemon ---- */
void event_started(const char *version, const char *config, unsigned queues, unsigned sellers,
                   unsigned webhooks);
void event_ready(unsigned queues, uint64_t waiting);
void event_degraded(const char *why); /* READY=1 although no queue has answered yet */
void event_stopping(const char *signal_name, unsigned in_flight);
void event_stopped(unsigned abandoned_polls, uint64_t waiting);
void event_reloaded(const char *config, unsigned changes);
void event_reload_refused(const char *config, const char *why);
void event_config_changed(const char *section, const char *what);
void event_recovered(uint64_t deliveries); /* in flight when the last run ended */
/* The watchdog gets no sign of life any more. for_usec: how late it is, 0: that is not known. */
void event_stalled(const char *what, uint64_t for_usec);
void event_log_lost(uint64_t messages);  /* nobody read them */
void event_loop_failed(const char *why); /* the process ends */
void event_config_warning(const char *file, unsigned line, const char *text);

/* Drop-ins change `count` values of earlier files; `which` names each with both places. */
void event_config_overridden(size_t count, const char *which);

/* The configuration can be read but not used, so that the daemon does not start. */
void event_config_refused(const char *config, const char *why);

/* `count` secrets cannot be read; `which` names each of them with section, key and the file to
 * create. `ends`: the daemon does not start without them. */
void event_secrets_missing(size_t count, const char *which, bool ends);

/* Further events of a kind, which are not written one by one: name and level of the event, how many
 * within how long, and the sentence of the last. queue and webhook may be NULL. */
void event_repeated(const char *event, enum event_level level, const char *queue,
                    const char *webhook, unsigned more, uint64_t within_usec, const char *last);

/* The admin endpoint is open, or could not be opened. */
void event_admin_listens(const char *listen, unsigned port, bool registers);
void event_admin_failed(const char *why); /* the daemon continues without it */

/* ---- the store ---- */
void event_store_failed(const char *why);  /* the process ends */
void event_store_keyless(const char *why); /* the process ends */
void event_store_lost(const char *why);    /* its files are not at their path; the daemon ends */
/* Everything that the store held is in this database (NULL: nothing could be read). `next`: the
 * next step for the operator. */
void event_store_saved(const char *database, uint64_t waiting, const char *next);
void event_store_unsaved(const char *why, uint64_t waiting); /* it is tried again */
void event_store_full(const char *why);
void event_store_works_again(uint64_t for_usec);
void event_store_locked(const char *who, uint64_t for_usec); /* for_usec 0: not known */
void event_store_unlocked(uint64_t for_usec);
/* The numbers of the last notification that it holds, and of the last that it once held. */
void event_store_went_back(uint64_t notification, uint64_t before);
void event_disk_low(uint64_t free_bytes, uint64_t wanted_bytes);
void event_disk_enough(uint64_t free_bytes);
void event_backlog_high(uint64_t waiting, uint64_t limit); /* 80 % */
void event_backlog_full(uint64_t waiting, uint64_t limit); /* receiving pauses */
void event_backlog_normal(uint64_t waiting);
/* Dead and held deliveries that are removed within three days. */
struct event_removal {
    const char *webhook; /* NULL: of no configured one */
    const char *queue;   /* of the oldest, if webhook is NULL */
    uint64_t dead, held;
    int64_t oldest; /* a delivery */
    bool oldest_is_dead;
    uint64_t since_usec; /* since when it is that */
    uint64_t when_usec;  /* the first is removed then, or soon after */
};
void event_removal_near(const struct event_removal *removal);
void event_removal_over(const char *webhook); /* NULL: as above */
void event_delivery_removed(const struct event_subject *subject, int64_t delivery, bool dead);
void event_history_kept(const char *why); /* pruning stopped: too much at once, or the clock */

/* ---- receiving ---- */
void event_receive_failed(const char *queue, const struct error *error);
void event_receive_works_again(const char *queue, unsigned failures, uint64_t for_usec);
void event_queue_silent(const char *queue,
                        uint64_t for_usec); /* polls end only by our own deadline */
void event_damaged(const char *queue,
                   unsigned messages); /* MD5 differs; SQS will bring them again */
void event_delete_failed(const char *queue, unsigned messages, const struct error *error);
void event_delete_works_again(const char *queue, uint64_t for_usec);
void event_client_secret_left(const char *queue,
                              const char *why); /* hidden and left in the queue */
void event_unreadable(const struct event_subject *subject, const char *why);
void event_id_conflict(const struct event_subject *subject);
/* Unknown senders: one of them sent something (seller_id NULL: it names none), with its fate; no
 * more is kept; there is room again; held ones belong to one of our sellers after all; old ones
 * were removed; unknown_seller = forward, at each start and reload; others than Amazon can send. */
enum unknown_fate {
    UNKNOWN_HELD,
    UNKNOWN_FORWARDED,
    UNKNOWN_DROPPED,
    UNKNOWN_COUNTED,
    UNKNOWN_LEFT,
};
void event_unknown_seller(const struct event_subject *subject, const char *seller_id,
                          const char *subscription, enum unknown_fate fate);
void event_unknown_limit(const char *queue, uint64_t count, uint64_t bytes);
void event_unknown_room(uint64_t count);
void event_unknown_released(const char *queue, unsigned count);
void event_unknown_removed(uint64_t count);
void event_unknown_forwarded(void);
void event_queue_open(const char *queue, const char *who);
void event_accepted(const struct event_subject *subject);
/* The story of single orders (accepted, postponed, delivered) pauses when more come in a minute
 * than a person can read. It continues with the number of messages left out (journal/story.h). */
void event_orders_unlisted(unsigned written);
void event_orders_listed(uint64_t left_out);

/* Nothing has come for this time, or since a moment of the wall clock; seller NULL: over the queue
 * as a whole. Then something has come, after this time (0: not known). */
void event_quiet(const char *queue, const char *seller, uint64_t for_usec, uint64_t since_usec);
void event_heard(const char *queue, const char *seller, uint64_t for_usec);

/* The filters of a webhook (`keys`: "statuses, changes") have let nothing pass for this time: the
 * number of blocked notifications, and the moment of the first by the wall clock. Then one
 * passes. */
void event_filter_blocks(const char *webhook, const char *keys, uint64_t blocked, uint64_t for_usec,
                         uint64_t since_usec);
void event_filter_passes(const char *webhook, uint64_t blocked, uint64_t for_usec);

/* From publication to receipt. */
void event_lag_high(const char *queue, uint64_t lag_usec, uint64_t limit_usec);
void event_lag_normal(const char *queue, uint64_t lag_usec);

/* The queue has not been read since then, and how long it keeps messages. */
void event_gap_near(const char *queue, uint64_t since_usec, uint64_t retention_usec);
/* Notifications published between the two moments may be lost. */
void event_gap(const char *queue, uint64_t from_usec, uint64_t to_usec, uint64_t retention_usec);

/* ---- delivering ---- */
void event_delivered(const struct event_subject *subject);
void event_superseded(const struct event_subject *subject,
                      int64_t by); /* the delivery that is sent instead */
void event_postponed(const struct event_subject *subject, const char *reason,
                     uint64_t wait_usec); /* a destination fault; next try after this wait */
void event_refused(const struct event_subject *subject, const char *reason,
                   uint64_t wait_usec); /* an event fault; next try after this wait */
void event_dead(const struct event_subject *subject, const char *cause, const char *reason);
void event_revived(const struct event_subject *subject, unsigned deliveries);
void event_breaker_opened(const char *webhook, const char *reason, uint64_t probe_in_usec,
                          uint64_t probe_longest_usec);
void event_breaker_closed(const char *webhook, uint64_t for_usec);
/* A webhook asks for fewer requests, for the first time in a while. */
void event_throttled(const char *webhook, const char *reason, uint64_t rest_usec,
                     double per_second);
void event_webhook_gone(const char *webhook); /* 410: paused, everything kept */
void event_webhook_paused(const char *webhook, uint64_t since_usec); /* by an operator */
void event_webhook_resumed(const char *webhook);
/* `what` is the certificate in words, ends_usec its end in wall time. Reported when the end comes
 * closer. */
void event_certificate_expires(const char *webhook, const char *what, const char *file,
                               uint64_t ends_usec);
void event_certificate_expired(const char *webhook, const char *what, const char *file,
                               uint64_t ends_usec);
void event_certificate_renewed(const char *webhook, const char *what, const char *file,
                               uint64_t ends_usec);

/* AWS credentials of an identity could not be renewed; they end at ends_usec (0: there are none, or
 * they have ended). */
void event_credentials_expire(const char *identity, uint64_t ends_usec, unsigned failures,
                              const struct error *error);

/* They were renewed after such failures; they end at ends_usec (0: they do not). */
void event_credentials_renewed(const char *identity, uint64_t ends_usec);
void event_certificate_unreadable(const char *webhook, const char *what, const char *file,
                                  const char *why);
void event_token_failed(const char *webhook, const struct error *error); /* nothing is sent */
void event_token_works_again(const char *webhook, uint64_t for_usec);
void event_expiring(const char *webhook, uint64_t deliveries);
void event_expired(const struct event_subject *subject);
void event_orphans(const char *webhook, uint64_t deliveries);

/* ---- registering ---- */
/* what: "created subscription s-1"; changed: something was made or deleted, not only found. */
void event_registered(const char *seller, const char *type, const char *what, bool changed);
void event_registration_differs(const char *seller, const char *type, const char *difference);
/* next_usec: the wait before the next try. */
void event_registration_failed(const char *seller, const char *type, const struct error *error,
                               uint64_t next_usec);

/* After one of the two above, all is well with the seller; NULL: with the application. */
void event_registration_works(const char *seller);

/* ---- the application at Amazon ---- */
void event_client_secret_kept(const char *queue, uint64_t expires_usec);
void event_client_secret_expires(uint64_t expires_usec, const char *reason);
void event_client_secret_fallback(const char *which);
void event_lwa_refused(const char *seller, const struct error *error); /* NULL: the application */
void event_lwa_works_again(const char *seller);
void event_rotation_asked(uint64_t expires_usec);
void event_rotation_failed(const struct error *error);

/* ---- time ---- */
void event_clock_off(int64_t offset_usec); /* against Amazon's Date */
void event_clock_right(int64_t offset_usec);
void event_clock_jumped(int64_t by_usec);
/* Nothing expires and nothing is pruned: Amazon has sent no Date for this time ... */
void event_clock_undated(uint64_t for_usec);
/* ... or its time is behind the newest stored notification by this much. */
void event_clock_behind(uint64_t by_usec);
void event_clock_proved(void);

/* ---- alarms ---- */
/* way: the result of alarm_channel_name; output: the output of a command, or the answer, "" for
 * none. */
void event_alarm_failed(const char *transport, const char *why, const char *output);
void event_alarm_works_again(const char *transport, unsigned failures, uint64_t for_usec);
/* event, subject: of the alarm; subject may be NULL. */
void event_alarm_given_up(const char *transport, const char *event, const char *subject,
                          const char *why);
/* The state of the alarm is right again, and no event of its own has reported that. */
void event_alarm_ended(const char *event, const char *subject, const char *why);
void event_alarm_output(const char *transport, const char *output);

/* ---- operators ---- */
void event_operated(const char *verb, const char *target, uint64_t deliveries, unsigned uid,
                    const char *person);
/* An operator ran `dockbell COMMAND TARGET`, which shows or copies bodies. person: NULL: not
 * known. */
void event_data_read(const char *command, const char *target, unsigned uid, const char *person);
/* The data of an order was removed. Its id must not be logged; reference: a keyed hash of it. */
void event_order_forgotten(const char *reference, uint64_t notifications, unsigned uid,
                           const char *person);

#endif
