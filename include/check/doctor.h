/* SPDX-License-Identifier: MIT */
#ifndef CHECK_DOCTOR_H
#define CHECK_DOCTOR_H

#include <stddef.h>
#include <systemd/sd-event.h>

#include "config/config.h"
#include "wire/http.h"

/*
 * `check --online`: checks everything between Amazon and the webhooks and changes nothing. It has
 * subjects (a queue, a seller, the application, a webhook), which are checked side by side. Each
 * has its lines, and a deadline ends all of it.
 */
struct doctor;

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

/* The name of a state: "ok", "warn", "fail". */
const char *doctor_state_name(enum doctor_state state);

/* The result of one check. The strings are the doctor's. */
struct doctor_line {
    enum doctor_state state;
    const char *subject; /* "queue orders-eu" */
    const char *check;   /* "policy" */
    char *text;          /* the observation, and the reason why it is wrong */
    char *remedy;        /* the remedy; NULL with DOCTOR_OK */
};

struct doctor_options {
    sd_event *event; /* a reference is taken; the rest is borrowed until doctor_free */
    struct http *http;
    const struct config *config;      /* without errors */
    void (*finished)(void *userdata); /* once, when all is checked; perhaps from doctor_start */
    void *userdata;
};

/* Make a doctor; it does not begin yet. 0 or negative errno. */
int doctor_new(struct doctor **ret, const struct doctor_options *options);

/* Begin to check. */
void doctor_start(struct doctor *doctor);

/* Free a doctor and end its checks. NULL is fine. */
void doctor_free(struct doctor *doctor);

/* Call `each` for the lines, by subject in the order of the config. They are complete when
 * `finished` has been called. */
typedef void (*doctor_line_fn)(const struct doctor_line *line, void *userdata);
void doctor_each_line(const struct doctor *doctor, doctor_line_fn each, void *userdata);

/* Return the number of lines with that state so far. */
size_t doctor_count(const struct doctor *doctor, enum doctor_state state);

#endif
