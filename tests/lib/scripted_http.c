/* SPDX-License-Identifier: MIT */
#include "scripted_http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

struct http_slot {
    struct http *http;
    TAILQ_ENTRY(http_slot) link;
    http_done_fn done;
    void *userdata;
    struct scripted_rule rule;
    bool ruled, ended;
};

struct rule {
    STAILQ_ENTRY(rule) link;
    struct scripted_rule rule;
    int left; /* negative: without end */
};

struct record {
    char *text;
    struct http_request limits; /* without its pointers */
};

struct http {
    sd_event *event;
    sd_event_source *soon;
    TAILQ_HEAD(, http_slot) slots;
    STAILQ_HEAD(, rule) rules;
    struct record *records;
    size_t record_count;
};

static void copy(char *out, size_t room, const char *string)
{
    snprintf(out, room, "%s", string ? string : "");
}

static void answer(struct http_slot *slot)
{
    const struct scripted_rule *rule = &slot->rule;
    struct http_answer answer = {
        .status = rule->fail     ? 0
                  : rule->status ? rule->status
                                 : 200,
        .date_usec = rule->date_usec,
        .started_usec = clock_now_usec(),
        .duration_usec = 1,
    };
    if (rule->fail)
        error_set(&answer.error, rule->fail, "scripted %s", error_kind_name(rule->fail));
    if (rule->body && !rule->fail) {
        answer.body_size = rule->body_size ? rule->body_size : strlen(rule->body);
        answer.body = memory_copy(rule->body, answer.body_size);
    }
    copy(answer.retry_after, sizeof(answer.retry_after), rule->retry_after);
    copy(answer.location, sizeof(answer.location), rule->location);
    copy(answer.request_id, sizeof(answer.request_id), rule->request_id);
    copy(answer.query_error, sizeof(answer.query_error), rule->query_error);
    copy(answer.rate_limit, sizeof(answer.rate_limit), rule->rate_limit);
    copy(answer.content_type, sizeof(answer.content_type), rule->content_type);
    copy(answer.peer, sizeof(answer.peer), "192.0.2.1:443");
    TAILQ_REMOVE(&slot->http->slots, slot, link);
    slot->ended = true;
    slot->done(&answer, slot->userdata);
    free(answer.body);
    free(slot);
}

static struct http_slot *next_ruled(struct http *http)
{
    struct http_slot *slot;
    TAILQ_FOREACH(slot, &http->slots, link)
        if (slot->ruled)
            return slot;
    return NULL;
}

/* One answer a turn, as they would come from different sockets. */
static int on_soon(sd_event_source *source, void *userdata)
{
    struct http *http = userdata;
    struct http_slot *slot = next_ruled(http);
    (void)source;
    if (slot)
        answer(slot);
    return sd_event_source_set_enabled(http->soon,
                                       next_ruled(http) ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void match(struct http_slot *slot, const char *text)
{
    struct http *http = slot->http;
    struct rule *rule;
    STAILQ_FOREACH(rule, &http->rules, link) {
        if (rule->left == 0 || (rule->rule.expect && !strstr(text, rule->rule.expect)))
            continue;
        if (rule->left > 0)
            rule->left--;
        slot->rule = rule->rule;
        slot->ruled = true;
        if (sd_event_source_set_enabled(http->soon, SD_EVENT_ONESHOT) < 0)
            abort();
        return;
    }
}

static char *text_of(const struct http_request *request)
{
    struct text text = {0};
    text_appendf(&text, "%s %s\n",
                 request->method ? request->method
                 : request->body ? "POST"
                                 : "GET",
                 request->url);
    for (const char *const *line = request->headers; line && *line; line++)
        text_appendf(&text, "%s\n", *line);
    text_append_char(&text, '\n');
    if (request->body)
        text_append(&text, request->body, request->body_size);
    return text_take(&text);
}

/* ---- in place of wire/http.c ---- */

int http_new(struct http **ret, sd_event *event)
{
    struct http *http = NEW(struct http);
    http->event = sd_event_ref(event);
    TAILQ_INIT(&http->slots);
    STAILQ_INIT(&http->rules);
    if (sd_event_add_defer(event, &http->soon, on_soon, http) < 0 ||
        sd_event_source_set_enabled(http->soon, SD_EVENT_OFF) < 0)
        abort();
    *ret = http;
    return 0;
}

void http_free(struct http *http)
{
    struct rule *rule;
    if (!http)
        return;
    while (!TAILQ_EMPTY(&http->slots))
        http_cancel(TAILQ_FIRST(&http->slots));
    while ((rule = STAILQ_FIRST(&http->rules))) {
        STAILQ_REMOVE_HEAD(&http->rules, link);
        free(rule);
    }
    for (size_t i = 0; i < http->record_count; i++)
        free(http->records[i].text);
    free(http->records);
    sd_event_source_disable_unref(http->soon);
    sd_event_unref(http->event);
    free(http);
}

int http_call(struct http *http, const struct http_request *request, http_done_fn done,
              void *userdata, struct http_slot **ret_slot)
{
    if (strncasecmp(request->url, "http://", 7) != 0 &&
        strncasecmp(request->url, "https://", 8) != 0)
        return -EINVAL;
    struct http_slot *slot = NEW(struct http_slot);
    slot->http = http;
    slot->done = done;
    slot->userdata = userdata;
    TAILQ_INSERT_TAIL(&http->slots, slot, link);
    http->records = memory_resize(http->records, http->record_count + 1, sizeof(*http->records));
    struct record *record = &http->records[http->record_count++];
    record->text = text_of(request);
    record->limits = (struct http_request){
        .connect_timeout_ms = request->connect_timeout_ms,
        .timeout_ms = request->timeout_ms,
        .answer_limit = request->answer_limit,
        .answer_cut = request->answer_cut,
        .body_optional = request->body_optional,
    };
    match(slot, record->text);
    if (ret_slot)
        *ret_slot = slot;
    return 0;
}

void http_cancel(struct http_slot *slot)
{
    if (!slot || slot->ended)
        return;
    TAILQ_REMOVE(&slot->http->slots, slot, link);
    free(slot);
}

unsigned http_in_flight(const struct http *http)
{
    unsigned count = 0;
    struct http_slot *slot;
    TAILQ_FOREACH(slot, &http->slots, link)
        count++;
    return count;
}

/* ---- for the test ---- */

void scripted_rules(struct http *http, const struct scripted_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rule *rule = NEW(struct rule);
        rule->rule = rules[i];
        rule->left = rules[i].times ? rules[i].times : 1;
        STAILQ_INSERT_TAIL(&http->rules, rule, link);
    }
}

const char *scripted_request(const struct http *http, size_t n)
{
    return n < http->record_count ? http->records[n].text : NULL;
}

size_t scripted_request_count(const struct http *http)
{
    return http->record_count;
}

struct http_request scripted_limits(const struct http *http, size_t n)
{
    return http->records[n].limits;
}

size_t scripted_waiting(const struct http *http)
{
    size_t count = 0;
    struct http_slot *slot;
    TAILQ_FOREACH(slot, &http->slots, link)
        count += !slot->ruled;
    return count;
}

void scripted_answer(struct http *http, const struct scripted_rule *rule)
{
    struct http_slot *slot;
    TAILQ_FOREACH(slot, &http->slots, link)
        if (!slot->ruled) {
            slot->rule = *rule;
            slot->ruled = true;
            if (sd_event_source_set_enabled(http->soon, SD_EVENT_ONESHOT) < 0)
                abort();
            return;
        }
    abort(); /* nobody waits */
}

size_t scripted_unused(const struct http *http)
{
    size_t count = 0;
    struct rule *rule;
    STAILQ_FOREACH(rule, &http->rules, link)
        count += rule->left > 0;
    return count;
}
