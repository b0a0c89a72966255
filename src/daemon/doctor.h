/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_DOCTOR_PRIVATE_H
#define DAEMON_DOCTOR_PRIVATE_H

#include "daemon/doctor.h"

/* One subject and what is known about it. The files of the doctor each open theirs, say lines, and
 * close them; the last one that closes ends the whole. */
struct doctor_subject {
    struct doctor *doctor;
    char *name;        /* "queue orders-eu" */
    const char *doing; /* the check under way, for the deadline */
    bool open;
    struct doctor_line *lines;
    size_t n_lines;
    struct doctor_subject *next;
};

/* name NULL: the kind has none. Valid until doctor_free. */
struct doctor_subject *doctor_open(struct doctor *doctor, const char *kind, const char *name,
                                   const char *doing);

/* Adds a line. remedy is copied, NULL with DOCTOR_OK. What comes after the subject was closed (by
 * the deadline) is dropped. */
void doctor_say(struct doctor_subject *subject, enum doctor_state state, const char *check,
                const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Nothing more will be said. Closing twice is fine. */
void doctor_close(struct doctor_subject *subject);

const struct doctor_options *doctor_options(const struct doctor *doctor);

/* What the parts keep until doctor_free. */
struct doctor_queues;
struct doctor_sellers;
struct doctor_webhooks;

/* Each opens its subjects and starts looking; the caller owns the result, and ends what is still
 * under way by freeing it (NULL is fine). */
struct doctor_queues *doctor_look_at_queues(struct doctor *doctor);
void doctor_queues_free(struct doctor_queues *queues);
struct doctor_sellers *doctor_look_at_sellers(struct doctor *doctor);
void doctor_sellers_free(struct doctor_sellers *sellers);
struct doctor_webhooks *doctor_look_at_webhooks(struct doctor *doctor);
void doctor_webhooks_free(struct doctor_webhooks *webhooks);

#endif
