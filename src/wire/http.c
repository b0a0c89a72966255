/* SPDX-License-Identifier: MIT */
#include "wire/http.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/trace.h"
#include "http_answer.h"
#include "http_certificate.h"
#include "http_failure.h"
#include "http_headers.h"
#include "http_loop.h"
#include "http_memory.h"
#include "http_phase.h"
#include "http_place.h"
#include "http_transport_private.h"

#define CONNECT_TIMEOUT_MS 10000
#define TIMEOUT_MS         30000
#define ANSWER_LIMIT       ((size_t)64 * 1024)

/* After this time a connection is not used again, so that a call reaches the current address of a
 * name, and not for ever the address of the first connection. */
#define CONNECTION_LIFE_S (5 * 60L)

/* Time for which curl keeps a resolved address: its own default. */
#define ADDRESS_LIFE_S 60L

/* Limits of phases are seconds. Within this accuracy they share a wakeup with others. */
#define PHASE_ACCURACY_USEC (250 * USEC_PER_MSEC)

/* Time limit for an optional body after the headers. If it is short, it saves the connection for
 * the next call. */
#define OPTIONAL_BODY_USEC USEC_PER_SEC

/* libcurl allocates 16 KB for the receipt of an answer. If a short one is enough, a call takes the
 * smallest buffer that libcurl allows. A handle keeps its buffer, so the size is set for handles of
 * one call only. */
#define SHORT_ANSWER 4096
#define SHORT_BUFFER 1024L

/* Unused slots that are kept for the next calls. After a burst the others are freed. */
#define SPARE_MAX 96

/* Before, libcurl kept a pointer to the last header of a handle's transfer, and took it for the
 * beginning of the next answer's first header line if that was a folded one: a server could make it
 * write to memory that was given back (https://github.com/curl/curl/pull/11103). */
#define CURL_FORGETS_HEADERS 0x080200

/* A call, and between two calls the memory and, if possible, the handle that the next one uses:
 * most of a handle's options never change. */
struct http_slot {
    struct http *http;
    struct http_slot *next, *previous; /* among the active, or (next) among the spare */
    CURL *easy;                        /* NULL among the spare: the next call needs a new one */
    http_done_fn done;
    void *userdata;
    bool ended; /* its callback runs */
    struct http_limits limits;
    uint64_t started_boot_usec;
    uint64_t tls_usec;      /* microseconds after the start of the call; 0: TLS has not begun */
    bool phase_over;        /* a phase took longer than its limit */
    uint64_t body_due_usec; /* as tls_usec: end of the wait for an optional body; 0: none */
    bool once;
    bool secret;       /* the handle is not used again: it keeps parts of the body */
    bool sent, resend; /* the request has gone out; curl wanted to send it again */
    struct text url;
    struct http_headers headers;
    struct http_transport_state transport;
    const struct http_transport *request_transport; /* the call's; NULL: the default */
    struct http_reading reading;
    char detail[CURL_ERROR_SIZE];
};

struct http {
    struct http_loop loop;
    struct http_slot *active, *spare;
    unsigned active_count, spare_count;
    bool reuse;                   /* a handle can be used for a second call */
    sd_event_source *phase_timer; /* checks the phases of calls that limit them */
    uint64_t phase_boot_usec;     /* time at which it fires; UINT64_MAX: off */
    uint64_t renewed_boot_usec;   /* time of the last renewal of the connections */
};

static void limit_body(struct http_slot *slot);

static size_t on_header(char *bytes, size_t one, size_t size, void *userdata)
{
    struct http_slot *slot = userdata;
    bool enough = slot->reading.enough;
    (void)one;
    if (!http_reading_header(&slot->reading, bytes, size))
        return 0;
    if (slot->reading.enough && !enough)
        limit_body(slot);
    return size;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *userdata)
{
    struct http_slot *slot = userdata;
    (void)one;
    return http_reading_body(&slot->reading, bytes, size) ? size : CURL_WRITEFUNC_ERROR;
}

/* Note the beginning of TLS. curl has made the TLS context of a new connection; the
 * handshake is next. */
static CURLcode on_tls(CURL *easy, void *context, void *userdata)
{
    struct http_slot *slot = userdata;
    (void)easy, (void)context;
    slot->tls_usec = clock_boot_usec() - slot->started_boot_usec;
    return CURLE_OK;
}

/* Note the sending of a request, just before it. If a kept connection breaks before an answer, curl
 * calls this a second time. */
static int on_send(void *userdata, char *address, char *own_address, int port, int own_port)
{
    struct http_slot *slot = userdata;
    (void)address, (void)own_address, (void)port, (void)own_port;
    slot->resend = slot->once && slot->sent;
    slot->sent = true;
    return slot->resend ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* ---- slots ---- */

static void slot_free(struct http_slot *slot)
{
    curl_easy_cleanup(slot->easy);
    text_clear(&slot->url);
    http_headers_clear(&slot->headers);
    text_clear(&slot->reading.body);
    free(slot);
}

/* Give the slot a new handle, with the options that are the same for every call. */
static void handle_new(struct http_slot *slot)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        abort();
    slot->easy = easy;
    slot->transport = (struct http_transport_state){0};
    text_reset(&slot->url);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* Without this, the end of a call that still resolves its name waits for the resolver, and so
     * does the loop. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, HTTP_USER_AGENT);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, slot);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, slot);
    curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, CONNECTION_LIFE_S);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->detail);
    http_loop_adopt(&slot->http->loop, easy);
}

static struct http_slot *slot_new(struct http *http)
{
    struct http_slot *slot = http->spare;
    if (slot) {
        http->spare = slot->next;
        http->spare_count--;
    } else {
        slot = NEW(struct http_slot);
        slot->http = http;
    }
    if (!slot->easy)
        handle_new(slot);
    slot->previous = NULL;
    slot->next = http->active;
    if (http->active)
        http->active->previous = slot;
    http->active = slot;
    http->active_count++;
    return slot;
}

static void slot_recycle(struct http_slot *slot)
{
    struct http *http = slot->http;
    if (slot->previous)
        slot->previous->next = slot->next;
    else
        http->active = slot->next;
    if (slot->next)
        slot->next->previous = slot->previous;
    http->active_count--;
    text_clear(&slot->reading.body);
    http_headers_wipe(&slot->headers);
    if (!http->reuse || slot->secret) {
        curl_easy_cleanup(slot->easy);
        slot->easy = NULL;
    }
    if (slot->secret)
        http_memory_end_secret();
    slot->secret = false;
    if (http->spare_count >= SPARE_MAX) {
        slot_free(slot);
        return;
    }
    slot->next = http->spare;
    http->spare = slot;
    http->spare_count++;
}

/* ---- the options of one call ---- */

static void set_method(CURL *easy, const struct http_request *request)
{
    const char *method = request->method ? request->method : request->body ? "POST" : "GET";
    bool post = strcmp(method, "POST") == 0, get = strcmp(method, "GET") == 0;
    if (request->body || post) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    bool plain = post || (get && !request->body);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, plain ? NULL : method);
}

static void set_url(struct http_slot *slot, const char *url)
{
    if (slot->url.data && strcmp(slot->url.data, url) == 0)
        return;
    text_reset(&slot->url);
    text_append_string(&slot->url, url);
    curl_easy_setopt(slot->easy, CURLOPT_URL, url);
}

static void set_limits(struct http_slot *slot, const struct http_request *request)
{
    struct http_limits *limits = &slot->limits;
    *limits = http_transport_limits(request->transport);
    limits->total = request->timeout_ms ? request->timeout_ms : TIMEOUT_MS;
    if (request->connect_timeout_ms)
        limits->connect = request->connect_timeout_ms;
    else if (!limits->connect)
        limits->connect = CONNECT_TIMEOUT_MS;
    curl_easy_setopt(slot->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect);
    curl_easy_setopt(slot->easy, CURLOPT_TIMEOUT_MS, (long)limits->total);
}

static void set_connection(struct http_slot *slot, const struct http_request *request)
{
    uint64_t renewed = slot->http->renewed_boot_usec;
    bool doubted = renewed && slot->started_boot_usec < renewed + ADDRESS_LIFE_S * USEC_PER_SEC;
    curl_easy_setopt(slot->easy, CURLOPT_FRESH_CONNECT, request->fresh ? 1L : 0L);
    curl_easy_setopt(slot->easy, CURLOPT_DNS_CACHE_TIMEOUT, doubted ? 0L : ADDRESS_LIFE_S);
    slot->once = request->once;
    slot->secret = request->secret;
    if (slot->secret)
        http_memory_begin_secret();
    slot->sent = slot->resend = false;
}

static int set_call(struct http_slot *slot, const struct http_request *request)
{
    int r = http_headers_set(&slot->headers, slot->easy, request->headers);
    if (r < 0)
        return r;
    set_url(slot, request->url);
    set_method(slot->easy, request);
    http_transport_apply(&slot->transport, slot->easy, request->transport);
    slot->request_transport = request->transport;
    set_limits(slot, request);
    if (!slot->http->reuse && request->answer_limit && request->answer_limit <= SHORT_ANSWER)
        curl_easy_setopt(slot->easy, CURLOPT_BUFFERSIZE, SHORT_BUFFER);
    curl_easy_setopt(slot->easy, CURLOPT_CERTINFO, request->certificate ? 1L : 0L);
    slot->ended = slot->phase_over = false;
    slot->tls_usec = slot->body_due_usec = 0;
    slot->detail[0] = '\0';
    slot->reading = (struct http_reading){
        .answer.started_usec = clock_trusted_usec(),
        .limit = request->answer_limit ? request->answer_limit : ANSWER_LIMIT,
        .cut = request->answer_cut,
        .optional = request->body_optional,
    };
    slot->started_boot_usec = clock_boot_usec();
    set_connection(slot, request);
    return 0;
}

/* ---- the end of a call ---- */

static void name_peer(struct http_slot *slot)
{
    struct http_answer *answer = &slot->reading.answer;
    const char *address = NULL;
    long port = 0;
    curl_easy_getinfo(slot->easy, CURLINFO_PRIMARY_IP, &address);
    curl_easy_getinfo(slot->easy, CURLINFO_PRIMARY_PORT, &port);
    if (address && address[0])
        snprintf(answer->peer, sizeof(answer->peer), strchr(address, ':') ? "[%s]:%ld" : "%s:%ld",
                 address, port);
}

static void explain(struct http_slot *slot, CURLcode result)
{
    char proxy[HTTP_PROXY_NAME_MAX];
    http_transport_proxy(slot->request_transport, slot->url.data, proxy);
    struct http_failure failure = {
        .easy = slot->easy,
        .result = result,
        .url = slot->url.data,
        .proxy = proxy,
        .detail = slot->detail,
        .reading = &slot->reading,
        .limits = slot->limits,
        .tls_usec = slot->tls_usec,
        .phase_over = slot->phase_over,
    };
    http_failure_explain(&failure, &slot->reading.answer.error);
    if (slot->transport.refused && result == CURLE_COULDNT_CONNECT)
        error_set(&slot->reading.answer.error, ERROR_CONNECT,
                  "the host of the url is a link-local address, where nothing is sent");
}

/* Trace a call. The path of a URL can be a secret, so only the host is traced. */
static void trace_call(const struct http_slot *slot)
{
    const struct http_answer *answer = &slot->reading.answer;
    struct http_place place;
    if (!trace_sink)
        return;
    http_place_find(slot->url.data, NULL, &place);
    TRACE("http: %s (%s) answered %d with %zu bytes after %llu ms%s%s", place.host, answer->peer,
          answer->status, answer->body_size,
          (unsigned long long)(answer->duration_usec / USEC_PER_MSEC),
          answer->error.text[0] ? ": " : "", answer->error.text);
}

/* curl minds a header's value, such as a Content-Length that is no number, or a first header line
 * that is folded, which it calls a bad argument. */
static bool status_counts(const struct http_slot *slot, CURLcode result)
{
    return (result == CURLE_WEIRD_SERVER_REPLY || result == CURLE_BAD_FUNCTION_ARGUMENT) &&
           http_reading_has_status(&slot->reading);
}

static void on_ended(CURL *easy, CURLcode result)
{
    struct http_slot *slot;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&slot);
    struct http_answer *answer = &slot->reading.answer;

    if (slot->resend) {
        answer->kept_broke = true;
        result = CURLE_RECV_ERROR;
    }
    /* If the connection ends inside the headers, curl 7.88 takes the received part for
     * all of them. */
    if (result == CURLE_OK && !slot->reading.headed)
        result = CURLE_PARTIAL_FILE;
    if (result != CURLE_OK && !slot->reading.enough && !status_counts(slot, result)) {
        explain(slot, result);
        text_clear(&slot->reading.body); /* part of an answer is useless */
    }
    name_peer(slot);
    answer->certificate_ends_usec = http_certificate_ends(easy);
    curl_multi_remove_handle(slot->http->loop.multi, easy);
    answer->duration_usec = clock_boot_usec() - slot->started_boot_usec;
    answer->body_size = slot->reading.body.size;
    answer->body = TAKE(slot->reading.body.data);
    slot->reading.body = (struct text){0};
    slot->ended = true;
    trace_call(slot);
    slot->done(answer, slot->userdata);
    free(answer->body);
    slot_recycle(slot);
}

/* ---- limits of a phase ---- */

static bool limits_phases(const struct http_slot *slot)
{
    return slot->limits.lookup || slot->limits.tls || slot->body_due_usec;
}

/* Set the timer to fire at this time, unless it fires earlier. If that fails, curl's
 * own limits still hold. */
static void look_at(struct http *http, uint64_t boot_usec)
{
    if (boot_usec >= http->phase_boot_usec)
        return;
    http->phase_boot_usec = boot_usec;
    (void)sd_event_source_set_time(http->phase_timer, boot_usec);
    (void)sd_event_source_set_enabled(http->phase_timer, SD_EVENT_ONESHOT);
}

/* Start the limit of an optional body. The headers have come, and they are enough. */
static void limit_body(struct http_slot *slot)
{
    uint64_t boot = clock_boot_usec();
    slot->body_due_usec = boot + OPTIONAL_BODY_USEC - slot->started_boot_usec;
    look_at(slot->http, boot + OPTIONAL_BODY_USEC);
}

/* Whether the call has exceeded the limit of its phase. If not, set the timer to check it again. */
static bool is_overdue(struct http_slot *slot, uint64_t boot_usec)
{
    uint64_t now = boot_usec - slot->started_boot_usec;
    if (slot->body_due_usec && slot->body_due_usec <= now)
        return true;
    if (slot->body_due_usec)
        look_at(slot->http, slot->started_boot_usec + slot->body_due_usec);
    enum http_phase phase = http_phase_of(slot->easy, slot->tls_usec, &slot->reading);
    if (http_phase_due(&slot->limits, phase, slot->tls_usec) <= now)
        return true;
    uint64_t next = http_phase_look(&slot->limits, phase, slot->tls_usec, now);
    if (next != UINT64_MAX)
        look_at(slot->http, slot->started_boot_usec + next);
    return false;
}

static struct http_slot *find_overdue(struct http *http, uint64_t boot_usec)
{
    struct http_slot *slot = http->active;
    while (slot && (slot->ended || !limits_phases(slot) || !is_overdue(slot, boot_usec)))
        slot = slot->next;
    return slot;
}

/* End all overdue calls. A callback may begin and end other calls, so each search
 * starts at the first one. */
static int on_phase_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct http *http = userdata;
    struct http_slot *slot;
    uint64_t now = clock_boot_usec();
    (void)source;
    (void)usec;
    http->phase_boot_usec = UINT64_MAX;
    while ((slot = find_overdue(http, now)) != NULL) {
        slot->phase_over = true;
        on_ended(slot->easy, CURLE_OPERATION_TIMEDOUT);
    }
    return 0;
}

static int watch_phases(struct http *http, sd_event *event)
{
    http->phase_boot_usec = UINT64_MAX;
    int r = sd_event_add_time(event, &http->phase_timer, CLOCK_BOOTTIME, 0, PHASE_ACCURACY_USEC,
                              on_phase_timer, http);
    return r < 0 ? r : sd_event_source_set_enabled(http->phase_timer, SD_EVENT_OFF);
}

/* ---- public ---- */

int http_new(struct http **ret, sd_event *event)
{
    static bool initialized;
    if (!initialized && http_memory_init() < 0)
        return -ENOSYS;
    initialized = true;
    struct http *http = NEW(struct http);
    /* Asked once: libcurl composes the versions of all its libraries for each answer. */
    http->reuse = curl_version_info(CURLVERSION_NOW)->version_num >= CURL_FORGETS_HEADERS;
    int r = http_loop_init(&http->loop, event, on_ended);
    if (r >= 0)
        r = watch_phases(http, event);
    if (r < 0) {
        http_free(http);
        return r;
    }
    *ret = http;
    return 0;
}

void http_free(struct http *http)
{
    struct http_slot *slot, *next;
    if (!http)
        return;
    for (slot = http->active; slot; slot = next) {
        next = slot->next;
        http_cancel(slot);
    }
    for (slot = http->spare; slot; slot = next) {
        next = slot->next;
        slot_free(slot);
    }
    sd_event_source_disable_unref(http->phase_timer);
    http_loop_done(&http->loop);
    free(http);
}

int http_call(struct http *http, const struct http_request *request, http_done_fn done,
              void *userdata, struct http_slot **ret_slot)
{
    if (strncasecmp(request->url, "http://", 7) != 0 &&
        strncasecmp(request->url, "https://", 8) != 0)
        return -EINVAL;
    struct http_slot *slot = slot_new(http);
    slot->done = done;
    slot->userdata = userdata;
    int r = set_call(slot, request);
    if (r >= 0)
        r = http_loop_add(&http->loop, slot->easy);
    if (r < 0) {
        slot_recycle(slot);
        return r;
    }
    if (limits_phases(slot))
        look_at(http, slot->started_boot_usec + http_phase_look(&slot->limits, HTTP_LOOKUP, 0, 0));
    if (ret_slot)
        *ret_slot = slot;
    return 0;
}

void http_cancel(struct http_slot *slot)
{
    if (!slot || slot->ended)
        return;
    /* If a transfer is removed in the middle, curl also closes its connection. */
    curl_multi_remove_handle(slot->http->loop.multi, slot->easy);
    slot_recycle(slot);
}

unsigned http_in_flight(const struct http *http)
{
    return http->active_count;
}

void http_renew(struct http *http)
{
    http_sockets_renew(&http->loop.sockets);
    http->renewed_boot_usec = clock_boot_usec();
}

uint64_t http_overdue_usec(const struct http *http)
{
    uint64_t now = clock_boot_usec(), worst = 0;
    for (const struct http_slot *slot = http->active; slot; slot = slot->next) {
        uint64_t due = slot->started_boot_usec + slot->limits.total * USEC_PER_MSEC;
        if (now > due && now - due > worst)
            worst = now - due;
    }
    return worst;
}

const char *http_broken(const struct http *http)
{
    return http->loop.broken;
}
