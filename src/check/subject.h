/* SPDX-License-Identifier: MIT */
#ifndef SRC_CHECK_SUBJECT_H
#define SRC_CHECK_SUBJECT_H

#include "doctor.h"

/* Shared by doctor.c and doctor_subject.c. */
struct doctor {
    struct doctor_options options;
    sd_event_source *deadline;
    struct doctor_subject *subjects, **last;
    unsigned open; /* number of open subjects, and one for doctor_start itself */
    struct doctor_aws *aws;
    struct doctor_queues *queues;
    struct doctor_sellers *sellers;
    struct doctor_webhooks *webhooks;
};

/* Note the end of one of the things that `open` counts. After the last one, options.finished is
 * called. */
void doctor_end_one(struct doctor *doctor);

#endif
