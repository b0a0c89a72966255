/* SPDX-License-Identifier: MIT */
#include "fetch.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static int next_step(struct fetch *fetch);

/* ---- results ---- */

static int on_later(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct fetch *fetch = userdata;
    struct aws_session session = fetch->session;
    struct error failure = fetch->failure;
    (void)source, (void)usec;
    fetch->session = (struct aws_session){0};
    fetch->done(&session, &failure, fetch->userdata); /* may free the fetch */
    return 0;
}

/* Have the callback called in the next turn of the loop: never from inside fetch_start. */
static int finish_later(struct fetch *fetch)
{
    fetch->later = sd_event_source_disable_unref(fetch->later);
    return sd_event_add_time_relative(fetch->options.event, &fetch->later, CLOCK_MONOTONIC, 0, 0,
                                      on_later, fetch);
}

void fetch_fail(struct fetch *fetch, const struct error *error)
{
    aws_session_clear(&fetch->session);
    fetch->failure = *error;
    if (finish_later(fetch) < 0)
        on_later(NULL, 0, fetch);
}

void fetch_fail_with(struct fetch *fetch, enum error_kind kind, const char *format, ...)
{
    char text[sizeof(fetch->failure.text)];
    struct error error;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    error_set(&error, kind, "%s", text);
    fetch_fail(fetch, &error);
}

void fetch_take(struct fetch *fetch, struct aws_session *session)
{
    aws_session_clear(&fetch->session);
    fetch->session = *session;
    *session = (struct aws_session){0};
    int r = next_step(fetch);
    if (r < 0)
        fetch_fail_with(fetch, ERROR_CONFIG, "%s", strerror(-r));
}

/* ---- steps ---- */

static int next_step(struct fetch *fetch)
{
    if (fetch->role < fetch->plan->n_roles)
        return provider_role_start(fetch);
    return finish_later(fetch);
}

int fetch_at_once(struct aws_session *ret, const struct fetch_options *options,
                  const struct credential_plan *plan, struct error *error)
{
    *ret = (struct aws_session){0};
    if (plan->n_roles)
        return 1;
    if (plan->provider == CREDENTIAL_CONFIG)
        return options->read_keys(&ret->credentials, error, options->read_userdata);
    if (plan->provider != CREDENTIAL_KEYS)
        return 1;
    aws_credentials_copy(&ret->credentials, &plan->keys.credentials);
    ret->expires_usec = plan->keys.expires_usec;
    return 0;
}

/* Begin with the keys that are at hand. */
static int start_with_keys(struct fetch *fetch)
{
    struct error error = {0};
    const struct fetch_options *options = &fetch->options;
    const struct credential_plan *plan = fetch->plan;
    if (plan->provider == CREDENTIAL_KEYS) {
        aws_credentials_copy(&fetch->session.credentials, &plan->keys.credentials);
        fetch->session.expires_usec = plan->keys.expires_usec;
    } else if (options->read_keys(&fetch->session.credentials, &error, options->read_userdata)) {
        fetch_fail(fetch, &error);
        return 0;
    }
    return next_step(fetch);
}

static int start(struct fetch *fetch)
{
    switch (fetch->plan->provider) {
    case CREDENTIAL_PROCESS:
        return provider_process_start(fetch);
    case CREDENTIAL_WEB_IDENTITY:
        return provider_web_identity_start(fetch);
    case CREDENTIAL_CONTAINER:
        return provider_container_start(fetch);
    case CREDENTIAL_IMDS:
        return provider_imds_start(fetch);
    case CREDENTIAL_CONFIG:
    case CREDENTIAL_KEYS:
        break;
    }
    return start_with_keys(fetch);
}

int fetch_start(struct fetch **ret, const struct fetch_options *options,
                struct credential_plan *plan, fetch_fn done, void *userdata)
{
    struct fetch *fetch = NEW(struct fetch);
    *fetch = (struct fetch){.options = *options,
                            .plan = plan,
                            .child = {.pid_fd = -1, .output_fd = -1, .error_fd = -1},
                            .done = done,
                            .userdata = userdata};
    int r = start(fetch);
    if (r >= 0)
        *ret = fetch;
    else
        fetch_free(fetch);
    return r < 0 ? r : 0;
}

void fetch_free(struct fetch *fetch)
{
    if (!fetch)
        return;
    http_cancel(fetch->slot);
    sts_cancel(fetch->sts);
    provider_process_stop(fetch);
    sd_event_source_disable_unref(fetch->later);
    secret_clear(&fetch->imds_token);
    free(fetch->imds_role);
    aws_session_clear(&fetch->session);
    credential_plan_free(fetch->plan);
    free(fetch);
}

/* ---- token files ---- */

static ssize_t read_small(const char *path, char *bytes, size_t room)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    ssize_t size = fstat(fd, &info) < 0    ? -errno
                   : S_ISREG(info.st_mode) ? read(fd, bytes, room)
                                           : -EINVAL;
    size = size == -1 ? -errno : size;
    close(fd);
    return size;
}

int fetch_read_token(struct secret *ret, const char *path, struct error *error)
{
    char *bytes = memory_new(SESSION_MAX + 1);
    ssize_t size = read_small(path, bytes, SESSION_MAX + 1);
    size_t end = size > 0 ? (size_t)size : 0;
    int r = 0;
    while (end > 0 && isspace((unsigned char)bytes[end - 1]))
        end--;
    if (size < 0)
        r = error_set(error, ERROR_CONFIG, "%s: cannot be read: %s", path, strerror((int)-size));
    else if (size > (ssize_t)SESSION_MAX || end == 0)
        r = error_set(error, ERROR_CONFIG, "%s: is %s", path, end ? "too large" : "empty");
    for (size_t i = 0; r == 0 && i < end; i++)
        if (!isgraph((unsigned char)bytes[i]) && bytes[i] != ' ')
            r = error_set(error, ERROR_CONFIG,
                          "%s: has more than one line, or characters that no "
                          "token has",
                          path);
    if (r == 0)
        secret_set(ret, bytes, end);
    explicit_bzero(bytes, SESSION_MAX + 1);
    free(bytes);
    return r;
}
