/* SPDX-License-Identifier: MIT */
#include "loop.h"

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_PER_TURN 64
#define CONNECTIONS_MAX 1024

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *known)
{
    (void)easy;
    struct loop *loop = userdata;
    struct epoll_event event = {.data.fd = fd};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    if (what & CURL_POLL_IN)
        event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        event.events |= EPOLLOUT;
    epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (!known)
        curl_multi_assign(loop->multi, fd, loop);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *userdata)
{
    (void)multi;
    ((struct loop *)userdata)->timeout_ms = timeout_ms;
    return 0;
}

int loop_start(struct loop *loop)
{
    *loop = (struct loop){.timeout_ms = -1};
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0)
        return -errno;
    loop->multi = curl_multi_init();
    if (!loop->multi)
        return -ENOMEM;
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
    return 0;
}

static void finish_transfers(struct loop *loop)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left));) {
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;
        struct transfer *transfer = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
        curl_multi_remove_handle(loop->multi, easy);
        transfer->done(transfer, result);
    }
}

int loop_run(struct loop *loop)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int running;
    while (!loop->stopped) {
        int count = epoll_wait(loop->epoll, events, EVENTS_PER_TURN, (int)loop->timeout_ms);
        if (count < 0 && errno != EINTR)
            return -errno;
        if (count == 0) {
            loop->timeout_ms = -1;
            curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        for (int i = 0; i < count; i++) {
            int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                       (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                       (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
            curl_multi_socket_action(loop->multi, events[i].data.fd, mask, &running);
        }
        finish_transfers(loop);
    }
    return 0;
}

void loop_end(struct loop *loop)
{
    curl_multi_cleanup(loop->multi);
    close(loop->epoll);
}
