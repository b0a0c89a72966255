/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_DOCTOR_H
#define DAEMON_DOCTOR_H

#include <stddef.h>
#include <systemd/sd-event.h>

#include "daemon/config.h"
#include "wire/http.h"

/*
 * `check --online`: looks at everything between Amazon and the webhooks and changes nothing. What
 * it looks at are subjects (a queue, a seller, the application, a webhook); they are looked at side
 * by side, each has its lines, and all of it ends by a deadline.
 */
struct doctor;

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

/* "ok", "warn", "fail". */
const char *doctor_state_name(enum doctor_state state);

/* One thing that was looked at. The strings are the doctor's. */
struct doctor_line {
    enum doctor_state state;
    const char *subject; /* "queue orders-eu" */
    const char *check;   /* "policy" */
    char *text;          /* what was seen, and why that is wrong */
    char *remedy;        /* what to do; NULL with DOCTOR_OK */
};

struct doctor_options {
    sd_event *event; /* a reference is taken; what follows is borrowed until doctor_free */
    struct http *http;
    const struct config *config;      /* without errors */
    void (*finished)(void *userdata); /* once, when all is looked at; perhaps from doctor_start */
    void *userdata;
};

/* 0 or negative errno. */
int doctor_new(struct doctor **ret, const struct doctor_options *options);
void doctor_start(struct doctor *doctor);

/* Ends what is under way. NULL is fine. */
void doctor_free(struct doctor *doctor);

/* The lines, by subject in the order of the config; complete once `finished` was called. */
typedef void (*doctor_line_fn)(const struct doctor_line *line, void *userdata);
void doctor_each_line(const struct doctor *doctor, doctor_line_fn each, void *userdata);

/* Lines of that state so far. */
size_t doctor_count(const struct doctor *doctor, enum doctor_state state);

#endif
