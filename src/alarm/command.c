/* SPDX-License-Identifier: MIT */
/* Sends an alarm by a command. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "channel_private.h"

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

void alarm_command_stop(struct alarm_way *way)
{
    struct alarm_child *child = &way->child;
    if (child->pid > 0) {
        struct pollfd ends = {.fd = child->pid_fd, .events = POLLIN};
        kill(-child->pid, SIGKILL);
        poll(&ends, 1, REAP_MS);
        waitpid(child->pid, NULL, WNOHANG);
    }
    child->exit_source = sd_event_source_disable_unref(child->exit_source);
    child->output_source = sd_event_source_disable_unref(child->output_source);
    child->timer = sd_event_source_disable_unref(child->timer);
    close_p(&child->pid_fd);
    close_p(&child->output_fd);
    child->pid = 0;
    child->late = false;
}

/* ---- the command's output ---- */

/* Read the output that is available now. Return false: there will be no more. */
static bool read_some(struct alarm_way *way)
{
    char bytes[READ_MAX];
    ssize_t size = read(way->child.output_fd, bytes, sizeof(bytes));
    if (size <= 0)
        return size < 0 && (errno == EAGAIN || errno == EINTR);
    size_t room = ALARM_OUTPUT_MAX + 1 - way->output.size;
    text_append(&way->output, bytes, (size_t)size < room ? (size_t)size : room);
    return true;
}

/* Runs at the lowest priority, so that a flood of output never delays deliveries. */
static int on_output(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct alarm_way *way = userdata;
    (void)fd, (void)revents;
    if (!read_some(way))
        sd_event_source_set_enabled(source, SD_EVENT_OFF);
    return 0;
}

/* ---- the command's end ---- */

static char *why_ended(const struct alarm_way *way, const siginfo_t *info)
{
    if (way->child.late)
        return memory_format("it did not end within %llu s (timeout) and was killed",
                             (unsigned long long)(way->timeout_usec / USEC_PER_SEC));
    if (info->si_code == CLD_EXITED && info->si_status == 0)
        return NULL;
    if (info->si_code == CLD_EXITED)
        return memory_format("exit status %d", info->si_status);
    return memory_format("it was ended by signal %d (%s)", info->si_status,
                         strsignal(info->si_status));
}

static int on_exit_of_child(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct alarm_way *way = userdata;
    siginfo_t info = {0};
    (void)source, (void)fd, (void)revents;
    /* Kill the processes that the command left behind in its group. The number of the group is ours
     * until the command is reaped. */
    kill(-way->child.pid, SIGKILL);
    if (waitid(P_PID, (id_t)way->child.pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
        return 0;
    way->child.pid = 0;
    read_some(way);
    AUTOFREE char *why = why_ended(way, &info);
    alarm_way_end(way, info.si_code == CLD_EXITED ? info.si_status : -1, why);
    return 0;
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct alarm_way *way = userdata;
    (void)source, (void)usec;
    way->child.late = true;
    kill(-way->child.pid, SIGKILL);
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
static int spawn(struct alarm_way *way, char *const environment[], int input, int output)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    int r = set_attributes(&attributes);
    if (r == 0)
        r = set_files(&files, input, output);
    if (r == 0)
        r = posix_spawn(&way->child.pid, way->command[0], &files, &attributes, way->command,
                        environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (r)
        way->child.pid = 0;
    return r;
}

static int watch(struct alarm_way *way)
{
    struct alarm_child *child = &way->child;
    child->pid_fd = pidfd_open(child->pid, 0);
    if (child->pid_fd < 0)
        return -errno;
    int r = sd_event_add_io(way->event, &child->exit_source, child->pid_fd, EPOLLIN,
                            on_exit_of_child, way);
    if (r >= 0)
        r = sd_event_add_io(way->event, &child->output_source, child->output_fd, EPOLLIN, on_output,
                            way);
    if (r >= 0)
        r = sd_event_source_set_priority(child->output_source, SD_EVENT_PRIORITY_IDLE);
    return r < 0 ? r
                 : sd_event_add_time_relative(way->event, &child->timer, CLOCK_BOOTTIME,
                                              way->timeout_usec, 0, on_late, way);
}

static int start(struct alarm_way *way, const struct alarm_message *message)
{
    int ends[2];
    AUTOCLOSE int input = message_pipe(&way->body);
    if (input < 0)
        return input;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    AUTOCLOSE int output = ends[1];
    way->child.output_fd = ends[0];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    char **environment = alarm_message_environment(message);
    int r = spawn(way, environment, input, output);
    text_list_free(environment);
    return r ? -r : watch(way);
}

void alarm_command_start(struct alarm_way *way, const struct alarm_message *message)
{
    int r = start(way, message);
    if (r >= 0)
        return;
    alarm_command_stop(way);
    alarm_way_fail(way, -r);
}
