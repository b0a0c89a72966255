/* SPDX-License-Identifier: MIT */
#ifndef SRC_ALARM_COMMAND_H
#define SRC_ALARM_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/text.h"

/* Called from the loop when the command has ended. status: its exit status, -1: there is none. why:
 * NULL if it succeeded. The command may be started again, or its struct freed, from inside. */
typedef void (*alarm_command_fn)(int status, const char *why, void *userdata);

/* One run of a command. Owned by its channel; zero with both descriptors -1 before the first
 * start. */
struct alarm_command {
    /* set by the owner before a start; borrowed */
    sd_event *event;
    char *const *words; /* NULL-terminated: the program's path and its arguments */
    uint64_t timeout_usec;
    const struct text *input;
    struct text *output; /* its first ALARM_OUTPUT_MAX bytes are appended, and one more if cut */
    alarm_command_fn done;
    void *userdata;

    int pid_fd, output_fd; /* -1: none */
    pid_t pid;
    bool late; /* it was killed because its time was over */
    sd_event_source *exit_source, *output_source, *timer;
};

/* Start the command without a shell, in a process group of its own. 0, or a negative errno: then
 * `done` is not called. */
int alarm_command_start(struct alarm_command *command, char *const environment[]);

/* Kill the command with its whole process group, reap it, and close its output; `done` is not
 * called. Without a running command only the sources and files are released. */
void alarm_command_stop(struct alarm_command *command);

#endif
