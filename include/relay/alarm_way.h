/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ALARM_WAY_H
#define RELAY_ALARM_WAY_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "relay/alarm_message.h"
#include "webhook/sign.h"
#include "wire/http.h"

/*
 * One way by which alarms leave: a signed POST, or a command. One message at a time.
 *
 * The command runs without a shell, in a process group of its own, in /, with nothing of ours but
 * its three descriptors: the message as JSON on stdin, and what it writes to stdout and stderr,
 * which is read and cut. When its time is over the whole group is killed. It keeps the user, the
 * limits and the sandbox of this process.
 */
struct alarm_way;

/* Bytes of an answer, or of a command's output, that are kept. */
#define ALARM_OUTPUT_MAX 2000

/* Words of a command. */
#define ALARM_WORDS_MAX 64

struct alarm_way_options {
    sd_event *event;   /* a reference is taken */
    struct http *http; /* borrowed until alarm_way_free; not for a command */
    const char *url;   /* NULL: a command. Copied */
    const struct webhook_keys
        *keys;            /* for the URL; borrowed until alarm_way_free; NULL: unsigned */
    char *const *command; /* its words, the first an absolute path; copied */
    uint64_t timeout_usec;
};

/* What came of a message; valid inside the callback. */
struct alarm_result {
    bool ok;    /* 2xx; status 0 */
    int status; /* of HTTP, or the exit status; -1: there is none */
    uint64_t duration_usec;
    const char *why; /* what failed, without the URL's path, which may be a secret; NULL when ok */
    const char *output; /* the answer, or what the command wrote, escaped; "" */
};

typedef void (*alarm_done_fn)(const struct alarm_result *result, void *userdata);

/* 0 or negative errno. */
int alarm_way_new(struct alarm_way **ret, const struct alarm_way_options *options);

/* What is under way is given up: the call is cancelled, the command killed. NULL is fine. */
void alarm_way_free(struct alarm_way *way);

/* Sends; nothing may be under way. `done` fires once, later, from the loop. */
void alarm_way_send(struct alarm_way *way, const struct alarm_message *message, alarm_done_fn done,
                    void *userdata);

/* For messages: "https://chat.example.com", or the path of the command. */
const char *alarm_way_name(const struct alarm_way *way);

#endif
