/* SPDX-License-Identifier: MIT */
/* Reading of files that systemd-creds has encrypted, and of secrets in files. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "config/config.h"
#include "secret.h"

/* Read to the end, or to the deadline (0: none). The buffer has room for CONFIG_LINE_MAX + 1. */
static int read_to_end(int fd, char *buffer, size_t *ret_size, uint64_t deadline_usec)
{
    size_t size = 0;
    while (size <= CONFIG_LINE_MAX) {
        uint64_t now = clock_boot_usec();
        if (deadline_usec && now >= deadline_usec)
            return -ETIMEDOUT;
        struct pollfd waits = {.fd = fd, .events = POLLIN};
        int ready =
            deadline_usec ? poll(&waits, 1, (int)((deadline_usec - now) / USEC_PER_MSEC) + 1) : 1;
        if (ready == 0)
            continue;
        ssize_t got = ready < 0 ? -1 : read(fd, buffer + size, CONFIG_LINE_MAX + 1 - size);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0) {
            *ret_size = size;
            return 0;
        }
        size += got > 0 ? (size_t)got : 0;
    }
    return -EFBIG;
}

/* Do the same into a secret, through a buffer that is wiped. */
static int read_secret(struct secret *ret, int fd, uint64_t deadline_usec)
{
    char *buffer = memory_new(CONFIG_LINE_MAX + 1);
    size_t size = 0;
    int r = read_to_end(fd, buffer, &size, deadline_usec);
    if (r == 0)
        secret_set(ret, buffer, size);
    explicit_bzero(buffer, CONFIG_LINE_MAX + 1);
    free(buffer);
    return r;
}

int secret_read_file(struct secret *ret, const char *path)
{
    struct stat is;
    /* Non-blocking, so that a pipe of that name does not block us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    int r = fstat(fd, &is) < 0 ? -errno : S_ISREG(is.st_mode) ? read_secret(ret, fd, 0) : -EINVAL;
    close(fd);
    return r;
}

/* Make the environment of the child: only PATH, because ours may hold secrets that are not taken
 * yet. */
static char *make_path(void)
{
    const char *path = getenv("PATH");
    return memory_format("PATH=%s", path ? path : "/usr/bin:/bin");
}

/* Start systemd-creds with its output in a pipe. 0 or negative errno. */
static int start_decrypting(const char *name, const char *path, pid_t *ret_pid, int *ret_fd)
{
    AUTOFREE char *option = memory_format("--name=%s", name), *path_variable = make_path();
    char *environment[] = {path_variable, NULL};
    char *arguments[] = {
        (char *)"systemd-creds", (char *)"decrypt", option, (char *)path, (char *)"-", NULL};
    posix_spawn_file_actions_t actions;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    int r = -posix_spawnp(ret_pid, "systemd-creds", &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (r < 0)
        close(ends[0]);
    else
        *ret_fd = ends[0];
    return r;
}

/* Set the error about a file that systemd-creds refuses. The file contains its name. If it was made
 * for another one, systemd refuses it, also at the start of the service. */
static int refused(const char *name, const char *path, struct error *error)
{
    return error_set(error, ERROR_CONFIG,
                     "systemd-creds cannot decrypt %s. It must be made on this machine by: "
                     "systemd-creds encrypt --name=%s - %s",
                     path, name, path);
}

int credential_decrypt(struct secret *ret, const char *name, const char *path, struct error *error)
{
    pid_t pid = -1;
    int fd = -1, status = 0;
    int r = start_decrypting(name, path, &pid, &fd);
    if (r < 0)
        return error_set(error, ERROR_CONFIG,
                         "%s is encrypted and systemd-creds does not start: %s", path,
                         strerror(-r));
    r = read_secret(ret, fd, clock_boot_usec() + CREDENTIAL_DECRYPT_USEC);
    close(fd);
    if (r < 0)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (r == -ETIMEDOUT)
        return error_set(error, ERROR_CONFIG, "systemd-creds took too long to decrypt %s", path);
    if (r < 0)
        return error_set(error, ERROR_CONFIG, "reading %s through systemd-creds failed: %s", path,
                         strerror(-r));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        secret_clear(ret);
        return refused(name, path, error);
    }
    return 0;
}
