/* SPDX-License-Identifier: MIT */
/* In place of wire/http.c: requests are answered by the world when their time has come. */
#include <stdlib.h>
#include <time.h>

#include "sim.h"

struct http_slot {
    struct http *http;
    TAILQ_ENTRY(http_slot) link;
    http_done_fn done;
    void *userdata;
    struct sim_delivery *delivery;
    struct sim_answer answer;
    uint64_t due_usec; /* boot clock */
    unsigned generation;
    bool probe;
};

struct http {
    sd_event_source *timer;
    TAILQ_HEAD(, http_slot) slots;
};

static struct http_slot *next_of(struct http *http)
{
    struct http_slot *slot, *next = NULL;
    TAILQ_FOREACH(slot, &http->slots, link)
        if (!next || slot->due_usec < next->due_usec)
            next = slot;
    return next;
}

static void arm(struct http *http)
{
    const struct http_slot *next = next_of(http);
    if (next)
        sd_event_source_set_time(http->timer, next->due_usec);
    sd_event_source_set_enabled(http->timer, next ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void print_date(char out[64], uint64_t usec)
{
    time_t seconds = (time_t)((usec + USEC_PER_SEC - 1) / USEC_PER_SEC); /* never too early */
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(out, 64, "%a, %d %b %Y %H:%M:%S GMT", &parts);
}

static void fill(struct http_answer *answer, const struct http_slot *slot)
{
    const struct sim_answer *from = &slot->answer;
    answer->status = from->status;
    answer->started_usec = clock_trusted_usec() - from->after_usec;
    answer->duration_usec = from->after_usec;
    if (!from->status)
        error_set(&answer->error, from->error, "simulated %s", error_kind_name(from->error));
    if (from->status && sim_chance(20)) {
        answer->body = memory_string("what the receiver says");
        answer->body_size = strlen(answer->body);
    }
    if (from->retry_after_usec && !from->as_date)
        snprintf(answer->retry_after, sizeof(answer->retry_after), "%llu",
                 (unsigned long long)(from->retry_after_usec / USEC_PER_SEC));
    else if (from->retry_after_usec)
        print_date(answer->retry_after, sim_true_usec() + from->retry_after_usec);
    answer->date_usec = sim_true_usec();
}

/* One a turn, as they would come from different sockets. */
static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct http *http = userdata;
    struct http_slot *slot = next_of(http);
    struct http_answer answer = {0};
    (void)source;
    (void)usec;
    if (slot && slot->due_usec <= fake_boot_usec) {
        TAILQ_REMOVE(&http->slots, slot, link);
        fill(&answer, slot);
        sim_request_ends(slot->delivery, &slot->answer, slot->probe,
                         slot->generation == sim.webhooks[slot->delivery->webhook].generation);
        slot->done(&answer, slot->userdata);
        free(answer.body);
        free(slot);
    }
    arm(http);
    return 0;
}

int http_new(struct http **ret, sd_event *event)
{
    *ret = NEW(struct http);
    TAILQ_INIT(&(*ret)->slots);
    if (sd_event_add_time(event, &(*ret)->timer, CLOCK_BOOTTIME, 0, 0, on_timer, *ret) < 0)
        abort();
    return sd_event_source_set_enabled((*ret)->timer, SD_EVENT_OFF);
}

void http_free(struct http *http)
{
    if (!http)
        return;
    while (!TAILQ_EMPTY(&http->slots))
        http_cancel(TAILQ_FIRST(&http->slots));
    sd_event_source_disable_unref(http->timer);
    free(http);
}

int http_call(struct http *http, const struct http_request *request, http_done_fn done,
              void *userdata, struct http_slot **ret_slot)
{
    struct http_slot *slot = NEW(struct http_slot);
    *slot = (struct http_slot){.http = http, .done = done, .userdata = userdata};
    slot->delivery = sim_request_begins(request, &slot->probe);
    struct sim_webhook *webhook = &sim.webhooks[slot->delivery->webhook];
    slot->generation = webhook->generation;
    slot->answer = sim_answer(webhook, &sim.events[slot->delivery->event]);
    slot->due_usec = fake_boot_usec + slot->answer.after_usec;
    TAILQ_INSERT_TAIL(&http->slots, slot, link);
    arm(http);
    *ret_slot = slot;
    return 0;
}

void http_cancel(struct http_slot *slot)
{
    if (!slot)
        return;
    sim_request_lost(slot->delivery, slot->probe);
    TAILQ_REMOVE(&slot->http->slots, slot, link);
    arm(slot->http);
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
