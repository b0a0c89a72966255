/* SPDX-License-Identifier: MIT */
/* The lines of one subject of the doctor, and its end. */
#include "subject.h"

#include <stdarg.h>

#include "base/memory.h"

const struct doctor_options *doctor_options(const struct doctor *doctor)
{
    return &doctor->options;
}

void doctor_end_one(struct doctor *doctor)
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
    doctor_end_one(subject->doctor);
}
