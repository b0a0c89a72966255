/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ALARM_WAY_PRIVATE_H
#define RELAY_ALARM_WAY_PRIVATE_H

#include "relay/alarm_way.h"
#include "webhook/request.h"

/* A command that runs. */
struct alarm_child {
    int pid_fd, output_fd; /* -1: none */
    pid_t pid;
    bool late; /* it was killed, as its time was over */
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

    /* what is under way */
    alarm_done_fn done; /* NULL: nothing is */
    void *userdata;
    uint64_t started_usec; /* boot clock */
    struct text body, output;
    struct webhook_headers headers;
    struct http_slot *slot;
    struct alarm_child child;
    struct error failure; /* before anything was started */
    sd_event_source *failed_source;
};

/* Ends what is under way and tells; `way` may be gone afterwards. */
void alarm_way_end(struct alarm_way *way, int status, const char *why);

/* Nothing could be started: told from the loop. */
void alarm_way_fail(struct alarm_way *way, int error);

/* alarm_command.c */
void alarm_command_start(struct alarm_way *way, const struct alarm_message *message);
void alarm_command_stop(struct alarm_way *way);

#endif
