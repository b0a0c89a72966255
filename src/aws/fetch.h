/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_FETCH_H
#define SRC_AWS_FETCH_H

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "aws/credential_plan.h"
#include "base/error.h"
#include "base/text.h"
#include "sts.h"
#include "wire/http.h"

/*
 * Getting credentials by a plan: its provider is asked first, then STS for each role. One fetch is
 * used once; fetch.c owns it, and the files provider_*.c do one step each.
 */
struct fetch;

/* The callback owns the session; it is empty when error->kind is not ERROR_NONE. It may free the
 * fetch. */
typedef void (*fetch_fn)(struct aws_session *session, const struct error *error, void *userdata);

struct fetch_options {
    sd_event *event;
    struct http *http;
    const struct http_transport *direct; /* without a proxy, for endpoints of this machine */
    /* Read the keys of the configuration. 0, or -EIO with the reason in *error. */
    int (*read_keys)(struct aws_credentials *ret, struct error *error, void *userdata);
    void *read_userdata;
    const char *region; /* of STS, if the plan has none */
};

/* A running credential_process (provider_process.c). */
struct fetch_child {
    pid_t pid; /* 0: none */
    int pid_fd, output_fd, error_fd;
    sd_event_source *exit, *output, *errors, *timer;
    struct text text;  /* of its standard output: secret */
    struct text words; /* of its standard error, the first line */
    bool late, flooded;
};

struct fetch {
    struct fetch_options options;
    struct credential_plan *plan;
    struct aws_session session; /* so far */
    size_t role;                /* of the plan, that is assumed next */
    struct http_slot *slot;
    struct sts_call *sts;
    struct fetch_child child;
    struct secret imds_token;
    char *imds_role;
    sd_event_source *later; /* for a result that is there at once */
    struct error failure;
    fetch_fn done;
    void *userdata;
};

/* Start a fetch. It owns the plan, also if it fails. The callback comes later, from the loop.
 * Negative errno: it never comes. */
int fetch_start(struct fetch **ret, const struct fetch_options *options,
                struct credential_plan *plan, fetch_fn done, void *userdata);

/* End a fetch without its callback. NULL is fine. */
void fetch_free(struct fetch *fetch);

/* Take the keys of a plan that needs no process and no network. 0; 1: it needs them; -EIO. */
int fetch_at_once(struct aws_session *ret, const struct fetch_options *options,
                  const struct credential_plan *plan, struct error *error);

/* For providers: a step has ended with credentials, which are taken over, or with a failure. Both
 * are the last use of the fetch. */
void fetch_take(struct fetch *fetch, struct aws_session *session);
void fetch_fail(struct fetch *fetch, const struct error *error);
void fetch_fail_with(struct fetch *fetch, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first step of each provider. 0 or negative errno. */
int provider_process_start(struct fetch *fetch);
void provider_process_stop(struct fetch *fetch);
int provider_container_start(struct fetch *fetch);
int provider_imds_start(struct fetch *fetch);
int provider_web_identity_start(struct fetch *fetch);

/* The role's step: STS is asked with the credentials so far. */
int provider_role_start(struct fetch *fetch);

/* Forms of the JSON in which credentials come. */
enum session_form {
    SESSION_PROCESS,   /* Version 1, SessionToken, Expiration may be missing */
    SESSION_CONTAINER, /* Token, Expiration */
    SESSION_IMDS,      /* the same, and Code "Success" */
};

#define SESSION_MAX ((size_t)64 * 1024)

/* Read credentials. 0, or -EIO with a reason that repeats nothing of the bytes in *error. */
int session_parse(struct aws_session *ret, enum session_form form, const char *bytes, size_t size,
                  struct error *error);

/* Read a small file with a token in it: one line, at most 64 KiB. 0 or -EIO. */
int fetch_read_token(struct secret *ret, const char *path, struct error *error);

#endif
