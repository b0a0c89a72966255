/* SPDX-License-Identifier: MIT */
#include "check_online.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "check/doctor.h"
#include "commands.h"
#include "paint.h"
#include "prose.h"

/* Limit for a text from outside that is printed on one line. */
#define TEXT_MAX 600
/* Width of the state, gap between columns, indent of a text below the columns, and minimum room of
 * a text beside them. */
#define STATE_WIDTH 4
#define GAP         2
#define BELOW       6
#define BESIDE_MIN  40

struct online {
    sd_event *event;
    struct http *http;
    struct doctor *doctor; /* NULL: it could not be made */
};

static void on_finished(void *userdata)
{
    sd_event_exit(userdata, 0);
}

struct online *online_look(const struct config *config)
{
    struct online *online = NEW(struct online);
    int r = sd_event_new(&online->event);
    if (r >= 0)
        r = http_new(&online->http, online->event);
    if (r >= 0)
        r = doctor_new(&online->doctor, &(struct doctor_options){
                                            .event = online->event,
                                            .http = online->http,
                                            .config = config,
                                            .finished = on_finished,
                                            .userdata = online->event,
                                        });
    if (r >= 0) {
        doctor_start(online->doctor);
        r = sd_event_loop(online->event);
    }
    if (r < 0) {
        cli_error("the event loop failed: %s", strerror(-r));
        doctor_free(TAKE(online->doctor));
    }
    return online;
}

void online_free(struct online *online)
{
    if (!online)
        return;
    doctor_free(online->doctor);
    http_free(online->http);
    sd_event_unref(online->event);
    free(online);
}

bool online_is_good(const struct online *online)
{
    return !online || (online->doctor && doctor_count(online->doctor, DOCTOR_FAIL) == 0);
}

/* ---- text ---- */

struct widths {
    int subject, check;
};

static void widen(const struct doctor_line *line, void *userdata)
{
    struct widths *widths = userdata;
    int subject = (int)strlen(line->subject), check = (int)strlen(line->check);
    widths->subject = subject > widths->subject ? subject : widths->subject;
    widths->check = check > widths->check ? check : widths->check;
}

static enum paint state_paint(enum doctor_state state)
{
    switch (state) {
    case DOCTOR_OK:
        return PAINT_GOOD;
    case DOCTOR_WARN:
        return PAINT_WARN;
    default:
        return PAINT_BAD;
    }
}

/* Print the text beside the columns, or below them if the terminal is narrow. Return whether it is
 * beside them. */
static bool put_text(const char *text, size_t indent)
{
    size_t columns = prose_columns();
    bool beside = !columns || indent + BESIDE_MIN <= columns;
    if (beside) {
        printf("%*s", GAP, "");
        prose_put(text, indent, indent);
    } else {
        putchar('\n');
        prose_putf(BELOW, "%*s%s", BELOW, "", text);
    }
    return beside;
}

static void print_line(const struct doctor_line *line, void *userdata)
{
    const struct widths *widths = userdata;
    AUTOTEXT struct text text = {0};
    text_append_escaped(&text, line->text, strlen(line->text), TEXT_MAX);
    enum paint paint = state_paint(line->state);
    size_t indent = (size_t)(STATE_WIDTH + widths->subject + widths->check + 3 * GAP);
    printf("%s%-*s%s  %-*s  %-*s", paint_start(paint), STATE_WIDTH, doctor_state_name(line->state),
           paint_end(paint), widths->subject, line->subject, widths->check, line->check);
    if (put_text(text.data, indent) && line->remedy)
        prose_putf(indent + 3, "%*s-> %s", (int)indent, "", line->remedy);
    else if (line->remedy)
        prose_putf(BELOW + 3, "%*s-> %s", BELOW, "", line->remedy);
}

void online_print(const struct online *online)
{
    struct widths widths = {0};
    if (!online || !online->doctor)
        return;
    doctor_each_line(online->doctor, widen, &widths);
    doctor_each_line(online->doctor, print_line, &widths);
    printf("online: %zu ok, %zu warn, %zu fail\n", doctor_count(online->doctor, DOCTOR_OK),
           doctor_count(online->doctor, DOCTOR_WARN), doctor_count(online->doctor, DOCTOR_FAIL));
}

/* ---- JSON ---- */

static void put_line(const struct doctor_line *line, void *userdata)
{
    struct text *out = userdata;
    json_open(out, NULL, '{');
    json_string(out, "state", doctor_state_name(line->state));
    json_string(out, "subject", line->subject);
    json_string(out, "check", line->check);
    json_string(out, "text", line->text);
    json_string(out, "remedy", line->remedy);
    json_close(out, '}');
}

void online_put(struct text *out, const struct online *online)
{
    if (!online || !online->doctor) {
        json_null(out, "online");
        return;
    }
    json_open(out, "online", '[');
    doctor_each_line(online->doctor, put_line, out);
    json_close(out, ']');
}
