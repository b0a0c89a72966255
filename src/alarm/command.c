/* SPDX-License-Identifier: MIT */
/* Runs a command with an alarm on its standard input. */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alarm/channel.h"
#include "base/clock.h"
#include "base/memory.h"

/* How long to wait until a killed command has ended. A command that hangs in the kernel for longer
 * is not reaped here. */
#define REAP_MS 1000

/* Bytes of output that are read in one turn of the loop. Output that is not kept is thrown away. */
#define READ_MAX 4096

static void close_p(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
#define AUTOCLOSE CLEANUP(close_p)

void alarm_command_stop(struct alarm_command *command)
{
    if (command->pid > 0) {
        struct pollfd ends = {.fd = command->pid_fd, .events = POLLIN};
        kill(-command->pid, SIGKILL);
        poll(&ends, 1, REAP_MS);
        waitpid(command->pid, NULL, WNOHANG);
    }
    command->exit_source = sd_event_source_disable_unref(command->exit_source);
    command->output_source = sd_event_source_disable_unref(command->output_source);
    command->timer = sd_event_source_disable_unref(command->timer);
    close_p(&command->pid_fd);
    close_p(&command->output_fd);
    command->pid = 0;
    command->late = false;
}

/* ---- the command's output ---- */

/* Read the output that is available now. Return false: there will be no more. */
static bool read_some(struct alarm_command *command)
{
    char bytes[READ_MAX];
    ssize_t size = read(command->output_fd, bytes, sizeof(bytes));
    if (size <= 0)
        return size < 0 && (errno == EAGAIN || errno == EINTR);
    size_t room = ALARM_OUTPUT_MAX + 1 - command->output->size;
    text_append(command->output, bytes, (size_t)size < room ? (size_t)size : room);
    return true;
}

/* Runs at the lowest priority, so that a flood of output never delays deliveries. */
static int on_output(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct alarm_command *command = userdata;
    (void)fd, (void)revents;
    if (!read_some(command))
        sd_event_source_set_enabled(source, SD_EVENT_OFF);
    return 0;
}

/* ---- the command's end ---- */

static char *why_ended(const struct alarm_command *command, const siginfo_t *info)
{
    if (command->late)
        return memory_format("it did not end within %llu s (timeout) and was killed",
                             (unsigned long long)(command->timeout_usec / USEC_PER_SEC));
    if (info->si_code == CLD_EXITED && info->si_status == 0)
        return NULL;
    if (info->si_code == CLD_EXITED)
        return memory_format("exit status %d", info->si_status);
    return memory_format("it was ended by signal %d (%s)", info->si_status,
                         strsignal(info->si_status));
}

static int on_exit_of_child(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct alarm_command *command = userdata;
    siginfo_t info = {0};
    (void)source, (void)fd, (void)revents;
    /* Kill the processes that the command left behind in its group. The number of the group is ours
     * until the command is reaped. */
    kill(-command->pid, SIGKILL);
    if (waitid(P_PID, (id_t)command->pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
        return 0;
    command->pid = 0;
    read_some(command);
    AUTOFREE char *why = why_ended(command, &info);
    command->done(info.si_code == CLD_EXITED ? info.si_status : -1, why, command->userdata);
    return 0;
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct alarm_command *command = userdata;
    (void)source, (void)usec;
    command->late = true;
    kill(-command->pid, SIGKILL);
    return 0;
}

/* ---- the command's start ---- */

/* Return the reading end of a pipe that holds the whole message, so that the daemon need not wait
 * for its reader. Negative errno: there is no such pipe. */
static int message_pipe(const struct text *body)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    ssize_t size = write(ends[1], body->data, body->size);
    close(ends[1]);
    if (size == (ssize_t)body->size)
        return ends[0];
    close(ends[0]);
    return -EMSGSIZE;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setpgroup(attributes, 0);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
}

static int set_files(posix_spawn_file_actions_t *files, int input, int output)
{
    int r = posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(files, output, STDERR_FILENO);
    if (r == 0)
        r = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    return r ? r : posix_spawn_file_actions_addchdir_np(files, "/");
}

/* Start the command. Return 0 or a positive errno. */
static int spawn(struct alarm_command *command, char *const environment[], int input, int output)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    int r = set_attributes(&attributes);
    if (r == 0)
        r = set_files(&files, input, output);
    if (r == 0)
        r = posix_spawn(&command->pid, command->words[0], &files, &attributes, command->words,
                        environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (r)
        command->pid = 0;
    return r;
}

static int watch(struct alarm_command *command)
{
    command->pid_fd = pidfd_open(command->pid, 0);
    if (command->pid_fd < 0)
        return -errno;
    int r = sd_event_add_io(command->event, &command->exit_source, command->pid_fd, EPOLLIN,
                            on_exit_of_child, command);
    if (r >= 0)
        r = sd_event_add_io(command->event, &command->output_source, command->output_fd, EPOLLIN,
                            on_output, command);
    if (r >= 0)
        r = sd_event_source_set_priority(command->output_source, SD_EVENT_PRIORITY_IDLE);
    return r < 0 ? r
                 : sd_event_add_time_relative(command->event, &command->timer, CLOCK_BOOTTIME,
                                              command->timeout_usec, 0, on_late, command);
}

static int start(struct alarm_command *command, char *const environment[])
{
    int ends[2];
    AUTOCLOSE int input = message_pipe(command->input);
    if (input < 0)
        return input;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    AUTOCLOSE int output = ends[1];
    command->output_fd = ends[0];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    int r = spawn(command, environment, input, output);
    return r ? -r : watch(command);
}

int alarm_command_start(struct alarm_command *command, char *const environment[])
{
    int r = start(command, environment);
    if (r >= 0)
        return 0;
    alarm_command_stop(command);
    return r;
}
