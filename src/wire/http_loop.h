/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_LOOP_H
#define SRC_WIRE_HTTP_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "http_sockets.h"

/*
 * libcurl's multi interface as sources of an sd_event loop. It is fast because it saves system
 * calls.
 *
 * All sockets are in one epoll set of our own, which is a single source of the loop. One epoll_wait
 * gets all answers that have come; with a source for each socket the loop would ask the kernel
 * again before each one (docs/decisions/0008-one-epoll-for-curl.md). A kept connection stays in the
 * set between two requests, so a request costs no epoll_ctl. The timer moves to a later time when
 * it fires or once a second, so a request costs no timerfd_settime.
 */
struct http_loop {
    sd_event *event;
    CURLM *multi;
    struct http_sockets sockets;
    sd_event_source *io, *timer, *soon;
    uint64_t armed_usec;  /* time at which the timer fires, 0: off */
    uint64_t pushed_usec; /* time of the last move to a later deadline */
    uint64_t due_usec;    /* time at which curl wants to be called, UINT64_MAX: never */
    const char *broken;   /* why curl's handle cannot be used any more; NULL: it works */
    bool busy;            /* inside `ended` */
    void (*ended)(CURL *easy, CURLcode result); /* a transfer is over; it may start others */
};

/* Set up the loop. Return 0 or a negative errno. Call http_loop_done also after a failure. */
int http_loop_init(struct http_loop *loop, sd_event *event,
                   void (*ended)(CURL *easy, CURLcode result));

/* Close the kept connections and free everything. Must not be called inside `ended`. */
void http_loop_done(struct http_loop *loop);

/* Register the callbacks for the sockets that a new easy handle opens. */
void http_loop_adopt(struct http_loop *loop, CURL *easy);

/* Start a transfer. Return 0 or a negative errno. */
int http_loop_add(struct http_loop *loop, CURL *easy);

#endif
