/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHECK_DOCTOR_H
#define SRC_CHECK_DOCTOR_H

#include "check/doctor.h"

/* One subject and the lines about it. Each file of the doctor opens its subjects, adds lines, and
 * closes them. When the last one is closed, the doctor has finished. */
struct doctor_subject {
    struct doctor *doctor;
    char *name;        /* "queue orders-eu" */
    const char *doing; /* the check under way, named at the deadline */
    bool open;
    struct doctor_line *lines;
    size_t n_lines;
    struct doctor_subject *next;
};

/* Open a subject. name NULL: the kind has none. Valid until doctor_free. */
struct doctor_subject *doctor_open(struct doctor *doctor, const char *kind, const char *name,
                                   const char *doing);

/* Add a line. remedy is copied; it is NULL with DOCTOR_OK. Lines that come after the subject was
 * closed (by the deadline) are dropped. */
void doctor_say(struct doctor_subject *subject, enum doctor_state state, const char *check,
                const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Close a subject: it gets no more lines. Closing twice is fine. */
void doctor_close(struct doctor_subject *subject);

/* Return the options of doctor_new. */
const struct doctor_options *doctor_options(const struct doctor *doctor);

struct identity;

/* Return the identity of a queue; NULL: there is none, for the reason in *error. To be called after
 * doctor_look_at_aws. */
struct identity *doctor_identity(const struct doctor *doctor, const struct config_queue *queue,
                                 struct error *error);

/* The data of each file, kept until doctor_free. */
struct doctor_aws;
struct doctor_queues;
struct doctor_sellers;
struct doctor_webhooks;

/* Open the subjects and begin to check. The caller owns the result. Freeing it ends the checks
 * under way; NULL is fine. */
struct doctor_aws *doctor_look_at_aws(struct doctor *doctor);
void doctor_aws_free(struct doctor_aws *aws);
struct doctor_queues *doctor_look_at_queues(struct doctor *doctor);
void doctor_queues_free(struct doctor_queues *queues);
struct doctor_sellers *doctor_look_at_sellers(struct doctor *doctor);
void doctor_sellers_free(struct doctor_sellers *sellers);
struct doctor_webhooks *doctor_look_at_webhooks(struct doctor *doctor);
void doctor_webhooks_free(struct doctor_webhooks *webhooks);

#endif
