/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_LOOP_H
#define WIRE_HTTP_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * libcurl's multi interface as sources of an sd_event loop.
 *
 * Speed comes from what is left undone. A kept connection's source stays armed between two
 * requests, so a request costs no epoll_ctl; the timer is moved only forwards in time when it
 * fires, never at the request, so a request costs no timerfd_settime.
 */
struct http_watch {
    sd_event_source *source;
    uint32_t events;
    bool wanted; /* curl waits for it; otherwise it is only kept armed for the next request */
    bool ours;   /* a socket that reports its closing to us (http_loop_adopt) */
};

struct http_loop {
    sd_event *event;
    CURLM *multi;
    sd_event_source *timer, *soon;
    uint64_t armed_usec;        /* when the timer fires, 0: it is off */
    uint64_t due_usec;          /* when curl wants to be called, UINT64_MAX: it does not */
    struct http_watch *watches; /* by descriptor */
    size_t watch_count;
    bool busy;                                  /* inside `ended` */
    void (*ended)(CURL *easy, CURLcode result); /* a transfer is over; it may start others */
};

/* 0 or negative errno; http_loop_done also after a failure. */
int http_loop_init(struct http_loop *loop, sd_event *event,
                   void (*ended)(CURL *easy, CURLcode result));
void http_loop_done(struct http_loop *loop);

/* Makes the sockets that a fresh easy handle opens known to the loop. */
void http_loop_adopt(struct http_loop *loop, CURL *easy);

#endif
