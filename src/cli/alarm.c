/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "alarm/channel.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "commands.h"
#include "config/alarm.h"

/* A test of one way to send alarms, from the message to its answer. */
struct trial {
    const struct cli *cli;
    sd_event *event;
    struct alarm_channel *channel;
    bool is_signed;
    bool ok;
};

static void print_json(const struct trial *trial, const struct alarm_result *result)
{
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "way", alarm_channel_name(trial->channel));
    json_bool(&line, "ok", result->ok);
    json_bool(&line, "signed", trial->is_signed);
    if (result->status >= 0)
        json_number(&line, "status", result->status);
    else
        json_null(&line, "status");
    json_string(&line, "reason", result->why);
    json_number(&line, "duration_ms", (int64_t)(result->duration_usec / USEC_PER_MSEC));
    json_string(&line, "output", result->output);
    json_close(&line, '}');
    puts(line.data);
}

static void print_text(const struct trial *trial, const struct alarm_result *result)
{
    const char *name = alarm_channel_name(trial->channel);
    printf("alarm by %s: %s, %llu ms%s\n", name, result->ok ? "sent" : "not sent",
           (unsigned long long)(result->duration_usec / USEC_PER_MSEC),
           trial->is_signed ? ", signed" : "");
    if (result->output[0])
        printf("it said: %s\n", result->output);
    fflush(stdout);
    if (!result->ok)
        cli_error("alarm by %s: %s", name, result->why);
}

static void on_done(const struct alarm_result *result, void *userdata)
{
    struct trial *trial = userdata;
    trial->ok = result->ok;
    if (trial->cli->output == CLI_JSON)
        print_json(trial, result);
    else
        print_text(trial, result);
    sd_event_exit(trial->event, 0);
}

static int run(struct trial *trial, struct http *http, const struct config_alarm_channels *channels,
               bool by_url)
{
    char id[40], host[HOST_NAME_MAX + 1] = "?";
    struct alarm_message message;
    struct alarm_channel_options options = {
        .event = trial->event,
        .http = http,
        .url = by_url ? channels->url.data : NULL,
        .keys = &channels->keys,
        .command = channels->command,
        .timeout_usec = channels->timeout_usec,
    };
    gethostname(host, sizeof(host) - 1);
    trial->is_signed = by_url && channels->keys.count;
    int r = alarm_channel_new(&trial->channel, &options);
    if (r < 0)
        return r;
    alarm_message_test(&message, id, host);
    alarm_channel_send(trial->channel, &message, on_done, trial);
    r = sd_event_loop(trial->event);
    alarm_channel_free(trial->channel);
    return r;
}

/* Send the test by one of the two ways. Return CLI_DONE or CLI_FAILED. */
static int try_channel(const struct cli *cli, const struct config_alarm_channels *channels,
                       bool by_url)
{
    struct trial trial = {.cli = cli};
    struct http *http = NULL;
    int r = sd_event_new(&trial.event);
    if (r >= 0)
        r = http_new(&http, trial.event);
    if (r >= 0)
        r = run(&trial, http, channels, by_url);
    if (r < 0)
        cli_error("the event loop: %s", strerror(-r));
    http_free(http);
    sd_event_unref(trial.event);
    return trial.ok ? CLI_DONE : CLI_FAILED;
}

static int try_channels(const struct cli *cli, const struct config *config)
{
    struct config_alarm_channels channels;
    struct error error;
    int status = CLI_DONE;
    if (!config->alarm_url.reference && !config->alarm_command) {
        cli_error("[alarm] has neither url nor command: alarms stand in the journal only");
        return CLI_CONFIG;
    }
    if (config_alarm_channels(&channels, config, &error)) {
        cli_error("%s", error.text);
        status = CLI_CONFIG;
    }
    if (channels.url.size && try_channel(cli, &channels, true) != CLI_DONE && status == CLI_DONE)
        status = CLI_FAILED;
    if (channels.command && try_channel(cli, &channels, false) != CLI_DONE && status == CLI_DONE)
        status = CLI_FAILED;
    config_alarm_channels_clear(&channels);
    return status;
}

int command_alarm_test(const struct cli *cli)
{
    struct config *config = NULL;
    if (cli->argc)
        return cli_usage(cli, "alarm test takes no arguments");
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE)
        status = try_channels(cli, config);
    config_free(config);
    return status;
}
