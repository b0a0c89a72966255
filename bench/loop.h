/* SPDX-License-Identifier: MIT */
#ifndef BARE_LOOP_H
#define BARE_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>

/*
 * curl_multi on epoll and nothing else: its timer is epoll_wait's timeout, so that not even a
 * timerfd is armed. A finished transfer calls the function in its CURLOPT_PRIVATE.
 */
struct loop {
    CURLM *multi;
    int epoll;
    long timeout_ms; /* curl's wish; -1: none */
    bool stopped;
};

/* What CURLOPT_PRIVATE points to. */
struct transfer {
    void (*done)(struct transfer *transfer, CURLcode result);
};

/* Makes the loop; 0 or negative errno. */
int loop_start(struct loop *loop);

/* Runs until loop->stopped. 0 or negative errno. */
int loop_run(struct loop *loop);

void loop_end(struct loop *loop);

#endif
