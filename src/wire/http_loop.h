/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_LOOP_H
#define WIRE_HTTP_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "http_sockets.h"

/*
 * libcurl's multi interface as sources of an sd_event loop.
 *
 * Speed comes from what is left undone. All sockets stand in one epoll set of our own, which is a
 * single source of the loop: one look serves every answer that has come, where the loop by itself
 * would ask the kernel again before each (docs/decisions/0008-one-epoll-for-curl.md). A kept
 * connection stays in the set between two requests, so a request costs no epoll_ctl; the timer is
 * moved forwards in time when it fires or once a second, so a request costs no timerfd_settime.
 */
struct http_loop {
    sd_event *event;
    CURLM *multi;
    struct http_sockets sockets;
    sd_event_source *io, *timer, *soon;
    uint64_t armed_usec;  /* when the timer fires, 0: it is off */
    uint64_t pushed_usec; /* when it was last set to a later deadline */
    uint64_t due_usec;    /* when curl wants to be called, UINT64_MAX: it does not */
    const char *broken;   /* why curl's handle is of no use any more; NULL: it works */
    bool busy;            /* inside `ended` */
    void (*ended)(CURL *easy, CURLcode result); /* a transfer is over; it may start others */
};

/* 0 or negative errno; http_loop_done also after a failure. */
int http_loop_init(struct http_loop *loop, sd_event *event,
                   void (*ended)(CURL *easy, CURLcode result));
void http_loop_done(struct http_loop *loop);

/* Makes the sockets that a fresh easy handle opens known to the loop. */
void http_loop_adopt(struct http_loop *loop, CURL *easy);

/* Starts a transfer. 0 or negative errno. */
int http_loop_add(struct http_loop *loop, CURL *easy);

#endif
