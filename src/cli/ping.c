/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "config/auth.h"
#include "deliver/access_token.h"
#include "signing.h"
#include "webhook/outcome.h"
#include "webhook/ping.h"
#include "webhook/remedy.h"
#include "webhook/request.h"
#include "wire/http.h"

/* Bytes of the answer that are read and shown. */
#define ANSWER_MAX 512

/* One ping, from the request to its answer. */
struct ping {
    const struct cli *cli;
    const struct config_webhook *webhook;
    sd_event *event;
    struct http *http;
    char id[WEBHOOK_PING_ID_MAX];
    struct text body;
    struct webhook_headers headers;
    struct webhook_keys keys;
    struct webhook_auth auth;
    struct http_transport *transport, *token_transport;
    struct access_token token; /* received first, if `auth` needs one */
    bool sent, ended;
    int start_error; /* negative errno: the request could not be started */
    int http_status;
    uint64_t duration_usec;
    char peer[64];
    struct outcome outcome;
    struct text answer;
};

static bool is_delivered(const struct ping *ping)
{
    return ping->outcome.class == OUTCOME_DELIVERED;
}

static void print_json(const struct ping *ping)
{
    AUTOTEXT struct text line = {0};
    bool ok = is_delivered(ping);
    json_open(&line, NULL, '{');
    json_string(&line, "webhook", ping->webhook->name);
    json_string(&line, "url", ping->webhook->url);
    json_string(&line, "id", ping->id);
    json_bool(&line, "ok", ok);
    json_bool(&line, "signed", ping->keys.count > 0);
    json_string(&line, "class", outcome_class_name(ping->outcome.class));
    json_string(&line, "error_class", ping->outcome.error_class);
    json_string(&line, "reason", ok ? NULL : ping->outcome.reason);
    json_string(&line, "remedy",
                ok ? NULL : webhook_remedy(ping->http_status, ping->outcome.error_class));
    if (ping->http_status)
        json_number(&line, "http_status", ping->http_status);
    else
        json_null(&line, "http_status");
    json_number(&line, "duration_ms", (int64_t)(ping->duration_usec / USEC_PER_MSEC));
    json_string(&line, "peer", ping->peer[0] ? ping->peer : NULL);
    json_bytes(&line, "answer", ping->answer.size ? ping->answer.data : "", ping->answer.size);
    json_close(&line, '}');
    puts(line.data);
}

static void print_answer(const struct ping *ping)
{
    AUTOTEXT struct text answer = {0};
    char status[16] = "no answer";
    if (ping->http_status)
        snprintf(status, sizeof(status), "HTTP %d", ping->http_status);
    printf("webhook %s: %s, %llu ms%s%s, %s\n", ping->webhook->name, status,
           (unsigned long long)(ping->duration_usec / USEC_PER_MSEC), ping->peer[0] ? ", " : "",
           ping->peer, ping->keys.count ? "signed" : "not signed");
    text_append_escaped(&answer, ping->answer.size ? ping->answer.data : "", ping->answer.size,
                        ANSWER_MAX);
    if (answer.size)
        printf("answer: %s\n", answer.data);
    fflush(stdout);
}

static void print_text(const struct ping *ping)
{
    const char *name = ping->webhook->name;
    if (ping->sent)
        print_answer(ping);
    if (is_delivered(ping))
        return;
    cli_error("webhook %s, %s: %s", name, ping->webhook->url, ping->outcome.reason);
    cli_error("remedy: %s", webhook_remedy(ping->http_status, ping->outcome.error_class));
}

/* Note the end of the request. The http client calls this after success and after every failure. */
static void on_answer(struct http_answer *answer, void *userdata)
{
    struct ping *ping = userdata;
    ping->ended = true;
    ping->http_status = answer->error.kind == ERROR_NONE ? answer->status : 0;
    ping->duration_usec = answer->duration_usec;
    text_copy(ping->peer, sizeof(ping->peer), answer->peer);
    outcome_read(&ping->outcome, answer, &ping->webhook->success, clock_trusted_usec());
    if (answer->body)
        text_append(&ping->answer, answer->body,
                    answer->body_size < ANSWER_MAX ? answer->body_size : ANSWER_MAX);
    webhook_auth_hide(&ping->auth, ping->answer.data, ping->answer.size);
    sd_event_exit(ping->event, 0);
}

static void build(struct ping *ping)
{
    uint64_t now_usec = clock_trusted_usec();
    enum webhook_format format = ping->webhook->format;
    webhook_ping_body(&ping->body, format, ping->id, ping->webhook->name, now_usec);
    struct webhook_event event = {.id = ping->id,
                                  .type = WEBHOOK_PING_TYPE,
                                  .event_usec = now_usec,
                                  .attempt = 1,
                                  .format = format};
    struct webhook_part part = {ping->body.data, ping->body.size};
    webhook_headers_build(&ping->headers, &event, &ping->keys, now_usec, &part, 1);
    webhook_auth_add(&ping->auth, &ping->headers, part);
}

static void send(struct ping *ping)
{
    build(ping);
    struct http_request request = {
        .url = ping->webhook->url,
        .headers = ping->headers.lines,
        .transport = ping->transport,
        .body = ping->body.data,
        .body_size = ping->body.size,
        .timeout_ms = ping->webhook->timeout_usec / USEC_PER_MSEC,
        .answer_limit = success_rule_reads(&ping->webhook->success) ? SUCCESS_BODY_MAX : ANSWER_MAX,
        .answer_cut = true,
        .body_optional = !success_rule_reads(&ping->webhook->success),
    };
    ping->sent = true;
    ping->start_error = http_call(ping->http, &request, on_answer, ping, NULL);
    if (ping->start_error < 0)
        sd_event_exit(ping->event, 0);
}

/* Go on after the token endpoint's answer. Without a token nothing is sent. */
static void on_token(const struct error *error, void *userdata)
{
    struct ping *ping = userdata;
    if (!error) {
        send(ping);
        return;
    }
    outcome_no_token(&ping->outcome, error);
    ping->ended = true;
    sd_event_exit(ping->event, 0);
}

static int send_with_token(struct ping *ping)
{
    access_token_init(&ping->token, &(struct access_token_options){
                                        .http = ping->http,
                                        .auth = &ping->auth,
                                        .webhook = ping->webhook->name,
                                        .transport = ping->token_transport,
                                        .timeout_usec = ping->webhook->timeout_usec,
                                        .done = on_token,
                                        .userdata = ping,
                                    });
    if (access_token_is_good(&ping->token))
        send(ping);
    else
        access_token_ask(&ping->token);
    return sd_event_loop(ping->event);
}

static int report(const struct ping *ping, int r)
{
    if (!ping->ended) {
        cli_error("webhook %s: the request could not be started: %s", ping->webhook->name,
                  strerror(r < 0 ? -r : -ping->start_error));
        return CLI_FAILED;
    }
    if (ping->cli->output == CLI_JSON)
        print_json(ping);
    else
        print_text(ping);
    return is_delivered(ping) ? CLI_DONE : CLI_FAILED;
}

static int send_and_report(struct ping *ping)
{
    int r = sd_event_new(&ping->event);
    if (r >= 0)
        r = http_new(&ping->http, ping->event);
    if (r >= 0)
        r = send_with_token(ping);
    int status = report(ping, r);
    access_token_end(&ping->token);
    http_free(ping->http);
    sd_event_unref(ping->event);
    return status;
}

static void clear(struct ping *ping)
{
    http_transport_free(ping->transport);
    http_transport_free(ping->token_transport);
    webhook_keys_clear(&ping->keys);
    webhook_auth_clear(&ping->auth);
    webhook_headers_clear(&ping->headers);
    text_clear(&ping->body);
    text_clear(&ping->answer);
}

static int ping_webhook(const struct cli *cli, const struct config *config)
{
    struct ping ping = {.cli = cli, .webhook = signing_webhook(config, cli->argv[0])};
    struct error error;
    int status;
    if (!ping.webhook)
        return CLI_USAGE;
    if (signing_webhook_keys(ping.webhook, &ping.keys, &error) ||
        config_webhook_auth(&ping.auth, ping.webhook, &error)) {
        cli_error("%s", error.text);
        status = CLI_CONFIG;
    } else {
        webhook_ping_id(ping.id);
        ping.transport = config_webhook_way(ping.webhook);
        ping.token_transport = config_webhook_token_way(ping.webhook);
        status = send_and_report(&ping);
    }
    clear(&ping);
    return status;
}

int command_ping(const struct cli *cli)
{
    struct config *config = NULL;
    if (cli->argc != 1)
        return cli_usage(cli, "ping needs the name of a webhook");
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE) {
        cli_learn_time(config);
        status = ping_webhook(cli, config);
    }
    config_free(config);
    return status;
}
