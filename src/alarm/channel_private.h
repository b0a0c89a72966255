/* SPDX-License-Identifier: MIT */
#ifndef SRC_ALARM_CHANNEL_PRIVATE_H
#define SRC_ALARM_CHANNEL_PRIVATE_H

#include "alarm/channel.h"
#include "webhook/request.h"

/* A running command. */
struct alarm_child {
    int pid_fd, output_fd; /* -1: none */
    pid_t pid;
    bool late; /* it was killed because its time was over */
    sd_event_source *exit_source, *output_source, *timer;
};

struct alarm_way {
    sd_event *event;
    struct http *http;
    struct http_way *http_way;
    char *url;
    const struct webhook_keys *keys;
    char **command;
    uint64_t timeout_usec;
    char *name;

    /* the message under way */
    alarm_done_fn done; /* NULL: there is none */
    void *userdata;
    uint64_t started_usec; /* boot clock */
    struct text body, output;
    struct webhook_headers headers;
    struct http_slot *slot;
    struct alarm_child child;
    struct error failure; /* of a message that could not be started */
    sd_event_source *failed_source;
};

/* End the message under way and report its result to `done`; `way` may be freed afterwards. status:
 * the command's exit status or the HTTP status, -1: there is none. why: NULL if it succeeded. */
void alarm_way_end(struct alarm_way *way, int status, const char *why);

/* Report from the loop that nothing could be started. error: a positive errno. */
void alarm_way_fail(struct alarm_way *way, int error);

/* alarm_command.c: start the command with the message. If that fails, it is reported from the
 * loop. */
void alarm_command_start(struct alarm_way *way, const struct alarm_message *message);
/* alarm_command.c: kill the command with its whole process group, reap it, and close its output.
 * Without a running command only the sources and files are released. */
void alarm_command_stop(struct alarm_way *way);

#endif
