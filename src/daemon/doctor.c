/* SPDX-License-Identifier: MIT */
#include "doctor.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/memory.h"

/* By then every subject has ended: a minute, and more where many sellers share Amazon's quotas. */
#define DEADLINE_USEC            (60 * USEC_PER_SEC)
#define DEADLINE_PER_SELLER_USEC USEC_PER_SEC

struct doctor {
    struct doctor_options options;
    sd_event_source *deadline;
    struct doctor_subject *subjects, **last;
    unsigned open; /* subjects, and one for doctor_start itself */
    struct doctor_queues *queues;
    struct doctor_sellers *sellers;
    struct doctor_webhooks *webhooks;
};

const char *doctor_state_name(enum doctor_state state)
{
    static const char *const names[] = {"ok", "warn", "fail"};
    return names[state];
}

const struct doctor_options *doctor_options(const struct doctor *doctor)
{
    return &doctor->options;
}

static void end_one(struct doctor *doctor)
{
    if (--doctor->open == 0) {
        sd_event_source_set_enabled(doctor->deadline, SD_EVENT_OFF);
        doctor->options.finished(doctor->options.userdata);
    }
}

struct doctor_subject *doctor_open(struct doctor *doctor, const char *kind, const char *name,
                                   const char *doing)
{
    struct doctor_subject *subject = NEW(struct doctor_subject);
    *subject = (struct doctor_subject){
        .doctor = doctor,
        .name = memory_format("%s%s%s", kind, name ? " " : "", name ? name : ""),
        .doing = doing,
        .open = true,
    };
    *doctor->last = subject;
    doctor->last = &subject->next;
    doctor->open++;
    return subject;
}

void doctor_say(struct doctor_subject *subject, enum doctor_state state, const char *check,
                const char *remedy, const char *format, ...)
{
    AUTOTEXT struct text text = {0};
    va_list arguments;
    if (!subject->open)
        return;
    va_start(arguments, format);
    text_appendv(&text, format, arguments);
    va_end(arguments);
    subject->lines = memory_resize(subject->lines, subject->n_lines + 1, sizeof(*subject->lines));
    subject->lines[subject->n_lines++] = (struct doctor_line){
        .state = state,
        .subject = subject->name,
        .check = check,
        .text = text_take(&text),
        .remedy = memory_string(remedy),
    };
}

void doctor_close(struct doctor_subject *subject)
{
    if (!subject->open)
        return;
    subject->open = false;
    end_one(subject->doctor);
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
    doctor->queues = doctor_look_at_queues(doctor);
    doctor->sellers = doctor_look_at_sellers(doctor);
    doctor->webhooks = doctor_look_at_webhooks(doctor);
    end_one(doctor);
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
    sd_event_source_disable_unref(doctor->deadline);
    sd_event_unref(doctor->options.event);
    while (doctor->subjects) {
        struct doctor_subject *subject = doctor->subjects;
        doctor->subjects = subject->next;
        subject_free(subject);
    }
    free(doctor);
}
