/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_H
#define WIRE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "wire/http_transport.h"

/*
 * The HTTP client: libcurl's multi interface as sources of one sd_event loop. Connections are kept
 * alive for five minutes at most, and closed if anything arrives between two calls. Redirects are
 * never followed. TLS is verified, 1.2 at least. Only http and https. One client serves the whole
 * process.
 *
 * A call is a slot: http_call returns it, http_cancel ends it without the callback. The callback is
 * called at most once, from the loop, never from inside http_call. When it returns, the slot and
 * the answer are gone.
 */
struct http;
struct http_slot;

/* The contents of a call. Everything pointed to is copied, except `body`: it stays the caller's and
 * must live until the callback or http_cancel. */
struct http_request {
    const char *method; /* NULL: POST with a body, else GET */
    const char *url;
    /* "Name: value", NULL-terminated; may be NULL. No "Expect:" (facts D1). */
    const char *const *headers;
    const struct http_transport
        *transport; /* NULL: the default; borrowed until the call has ended */
    const void *body;
    size_t body_size;
    uint64_t connect_timeout_ms; /* DNS, connect and TLS together; 0: the transport's, else 10 s */
    uint64_t timeout_ms;         /* the whole call; 0: 30 s */
    size_t answer_limit;         /* bytes of answer body kept; 0: 64 KiB */
    bool certificate;            /* asks when the peer's TLS certificate ends */
    bool answer_cut;             /* over the limit: keep what fits, instead of ERROR_TOO_LARGE */
    bool body_optional; /* status and headers are the answer. The body is waited for a second at
                           most. If it is too long, cut off or wrongly framed, that is no error, and
                           the part that came is kept */
    bool once; /* one request on the wire. Otherwise libcurl sends it again, up to five times, when
                  a kept connection breaks before an answer */
    bool secret; /* the body holds secrets: nothing of it stays in memory once the call has ended */
    bool fresh;  /* on a new connection, not on one that an earlier call has left */
};

/* The result of a call; valid only inside the callback, except that `body` may be taken (TAKE). */
struct http_answer {
    struct error error; /* ERROR_NONE: there is an HTTP answer, of any status */
    int status;
    char *body; /* NUL-terminated after body_size bytes; NULL if there was no body */
    size_t body_size;
    uint64_t date_usec;             /* the Date header, 0 if absent or unreadable */
    uint64_t certificate_ends_usec; /* 0: not asked for, no TLS, or the connection was reused */
    uint64_t started_usec;          /* wall clock when the call was made */
    uint64_t duration_usec;
    char retry_after[64]; /* the header as received, "" if absent */
    char location[256];
    char request_id[128];  /* x-amzn-RequestId */
    char query_error[128]; /* x-amzn-query-error */
    char rate_limit[32];   /* x-amzn-RateLimit-Limit */
    char content_type[128];
    char peer[64]; /* address and port that answered, "" if no connection was made */
    /* With `once`: an earlier call had left the connection, and it broke before a byte of the
     * answer. Most often the other side had just ended it; the request may have arrived all the
     * same. */
    bool kept_broke;
};

typedef void (*http_done_fn)(struct http_answer *answer, void *userdata);

/* The User-Agent of requests that have no header of that name. */
#define HTTP_USER_AGENT "dockbell/" DOCKBELL_VERSION

/* Make a client on the loop (a reference is taken). 0 or negative errno. */
int http_new(struct http **ret, sd_event *event);

/* Free a client: end every call without its callback, close every connection. NULL is fine. */
void http_free(struct http *http);

/* Start a call. 0 and, if ret_slot is not NULL, the slot; or negative errno, and then `done` is
 * never called. -EINVAL: the URL is not http or https. */
int http_call(struct http *http, const struct http_request *request, http_done_fn done,
              void *userdata, struct http_slot **ret_slot);

/* End the call; its callback is not called. NULL is fine. */
void http_cancel(struct http_slot *slot);

/* Return the number of calls that have not ended yet. */
unsigned http_in_flight(const struct http *http);

/* From now on make new connections, to the present addresses of the names. Calls under way end on
 * theirs. */
void http_renew(struct http *http);

/* How long ago the timeout of the most overdue call passed; 0: none has. For the watchdog. */
uint64_t http_overdue_usec(const struct http *http);

/* Return why no call can work any more until the process starts again; NULL: all is well. For the
 * watchdog. */
const char *http_broken(const struct http *http);

#endif
