/* SPDX-License-Identifier: MIT */
#include "http_loop.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

/* Room for the connections of 64 polls and 256 webhook requests, and a reserve. */
#define CONNECTIONS_MAX 384L

/* Timeouts of seconds need no accuracy of milliseconds. With a low accuracy they share a wakeup. */
#define TIMER_ACCURACY_USEC (250 * USEC_PER_MSEC)

/* Shortest interval between two moves of the timer to a later deadline. */
#define TIMER_PUSH_USEC USEC_PER_SEC

/* A silent peer is noticed after 30 + 3 * 10 s, well before a home router (60 s idle) or AWS's NAT
 * (350 s) forgets the connection. Unacknowledged data ends it after 30 s. */
#define KEEPALIVE_IDLE_S     30
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_COUNT      3
#define UNACKED_MAX_MS       30000

static uint64_t monotonic_usec(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * USEC_PER_SEC + (uint64_t)time.tv_nsec / 1000;
}

/* Report the transfers that have ended. If `ended` starts others, they run in a later turn. */
static void drain(struct http_loop *loop)
{
    CURLMsg *message;
    int left;
    loop->busy = true;
    while ((message = curl_multi_info_read(loop->multi, &left)))
        if (message->msg == CURLMSG_DONE)
            loop->ended(message->easy_handle, message->data.result);
    loop->busy = false;
}

/* Whether curl's call worked. After a failure curl's handle is not trusted any more. */
static bool works(struct http_loop *loop, CURLMcode result)
{
    if (result != CURLM_OK && !loop->broken)
        loop->broken = curl_multi_strerror(result);
    return result == CURLM_OK;
}

int http_loop_add(struct http_loop *loop, CURL *easy)
{
    return works(loop, curl_multi_add_handle(loop->multi, easy)) ? 0 : -EIO;
}

static void act(struct http_loop *loop, curl_socket_t fd, int flags)
{
    int running;
    (void)works(loop, curl_multi_socket_action(loop->multi, fd, flags, &running));
}

static int arm(struct http_loop *loop, uint64_t now)
{
    uint64_t wait = loop->due_usec - now;
    uint64_t accuracy = wait / 4 < TIMER_ACCURACY_USEC ? wait / 4 : TIMER_ACCURACY_USEC;
    loop->armed_usec = loop->due_usec;
    int r = sd_event_source_set_time_accuracy(loop->timer, accuracy ? accuracy : 1);
    if (r >= 0)
        r = sd_event_source_set_time(loop->timer, loop->due_usec);
    if (r >= 0)
        r = sd_event_source_set_enabled(loop->timer, SD_EVENT_ONESHOT);
    return r;
}

/* Move the timer to the current deadline. An outdated deadline would wake an idle
 * process without need. */
static void push_timer(struct http_loop *loop)
{
    if (!loop->armed_usec || loop->due_usec == UINT64_MAX || loop->due_usec <= loop->armed_usec)
        return;
    uint64_t now = monotonic_usec();
    if (now < loop->pushed_usec + TIMER_PUSH_USEC || loop->due_usec <= now)
        return;
    loop->pushed_usec = now;
    (void)arm(loop, now); /* if this fails, the timer fires early and is set then */
}

/* Let curl do its work: timeouts that are due, and transfers that were added since it last ran. */
static void run_due(struct http_loop *loop)
{
    act(loop, CURL_SOCKET_TIMEOUT, 0);
    drain(loop);
    push_timer(loop);
}

/* ---- descriptors ---- */

/* Events of one epoll_wait. Further events stay ready. */
#define EVENTS_MAX 128

/* Handle the events of one descriptor. An earlier event of the same epoll_wait may have
 * closed it. */
static void look_at(struct http_loop *loop, const struct epoll_event *event)
{
    int flags = 0, fd = event->data.fd;
    if (!http_sockets_arrived(&loop->sockets, fd))
        return;
    if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        flags |= CURL_CSELECT_IN;
    if (event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        flags |= CURL_CSELECT_OUT;
    act(loop, fd, flags);
}

static int on_io(sd_event_source *source, int epoll_fd, uint32_t revents, void *userdata)
{
    struct http_loop *loop = userdata;
    struct epoll_event events[EVENTS_MAX];
    (void)source;
    (void)revents;
    int count = epoll_wait(epoll_fd, events, EVENTS_MAX, 0);
    for (int i = 0; i < count; i++)
        look_at(loop, &events[i]);
    drain(loop);
    return 0;
}

/* Note the events that curl wants for a descriptor. It must not fail, because -1 would end all of
 * curl's transfers. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *unused)
{
    struct http_loop *loop = userdata;
    uint32_t events = 0;
    (void)easy;
    (void)unused;
    if (what != CURL_POLL_REMOVE)
        events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    http_sockets_want(&loop->sockets, fd, events);
    return 0;
}

static int on_open(void *userdata, curl_socket_t fd, curlsocktype purpose)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKED_MAX_MS},
    };
    struct http_loop *loop = userdata;
    (void)purpose;
    http_sockets_opened(&loop->sockets, fd);
    /* These options are optional. If the kernel lacks one, the socket still connects, and every
     * call has its own deadline. */
    for (size_t i = 0; i < ELEMENTS(options); i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
    return CURL_SOCKOPT_OK;
}

/* If the network does not take a request, reset its connection. Otherwise the kernel would go on
 * sending it, and the request would arrive when the network is back: beside the next attempt, or as
 * a poll whose messages are lost. */
static void drop_unsent(int fd)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_retransmits > 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

static int on_close(void *userdata, curl_socket_t fd)
{
    struct http_loop *loop = userdata;
    drop_unsent(fd);
    http_sockets_closing(&loop->sockets, fd);
    return close(fd);
}

void http_loop_adopt(struct http_loop *loop, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, loop);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, loop);
}

/* ---- time ---- */

static int set_due(struct http_loop *loop, uint64_t wait_usec)
{
    uint64_t now = monotonic_usec();
    loop->due_usec = now + wait_usec;
    if (loop->armed_usec && loop->armed_usec <= loop->due_usec)
        return 0; /* it fires earlier, and on_timer then checks due_usec */
    return arm(loop, now);
}

/* Note that curl wants to be called after timeout_ms. Each call replaces the one
 * before; -1 revokes it. */
static int on_timeout_change(CURLM *multi, long timeout_ms, void *userdata)
{
    struct http_loop *loop = userdata;
    (void)multi;
    loop->due_usec = UINT64_MAX;
    int r = 0;
    if (timeout_ms == 0)
        r = sd_event_source_set_enabled(loop->soon, SD_EVENT_ONESHOT);
    else if (timeout_ms > 0)
        r = set_due(loop, (uint64_t)timeout_ms * USEC_PER_MSEC);
    if (r < 0)
        loop->broken = "its timer could not be set";
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct http_loop *loop = userdata;
    uint64_t now = monotonic_usec();
    (void)source;
    (void)usec;
    loop->armed_usec = 0;
    if (loop->due_usec == UINT64_MAX)
        return 0;
    if (loop->due_usec > now)
        return arm(loop, now);
    loop->due_usec = UINT64_MAX;
    run_due(loop);
    return 0;
}

static int on_soon(sd_event_source *source, void *userdata)
{
    (void)source;
    run_due(userdata);
    return 0;
}

/* ---- life ---- */

int http_loop_init(struct http_loop *loop, sd_event *event,
                   void (*ended)(CURL *easy, CURLcode result))
{
    int r;
    *loop = (struct http_loop){
        .event = sd_event_ref(event),
        .due_usec = UINT64_MAX,
        .ended = ended,
    };
    r = http_sockets_init(&loop->sockets);
    if (r < 0)
        return r;
    loop->multi = curl_multi_init();
    if (!loop->multi)
        return -ENOMEM;
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX);
    curl_multi_setopt(loop->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timeout_change);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    r = sd_event_add_io(event, &loop->io, loop->sockets.epoll_fd, EPOLLIN, on_io, loop);
    if (r >= 0)
        r = sd_event_add_time(event, &loop->timer, CLOCK_MONOTONIC, 0, 1, on_timer, loop);
    if (r >= 0)
        r = sd_event_source_set_enabled(loop->timer, SD_EVENT_OFF);
    if (r >= 0)
        r = sd_event_add_defer(event, &loop->soon, on_soon, loop);
    if (r >= 0)
        r = sd_event_source_set_enabled(loop->soon, SD_EVENT_OFF);
    if (r < 0)
        return r;
    sd_event_source_set_description(loop->io, "http-io");
    sd_event_source_set_description(loop->timer, "http-timer");
    sd_event_source_set_description(loop->soon, "http-soon");
    return 0;
}

void http_loop_done(struct http_loop *loop)
{
    assert(!loop->busy);
    /* This closes the kept connections, through on_close. */
    curl_multi_cleanup(loop->multi);
    sd_event_source_disable_unref(loop->io);
    http_sockets_done(&loop->sockets);
    sd_event_source_disable_unref(loop->timer);
    sd_event_source_disable_unref(loop->soon);
    sd_event_unref(loop->event);
}
