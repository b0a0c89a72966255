/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "channel_private.h"

/* ---- the end of a message ---- */

static void forget(struct alarm_way *way)
{
    alarm_command_stop(way);
    http_cancel(TAKE(way->slot));
    way->failed_source = sd_event_source_disable_unref(way->failed_source);
    way->done = NULL;
}

void alarm_way_end(struct alarm_way *way, int status, const char *why)
{
    AUTOTEXT struct text output = {0};
    AUTOFREE char *reason = memory_string(why);
    text_append_escaped(&output, way->output.size ? way->output.data : "", way->output.size,
                        ALARM_OUTPUT_MAX);
    struct alarm_result result = {
        .ok = why == NULL,
        .status = status,
        .duration_usec = clock_boot_usec() - way->started_usec,
        .why = reason,
        .output = output.size ? output.data : "",
    };
    alarm_done_fn done = way->done;
    void *userdata = way->userdata;
    forget(way);
    done(&result, userdata);
}

static int on_failed(sd_event_source *source, void *userdata)
{
    struct alarm_way *way = userdata;
    (void)source;
    alarm_way_end(way, -1, way->failure.text);
    return 0;
}

void alarm_way_fail(struct alarm_way *way, int error)
{
    error_set(&way->failure, ERROR_CONFIG, "it could not be started: %s", strerror(error));
    sd_event_add_defer(way->event, &way->failed_source, on_failed, way);
}

/* ---- by HTTP ---- */

static void on_answer(struct http_answer *answer, void *userdata)
{
    struct alarm_way *way = userdata;
    AUTOFREE char *why = NULL;
    way->slot = NULL;
    if (answer->body)
        text_append(&way->output, answer->body, answer->body_size);
    if (answer->error.kind != ERROR_NONE)
        why = memory_string(answer->error.text);
    else if (answer->status < 200 || answer->status > 299)
        why = memory_format("HTTP %d", answer->status);
    alarm_way_end(way, answer->error.kind == ERROR_NONE ? answer->status : -1, why);
}

static void post(struct alarm_way *way, const struct alarm_message *message)
{
    struct webhook_part part = {way->body.data, way->body.size};
    struct webhook_event event = {
        .id = message->id, .type = ALARM_TYPE, .event_usec = message->time_usec};
    webhook_headers_build(&way->headers, &event, way->keys, clock_trusted_usec(), &part, 1);
    struct http_request request = {
        .url = way->url,
        .headers = way->headers.lines,
        .way = way->http_way,
        .body = way->body.data,
        .body_size = way->body.size,
        .timeout_ms = way->timeout_usec / USEC_PER_MSEC,
        .answer_limit = ALARM_OUTPUT_MAX,
        .answer_cut = true,
        .body_optional = true,
    };
    int r = http_call(way->http, &request, on_answer, way, &way->slot);
    if (r < 0)
        alarm_way_fail(way, -r);
}

/* ---- life ---- */

void alarm_way_send(struct alarm_way *way, const struct alarm_message *message, alarm_done_fn done,
                    void *userdata)
{
    way->done = done;
    way->userdata = userdata;
    way->started_usec = clock_boot_usec();
    text_reset(&way->output);
    text_reset(&way->body);
    alarm_message_body(&way->body, message);
    if (way->url)
        post(way, message);
    else
        alarm_command_start(way, message);
}

const char *alarm_way_name(const struct alarm_way *way)
{
    return way->name;
}

static char **copy_words(char *const *words)
{
    size_t count = text_list_size(words);
    char **copy = memory_new((count + 1) * sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = memory_string(words[i]);
    return copy;
}

/* Return scheme and host of the URL. The rest of it may be a secret. */
static char *origin_of(const char *url)
{
    const char *host = strstr(url, "://");
    return memory_copy(url, host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/?") : 0);
}

int alarm_way_new(struct alarm_way **ret, const struct alarm_way_options *options)
{
    struct alarm_way *way = NEW(struct alarm_way);
    way->event = sd_event_ref(options->event);
    way->timeout_usec = options->timeout_usec;
    way->child.pid_fd = way->child.output_fd = -1;
    if (options->url) {
        way->http = options->http;
        way->url = memory_string(options->url);
        way->keys = options->keys;
        way->name = origin_of(options->url);
        way->http_way =
            http_way_new(&(struct http_way_options){.environment = true, .no_link_local = true});
    } else {
        way->command = copy_words(options->command);
        way->name = memory_string(way->command[0]);
    }
    *ret = way;
    return 0;
}

void alarm_way_free(struct alarm_way *way)
{
    if (!way)
        return;
    forget(way);
    http_way_free(way->http_way);
    webhook_headers_clear(&way->headers);
    text_clear(&way->body);
    text_clear(&way->output);
    text_list_free(way->command);
    free(way->url);
    free(way->name);
    sd_event_unref(way->event);
    free(way);
}
