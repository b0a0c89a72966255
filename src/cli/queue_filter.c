/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "queue.h"

static const char *const names[] = {"webhook", "state", "seller", "order",
                                    "type",    "since", "until",  "error-class"};

/* Turn "90s", "5m", "2h", "3d" into microseconds. Return 0 or -EINVAL. */
static int read_span(const char *text, uint64_t *ret)
{
    static const struct {
        char unit;
        uint64_t usec;
    } units[] = {
        {'s', USEC_PER_SEC}, {'m', USEC_PER_MIN}, {'h', USEC_PER_HOUR}, {'d', USEC_PER_DAY}};
    size_t size = strlen(text);
    uint64_t number;
    AUTOFREE char *digits = memory_copy(text, size ? size - 1 : 0);
    if (text_to_u64(digits, &number) < 0 || number > UINT64_C(3650) * 24 * 3600)
        return -EINVAL;
    for (size_t i = 0; i < ELEMENTS(units); i++)
        if (text[size - 1] == units[i].unit) {
            *ret = number * units[i].usec;
            return 0;
        }
    return -EINVAL;
}

/* Read a moment: an age, a time, or a day (its beginning, UTC). */
static int read_moment(const char *text, uint64_t now_usec, uint64_t *ret)
{
    uint64_t span;
    AUTOFREE char *day = memory_format("%sT00:00:00Z", text);
    if (read_span(text, &span) == 0) {
        *ret = span < now_usec ? now_usec - span : 1;
        return 0;
    }
    if (strlen(text) == strlen("2026-11-25") && clock_parse_rfc3339(day, strlen(day), ret) == 0)
        return 0;
    return clock_parse_rfc3339(text, strlen(text), ret);
}

static int moment(const struct cli *cli, const char *option, uint64_t now_usec, uint64_t *ret)
{
    const char *text = cli_value(cli, option);
    if (!text || read_moment(text, now_usec, ret) == 0)
        return CLI_DONE;
    return cli_usage(cli,
                     "--%s is a time (2026-11-25T06:00:00Z), a day (2026-11-25) or how long ago "
                     "(90s, 5m, 2h, 3d), not %s",
                     option, text);
}

int queue_filter(const struct cli *cli, uint64_t now_usec, struct queue_filter *ret)
{
    *ret = (struct queue_filter){
        .seller = cli_value(cli, "seller"),
        .order = cli_value(cli, "order"),
        .type = cli_value(cli, "type"),
        .error_class = cli_value(cli, "error-class"),
    };
    int status = moment(cli, "since", now_usec, &ret->since_usec);
    return status == CLI_DONE ? moment(cli, "until", now_usec, &ret->until_usec) : status;
}

bool queue_filter_is_set(const struct queue_filter *filter)
{
    return filter->seller || filter->order || filter->type || filter->error_class ||
           filter->since_usec || filter->until_usec;
}

static bool passes(const char *wanted, const char *is)
{
    return !wanted || text_equal(wanted, is);
}

bool queue_filter_passes(const struct queue_filter *filter, const struct list_row *row)
{
    bool seller = passes(filter->seller, row->seller) || passes(filter->seller, row->seller_id);
    return seller && passes(filter->order, row->order_id) && passes(filter->type, row->type) &&
           passes(filter->error_class, row->error_class) &&
           (!filter->since_usec || row->received_usec >= filter->since_usec) &&
           (!filter->until_usec || row->received_usec < filter->until_usec);
}

void queue_filter_append(struct text *out, const struct cli *cli)
{
    for (size_t i = 0; i < ELEMENTS(names); i++) {
        const char *value = cli_value(cli, names[i]);
        if (value)
            text_appendf(out, " --%s=%s", names[i], value);
    }
}
