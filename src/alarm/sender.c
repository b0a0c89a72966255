/* SPDX-License-Identifier: MIT */
#include "alarm/sender.h"

#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "journal/events.h"

struct alarm_sender {
    struct alarm_sender_options options;
    struct alarm_channel *channel;
    sd_event_source *timer;

    /* the message under way */
    bool busy;
    struct alarm_outcome outcome;
    char *subject;
    char id[40];

    unsigned failures; /* in a row */
    uint64_t failing_since_usec, next_boot_usec;
};

static void arm(struct alarm_sender *s, uint64_t boot_usec)
{
    if (boot_usec == UINT64_MAX) {
        sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
        return;
    }
    sd_event_source_set_time(s->timer, boot_usec);
    sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

static void tell_failure(struct alarm_sender *s, const struct alarm_result *result)
{
    uint64_t now = clock_boot_usec();
    if (s->failures++ == 0) {
        s->failing_since_usec = now;
        event_alarm_failed(alarm_channel_name(s->channel), result->why, result->output);
    }
    s->next_boot_usec = now + backoff_usec(ALARM_PAUSE_USEC, ALARM_PAUSE_CAP_USEC, s->failures);
}

static void tell_success(struct alarm_sender *s, const struct alarm_result *result)
{
    if (s->options.kind == ALARM_BY_COMMAND && result->output[0])
        event_alarm_output(alarm_channel_name(s->channel), result->output);
    if (s->failures)
        event_alarm_works_again(alarm_channel_name(s->channel), s->failures,
                                clock_boot_usec() - s->failing_since_usec);
    s->failures = 0;
    s->next_boot_usec = 0;
}

static void on_done(const struct alarm_result *result, void *userdata)
{
    struct alarm_sender *s = userdata;
    s->busy = false;
    s->outcome.ok = result->ok;
    if (result->ok)
        tell_success(s, result);
    else
        tell_failure(s, result);
    if (alarm_list_told(s->options.list, s->options.kind, &s->outcome))
        event_alarm_given_up(alarm_channel_name(s->channel), journal_id(s->outcome.raised_by)->name,
                             s->subject, result->why);
    s->options.told(s->options.userdata);
    alarm_sender_look(s);
}

/* Remember the content of the message, because the alarm may change or go while it is sent. */
static void remember(struct alarm_sender *s, const struct alarm *alarm,
                     const struct alarm_told *told)
{
    free(s->subject);
    s->subject = memory_string(alarm->subject);
    text_copy(s->id, sizeof(s->id), told->id);
    s->outcome = (struct alarm_outcome){
        .raised_by = alarm->row->raised_by,
        .subject = s->subject,
        .id = s->id,
        .raised = alarm->raised,
        .changes = told->changes,
    };
}

/* Return the alarm to send now. If there is none, return NULL and set *ret_boot_usec to the time of
 * the next look. */
static struct alarm *next(struct alarm_sender *s, uint64_t *ret_boot_usec)
{
    if (clock_boot_usec() >= s->next_boot_usec)
        return alarm_list_next(s->options.list, s->options.kind, ret_boot_usec);
    *ret_boot_usec = s->next_boot_usec;
    return NULL;
}

void alarm_sender_look(struct alarm_sender *s)
{
    struct alarm_message message;
    uint64_t again = UINT64_MAX;
    if (s->busy)
        return;
    struct alarm *alarm = next(s, &again);
    if (!alarm) {
        arm(s, again);
        return;
    }
    remember(s, alarm, &alarm->told[s->options.kind]);
    alarm_message_of(&message, alarm, s->options.kind, s->options.host);
    s->busy = true;
    alarm_channel_send(s->channel, &message, on_done, s);
}

bool alarm_sender_idle(struct alarm_sender *s)
{
    uint64_t again;
    return !s->busy && !next(s, &again);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    alarm_sender_look(userdata);
    return 0;
}

int alarm_sender_new(struct alarm_sender **ret, const struct alarm_sender_options *options)
{
    struct alarm_sender *s = NEW(struct alarm_sender);
    s->options = *options;
    int r = alarm_channel_new(&s->channel, &options->channel);
    if (r >= 0)
        r = sd_event_add_time_relative(options->channel.event, &s->timer, CLOCK_BOOTTIME, 0,
                                       USEC_PER_SEC / 10, on_timer, s);
    if (r < 0) {
        alarm_sender_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

void alarm_sender_free(struct alarm_sender *s)
{
    if (!s)
        return;
    alarm_channel_free(s->channel);
    sd_event_source_disable_unref(s->timer);
    free(s->subject);
    free(s);
}
