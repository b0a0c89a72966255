/* SPDX-License-Identifier: MIT */
/* credential_process: a program that writes credentials to its standard output. It runs without a
 * shell, in a process group of its own. */
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
#include "fetch.h"
#include "planning.h"
#include "words.h"

/* After this time, the program and its group are killed. */
#define PROCESS_LIMIT_USEC (60 * USEC_PER_SEC)

/* Bytes of its first line of standard error that appear in a message. */
#define WORDS_MAX 200

/* How long to wait for a killed program, so that it can be reaped. */
#define REAP_MS 1000

int plan_process(const struct planning *planning, struct credential_plan *plan, struct error *error)
{
    const char *command = planning_get(planning, planning->profile, "credential_process");
    if (!command)
        return 1;
    plan->provider = CREDENTIAL_PROCESS;
    plan->place = memory_format("credential_process of profile %s", planning->profile);
    plan->command = words_split(command);
    if (!plan->command || !plan->command[0])
        return error_set(error, ERROR_CONFIG, "%s: %s", plan->place,
                         plan->command ? "is empty" : "a quotation is not closed");
    return 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void provider_process_stop(struct fetch *fetch)
{
    struct fetch_child *child = &fetch->child;
    if (child->pid > 0) {
        struct pollfd ends = {.fd = child->pid_fd, .events = POLLIN};
        kill(-child->pid, SIGKILL);
        poll(&ends, 1, REAP_MS);
        waitpid(child->pid, NULL, WNOHANG);
    }
    child->exit = sd_event_source_disable_unref(child->exit);
    child->output = sd_event_source_disable_unref(child->output);
    child->errors = sd_event_source_disable_unref(child->errors);
    child->timer = sd_event_source_disable_unref(child->timer);
    close_fd(&child->pid_fd);
    close_fd(&child->output_fd);
    close_fd(&child->error_fd);
    if (child->text.data)
        explicit_bzero(child->text.data, child->text.size);
    text_clear(&child->text);
    text_clear(&child->words);
    child->pid = 0;
}

/* ---- output ---- */

/* Read the available output into the text, at most `limit` bytes of it. Return whether there will
 * be more. *ret_over: there was more than the limit. */
static bool read_some(int fd, struct text *text, size_t limit, bool *ret_over)
{
    char bytes[4096];
    ssize_t size = read(fd, bytes, sizeof(bytes));
    if (size <= 0)
        return size < 0 && (errno == EAGAIN || errno == EINTR);
    size_t room = limit - text->size;
    if (!text->data)
        text_reserve(text, limit); /* so that no copy of secrets is left behind */
    text_append(text, bytes, (size_t)size < room ? (size_t)size : room);
    *ret_over = *ret_over || (size_t)size > room;
    explicit_bzero(bytes, (size_t)size);
    return true;
}

static int on_output(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct fetch_child *child = &((struct fetch *)userdata)->child;
    (void)revents;
    if (!read_some(fd, &child->text, SESSION_MAX, &child->flooded))
        sd_event_source_set_enabled(source, SD_EVENT_OFF);
    if (child->flooded)
        kill(-child->pid, SIGKILL);
    return 0;
}

static int on_errors(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct fetch_child *child = &((struct fetch *)userdata)->child;
    bool ignored = false;
    (void)revents;
    if (!read_some(fd, &child->words, WORDS_MAX, &ignored))
        sd_event_source_set_enabled(source, SD_EVENT_OFF);
    return 0;
}

/* Read the rest that is in the pipes. */
static void drain(struct fetch_child *child)
{
    bool ignored = false;
    size_t before;
    do {
        before = child->text.size;
        read_some(child->output_fd, &child->text, SESSION_MAX, &child->flooded);
    } while (child->text.size > before && !child->flooded);
    do {
        before = child->words.size;
        read_some(child->error_fd, &child->words, WORDS_MAX, &ignored);
    } while (child->words.size > before);
}

/* ---- the end ---- */

/* Append ": " and the first line of its standard error. */
static void put_words(struct text *out, const struct fetch_child *child)
{
    const char *words = child->words.data;
    size_t size = words ? strcspn(words, "\r\n") : 0;
    if (!size)
        return;
    text_append_string(out, ": ");
    text_append_escaped(out, words, size, WORDS_MAX);
}

static void fail(struct fetch *fetch, enum error_kind kind, const char *why, bool with_words)
{
    AUTOTEXT struct text text = {0};
    text_appendf(&text, "%s: %s %s", fetch->plan->place, fetch->plan->command[0], why);
    if (with_words)
        put_words(&text, &fetch->child);
    provider_process_stop(fetch);
    fetch_fail_with(fetch, kind, "%s", text.data);
}

/* Report a status other than 0. */
static void fail_with_status(struct fetch *fetch, const siginfo_t *info)
{
    bool exited = info->si_code == CLD_EXITED;
    AUTOFREE char *why = exited ? memory_format("ended with status %d", info->si_status)
                                : memory_format("was ended by signal %d", info->si_status);
    fail(fetch, ERROR_CREDENTIALS, why, true);
}

static void read_credentials(struct fetch *fetch)
{
    struct aws_session session = {0};
    struct error error = {0};
    const struct text *text = &fetch->child.text;
    if (session_parse(&session, SESSION_PROCESS, text->data, text->size, &error) == 0) {
        provider_process_stop(fetch);
        fetch_take(fetch, &session);
        return;
    }
    AUTOFREE char *why = memory_format("failed: %s", error.text);
    fail(fetch, error.kind, why, false);
}

static void judge(struct fetch *fetch, const siginfo_t *info)
{
    if (fetch->child.late)
        fail(fetch, ERROR_TIMEOUT, "did not end within 60 s and was killed", true);
    else if (fetch->child.flooded)
        fail(fetch, ERROR_TOO_LARGE, "wrote more than 64 KiB", false);
    else if (info->si_code != CLD_EXITED || info->si_status != 0)
        fail_with_status(fetch, info);
    else
        read_credentials(fetch);
}

static int on_exit_of_child(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct fetch *fetch = userdata;
    siginfo_t info = {0};
    (void)source, (void)fd, (void)revents;
    /* Kill the processes that it left behind in its group. The number of the group is ours until
     * the program is reaped. */
    kill(-fetch->child.pid, SIGKILL);
    if (waitid(P_PID, (id_t)fetch->child.pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
        return 0;
    fetch->child.pid = 0;
    drain(&fetch->child);
    judge(fetch, &info);
    return 0;
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct fetch_child *child = &((struct fetch *)userdata)->child;
    (void)source, (void)usec;
    child->late = true;
    kill(-child->pid, SIGKILL);
    return 0;
}

/* ---- the start ---- */

/* Return the environment without the variables that let a child speak to systemd in our name. The
 * caller frees the list, not the strings. */
static char **make_environment(void)
{
    static const char *const ours[] = {"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_"};
    size_t count = text_list_size(environ), kept = 0;
    char **list = memory_new((count + 1) * sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        bool is_ours = false;
        for (size_t j = 0; j < ELEMENTS(ours); j++)
            is_ours = is_ours || text_starts(environ[i], ours[j]);
        if (!is_ours)
            list[kept++] = environ[i];
    }
    return list;
}

static int spawn(struct fetch *fetch, int output, int errors)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    AUTOFREE char **environment = make_environment();
    int r = posix_spawnp(&fetch->child.pid, fetch->plan->command[0], &files, &attributes,
                         fetch->plan->command, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (r)
        fetch->child.pid = 0;
    return -r;
}

/* Make a pipe whose reading end does not block. */
static int make_pipe(int *ret_read, int *ret_write)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *ret_read = ends[0];
    *ret_write = ends[1];
    return 0;
}

static int watch(struct fetch *fetch)
{
    struct fetch_child *child = &fetch->child;
    sd_event *event = fetch->options.event;
    child->pid_fd = pidfd_open(child->pid, 0);
    if (child->pid_fd < 0)
        return -errno;
    int r = sd_event_add_io(event, &child->exit, child->pid_fd, EPOLLIN, on_exit_of_child, fetch);
    if (r >= 0)
        r = sd_event_add_io(event, &child->output, child->output_fd, EPOLLIN, on_output, fetch);
    if (r >= 0)
        r = sd_event_add_io(event, &child->errors, child->error_fd, EPOLLIN, on_errors, fetch);
    return r < 0 ? r
                 : sd_event_add_time_relative(event, &child->timer, CLOCK_BOOTTIME,
                                              PROCESS_LIMIT_USEC, 0, on_late, fetch);
}

int provider_process_start(struct fetch *fetch)
{
    struct fetch_child *child = &fetch->child;
    CLEANUP(close_fd) int output = -1, errors = -1;
    int r = make_pipe(&child->output_fd, &output);
    if (r == 0)
        r = make_pipe(&child->error_fd, &errors);
    if (r == 0)
        r = spawn(fetch, output, errors);
    if (r == 0)
        r = watch(fetch);
    if (r >= 0)
        return 0;
    AUTOFREE char *why = memory_format("cannot be started: %s", strerror(-r));
    fail(fetch, ERROR_CONFIG, why, false);
    return 0;
}
