/* SPDX-License-Identifier: MIT */
#include "doctor.h"

#include "base/clock.h"
#include "base/memory.h"
#include "subject.h"

/* Time limit for all subjects: a minute, and more for many sellers, because they share Amazon's
 * quotas. */
#define DEADLINE_USEC            (60 * USEC_PER_SEC)
#define DEADLINE_PER_SELLER_USEC USEC_PER_SEC

const char *doctor_state_name(enum doctor_state state)
{
    static const char *const names[] = {"ok", "warn", "fail"};
    return names[state];
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct doctor *doctor = userdata;
    (void)source, (void)usec;
    for (struct doctor_subject *subject = doctor->subjects; subject; subject = subject->next) {
        if (!subject->open)
            continue;
        doctor_say(subject, DOCTOR_FAIL, subject->doing,
                   "try again; look at the network between this machine and that one",
                   "no answer in time, the rest of it was not looked at");
        doctor_close(subject);
    }
    return 0;
}

int doctor_new(struct doctor **ret, const struct doctor_options *options)
{
    struct doctor *doctor = NEW(struct doctor);
    uint64_t limit = DEADLINE_USEC + options->config->n_sellers * DEADLINE_PER_SELLER_USEC;
    doctor->options = *options;
    doctor->last = &doctor->subjects;
    sd_event_ref(options->event);
    int r = sd_event_add_time_relative(options->event, &doctor->deadline, CLOCK_BOOTTIME, limit, 0,
                                       on_deadline, doctor);
    if (r < 0) {
        doctor_free(doctor);
        return r;
    }
    *ret = doctor;
    return 0;
}

void doctor_start(struct doctor *doctor)
{
    doctor->open = 1;
    doctor->aws = doctor_look_at_aws(doctor);
    doctor->queues = doctor_look_at_queues(doctor);
    doctor->sellers = doctor_look_at_sellers(doctor);
    doctor->webhooks = doctor_look_at_webhooks(doctor);
    doctor_end_one(doctor);
}

void doctor_each_line(const struct doctor *doctor, doctor_line_fn each, void *userdata)
{
    for (struct doctor_subject *subject = doctor->subjects; subject; subject = subject->next)
        for (size_t i = 0; i < subject->n_lines; i++)
            each(&subject->lines[i], userdata);
}

size_t doctor_count(const struct doctor *doctor, enum doctor_state state)
{
    size_t count = 0;
    for (struct doctor_subject *subject = doctor->subjects; subject; subject = subject->next)
        for (size_t i = 0; i < subject->n_lines; i++)
            count += subject->lines[i].state == state;
    return count;
}

static void subject_free(struct doctor_subject *subject)
{
    for (size_t i = 0; i < subject->n_lines; i++) {
        free(subject->lines[i].text);
        free(subject->lines[i].remedy);
    }
    free(subject->lines);
    free(subject->name);
    free(subject);
}

void doctor_free(struct doctor *doctor)
{
    if (!doctor)
        return;
    doctor_queues_free(doctor->queues);
    doctor_sellers_free(doctor->sellers);
    doctor_webhooks_free(doctor->webhooks);
    doctor_aws_free(doctor->aws);
    sd_event_source_disable_unref(doctor->deadline);
    sd_event_unref(doctor->options.event);
    while (doctor->subjects) {
        struct doctor_subject *subject = doctor->subjects;
        doctor->subjects = subject->next;
        subject_free(subject);
    }
    free(doctor);
}
