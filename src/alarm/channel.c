/* SPDX-License-Identifier: MIT */
#include "alarm/channel.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "command.h"
#include "webhook/request.h"

struct alarm_channel {
    sd_event *event;
    struct http *http;
    struct http_transport *http_transport;
    char *url;
    const struct webhook_keys *keys;
    char **command;
    uint64_t timeout_usec;
    char *name;

    /* the message under way */
    alarm_done_fn done; /* NULL: there is none */
    void *userdata;
    uint64_t started_usec; /* boot clock */
    struct text body, output;
    struct webhook_headers headers;
    struct http_slot *slot;
    struct alarm_command run;
    struct error failure; /* of a message that could not be started */
    sd_event_source *failed_source;
};

/* ---- the end of a message ---- */

static void forget(struct alarm_channel *channel)
{
    alarm_command_stop(&channel->run);
    http_cancel(TAKE(channel->slot));
    channel->failed_source = sd_event_source_disable_unref(channel->failed_source);
    channel->done = NULL;
}

/* End the message under way and report its result to `done`; the channel may be freed afterwards.
 * status: the command's exit status or the HTTP status, -1: there is none. why: NULL if it
 * succeeded. */
static void end(struct alarm_channel *channel, int status, const char *why)
{
    AUTOTEXT struct text output = {0};
    AUTOFREE char *reason = memory_string(why);
    text_append_escaped(&output, channel->output.size ? channel->output.data : "",
                        channel->output.size, ALARM_OUTPUT_MAX);
    struct alarm_result result = {
        .ok = why == NULL,
        .status = status,
        .duration_usec = clock_boot_usec() - channel->started_usec,
        .why = reason,
        .output = output.size ? output.data : "",
    };
    alarm_done_fn done = channel->done;
    void *userdata = channel->userdata;
    forget(channel);
    done(&result, userdata);
}

static int on_failed(sd_event_source *source, void *userdata)
{
    struct alarm_channel *channel = userdata;
    (void)source;
    end(channel, -1, channel->failure.text);
    return 0;
}

/* Report from the loop that nothing could be started. error: a positive errno. */
static void fail(struct alarm_channel *channel, int error)
{
    error_set(&channel->failure, ERROR_CONFIG, "it could not be started: %s", strerror(error));
    sd_event_add_defer(channel->event, &channel->failed_source, on_failed, channel);
}

/* ---- by HTTP ---- */

static void on_answer(struct http_answer *answer, void *userdata)
{
    struct alarm_channel *channel = userdata;
    AUTOFREE char *why = NULL;
    channel->slot = NULL;
    if (answer->body)
        text_append(&channel->output, answer->body, answer->body_size);
    if (answer->error.kind != ERROR_NONE)
        why = memory_string(answer->error.text);
    else if (answer->status < 200 || answer->status > 299)
        why = memory_format("HTTP %d", answer->status);
    end(channel, answer->error.kind == ERROR_NONE ? answer->status : -1, why);
}

static void post(struct alarm_channel *channel, const struct alarm_message *message)
{
    struct webhook_part part = {channel->body.data, channel->body.size};
    struct webhook_event event = {
        .id = message->id, .type = ALARM_TYPE, .event_usec = message->time_usec};
    webhook_headers_build(&channel->headers, &event, channel->keys, clock_trusted_usec(), &part, 1);
    struct http_request request = {
        .url = channel->url,
        .headers = channel->headers.lines,
        .transport = channel->http_transport,
        .body = channel->body.data,
        .body_size = channel->body.size,
        .timeout_ms = channel->timeout_usec / USEC_PER_MSEC,
        .answer_limit = ALARM_OUTPUT_MAX,
        .answer_cut = true,
        .body_optional = true,
    };
    int r = http_call(channel->http, &request, on_answer, channel, &channel->slot);
    if (r < 0)
        fail(channel, -r);
}

/* ---- by a command ---- */

static void on_command_ended(int status, const char *why, void *userdata)
{
    end(userdata, status, why);
}

static void run(struct alarm_channel *channel, const struct alarm_message *message)
{
    char **environment = alarm_message_environment(message);
    int r = alarm_command_start(&channel->run, environment);
    text_list_free(environment);
    if (r < 0)
        fail(channel, -r);
}

/* ---- life ---- */

void alarm_channel_send(struct alarm_channel *channel, const struct alarm_message *message,
                        alarm_done_fn done, void *userdata)
{
    channel->done = done;
    channel->userdata = userdata;
    channel->started_usec = clock_boot_usec();
    text_reset(&channel->output);
    text_reset(&channel->body);
    alarm_message_body(&channel->body, message);
    if (channel->url)
        post(channel, message);
    else
        run(channel, message);
}

const char *alarm_channel_name(const struct alarm_channel *channel)
{
    return channel->name;
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

int alarm_channel_new(struct alarm_channel **ret, const struct alarm_channel_options *options)
{
    struct alarm_channel *channel = NEW(struct alarm_channel);
    channel->event = sd_event_ref(options->event);
    channel->timeout_usec = options->timeout_usec;
    channel->run = (struct alarm_command){
        .event = channel->event,
        .timeout_usec = options->timeout_usec,
        .input = &channel->body,
        .output = &channel->output,
        .done = on_command_ended,
        .userdata = channel,
        .pid_fd = -1,
        .output_fd = -1,
    };
    if (options->url) {
        channel->http = options->http;
        channel->url = memory_string(options->url);
        channel->keys = options->keys;
        channel->name = origin_of(options->url);
        channel->http_transport = http_transport_new(
            &(struct http_transport_options){.environment = true, .no_link_local = true});
    } else {
        channel->command = copy_words(options->command);
        channel->run.words = channel->command;
        channel->name = memory_string(channel->command[0]);
    }
    *ret = channel;
    return 0;
}

void alarm_channel_free(struct alarm_channel *channel)
{
    if (!channel)
        return;
    forget(channel);
    http_transport_free(channel->http_transport);
    webhook_headers_clear(&channel->headers);
    text_clear(&channel->body);
    text_clear(&channel->output);
    text_list_free(channel->command);
    free(channel->url);
    free(channel->name);
    sd_event_unref(channel->event);
    free(channel);
}
