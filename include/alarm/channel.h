/* SPDX-License-Identifier: MIT */
#ifndef ALARM_CHANNEL_H
#define ALARM_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "alarm/message.h"
#include "webhook/sign.h"
#include "wire/http.h"

/*
 * One channel for alarms: a signed POST, or a command. It sends one message at a time.
 *
 * The command runs without a shell, in a process group of its own, in the directory /. From this
 * process it gets only its three descriptors: the message as JSON on stdin; its stdout and stderr
 * are read and cut. When its time is over, the whole group is killed. It keeps the user, the limits
 * and the sandbox of this process.
 */
struct alarm_channel;

/* Bytes of an answer, or of a command's output, that are kept. */
#define ALARM_OUTPUT_MAX 2000

/* Words of a command. */
#define ALARM_WORDS_MAX 64

struct alarm_channel_options {
    sd_event *event;   /* a reference is taken */
    struct http *http; /* borrowed until alarm_channel_free; not for a command */
    const char *url;   /* NULL: a command. Copied */
    /* For the URL; borrowed until alarm_channel_free; NULL: unsigned. */
    const struct webhook_keys *keys;
    char *const *command; /* its words, the first an absolute path; copied */
    uint64_t timeout_usec;
};

/* The result of a message; valid inside the callback. */
struct alarm_result {
    bool ok;    /* 2xx; status 0 */
    int status; /* of HTTP, or the exit status; -1: there is none */
    uint64_t duration_usec;
    const char *why; /* the failure, without the URL's path, which may be a secret; NULL when ok */
    const char *output; /* the answer, or the output of the command, escaped; "": none */
};

typedef void (*alarm_done_fn)(const struct alarm_result *result, void *userdata);

/* Make a channel. 0 or negative errno. */
int alarm_channel_new(struct alarm_channel **ret, const struct alarm_channel_options *options);

/* Free a channel and give up the message under way: the call is cancelled, the command is killed.
 * NULL is fine. */
void alarm_channel_free(struct alarm_channel *channel);

/* Send a message; no other one may be under way. `done` is called once, later, from the loop. */
void alarm_channel_send(struct alarm_channel *channel, const struct alarm_message *message,
                        alarm_done_fn done, void *userdata);

/* The name of the channel for log messages: "https://chat.example.com", or the path of the command.
 */
const char *alarm_channel_name(const struct alarm_channel *channel);

#endif
