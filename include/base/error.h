/* SPDX-License-Identifier: MIT */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How failures are passed on.
 *
 * Functions return int: 0 is success; a negative errno is passed up unchanged; a positive number is
 * a documented result that the caller handles. A failure that comes later, in a callback, is a
 * struct error, passed by value.
 */

enum error_kind {
    ERROR_NONE = 0,
    ERROR_DNS,         /* the host name did not resolve */
    ERROR_CONNECT,     /* no connection: refused, unreachable */
    ERROR_TLS,         /* handshake or certificate */
    ERROR_NO_TLS,      /* plain text where TLS is expected, such as https:// to a port of HTTP */
    ERROR_TIMEOUT,     /* our own deadline passed */
    ERROR_RESET,       /* the connection broke before the answer was complete */
    ERROR_STATUS,      /* an HTTP answer that reports a failure; `status` holds it */
    ERROR_THROTTLED,   /* too many requests; retry_after_usec may hold a wait */
    ERROR_CREDENTIALS, /* the key, token or secret was refused */
    ERROR_CLOCK,       /* our clock is too far from theirs */
    ERROR_REFUSED,     /* understood but refused, until somebody changes something */
    ERROR_PROTOCOL,    /* an answer we cannot read */
    ERROR_TOO_LARGE,   /* an answer beyond its named limit */
    ERROR_CANCELLED,   /* we gave it up ourselves, while stopping */
    ERROR_STORE,       /* our own disk or database */
    ERROR_CONFIG,      /* the configuration does not allow it */
    ERROR_KINDS,
};

struct error {
    enum error_kind kind;
    int status;                /* HTTP status, 0 if there was none */
    uint64_t retry_after_usec; /* the wait that the other side asked for; 0: none */
    char code[80];             /* the other side's word for it: "QueueDoesNotExist"; may be "" */
    char words[200];           /* the other side's own sentence, as it came; may be "" */
    char text[512];            /* the failure and its reason, for people; cut at a UTF-8 boundary */
};

/* Fill *error (may be NULL) from a kind and a message; all other members are cleared. Returns -EIO,
 * so that functions that fail with a text can end with `return error_set(...)`. */
int error_set(struct error *error, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The kind as one word for logs and JSON: "dns", "timeout", ... Never NULL. */
const char *error_kind_name(enum error_kind kind);

/* Whether the failure is between us and the other side (DNS, connect, TLS, timeout, reset). */
bool error_is_transport(enum error_kind kind);

/* Whether the failure may be temporary, so that a later try can help: a failure on the way, HTTP
 * 5xx, throttling, and answers that cannot be read or are too long (a proxy's error page). */
bool error_may_pass(const struct error *error);

#endif
