/* SPDX-License-Identifier: MIT */
/* What dockbell check --schedule prints. That the daemon waits so is in test_verdict.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "command.h"
#include "scratch.h"

#define GOOD                                                                                       \
    "[queue q]\narn = arn:aws:sqs:eu-west-1:444455556666:amazon-orders\n"                          \
    "[seller acme]\nseller_id = A1\nqueue = q\n"                                                   \
    "[webhook wms]\nurl = https://wms.example.com/\n"

static char *directory, *config;
static struct command_result result;

static int start(void **state)
{
    (void)state;
    directory = scratch_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    command_clear(&result);
    free(TAKE(config));
    scratch_remove(TAKE(directory));
    return 0;
}

static void run(const char *more, const char *words)
{
    AUTOFREE char *content = memory_format(GOOD "%s", more);
    command_clear(&result);
    free(TAKE(config));
    config = scratch_write(directory, "dockbell.conf", content);
    result = command_run_words(config, words, NULL);
}

static void has(const char *part)
{
    if (!strstr(result.out, part))
        fail_msg("not there: %s\nbut:\n%s", part, result.out);
}

static void the_usual_schedule(void **state)
{
    (void)state;
    run("", "check --schedule");
    assert_int_equal(result.status, 0);
    has("ok (1 queue, 1 seller, 1 webhook)\n\nWebhook wms\n\n");
    has("TRY       WAIT     WITH JITTER  SINCE THE FIRST  WITH JITTER\n"
        "1         0s       0s           0s               0s\n"
        "2         5s       5.5s         5s               5.5s\n"
        "3         10s      11s          15s              16.5s\n"
        "4         20s      22s          35s              38.5s\n"
        "5         40s      44s          1m 15s           1m 22s\n"
        "6         1m 20s   1m 28s       2m 35s           2m 50s\n"
        "7         2m 40s   2m 56s       5m 15s           5m 46s\n"
        "8         5m 20s   5m 52s       10m 35s          11m 38s\n"
        "9         10m 40s  11m 44s      21m 15s          23m 22s\n"
        "10 to 20  15m      16m 30s      3h 6m            3h 24m\n"
        "A dead letter after 20 tries (max_attempts), or 7d after it came (max_age).\n");
    has("1    0s    0s           0s               0s\n"
        "2    1m    1m 6s        1m               1m 6s\n"
        "3    10m   11m          11m              12m 6s\n"
        "A dead letter after 3 tries (refused_delays), or 7d after it came (max_age).\n");
    has("1       5s    5.5s         5s                5.5s\n"
        "2       10s   11s          15s               16.5s\n"
        "3       20s   22s          35s               38.5s\n"
        "4, ...  30s   33s          1m 5s             1m 11s\n");
    has("At most 121 probes in the first hour.");
    has("obeyed up to 1d (retry_after_longest)");
    has("at most 1m (throttle_rest)");
    assert_null(strstr(result.out, "(rate)"));
    run("rate = 600/m\nburst = 5\nthrottle_rest = 10s\n", "check --schedule");
    has("at most 10s (throttle_rest)");
    has("At most 600 requests in 1m (rate), 5 at once (burst).\n");
}

static void another_schedule(void **state)
{
    (void)state;
    run("retry_first = 12h\nretry_longest = 1d\nmax_age = 2d\nrefused_delays =\n"
        "retry_after_longest = 0s\nprobe_first = 30s\n",
        "check --schedule");
    assert_int_equal(result.status, 0);
    has("1    0s    0s           0s               0s\n"
        "2    12h   13h 12m      12h              13h 12m\n"
        "3    1d    1d 2h        1d 12h           1d 15h\n"
        "A dead letter 2d after it came (max_age).\n");
    has("1    0s    0s           0s               0s\n"
        "A dead letter after 1 try (refused_delays), or 2d after it came (max_age).\n");
    has("1, ...  30s   33s          30s               33s\n");
    has("Retry-After is not obeyed (retry_after_longest).\n");
}

static void nothing_when_the_config_is_wrong(void **state)
{
    (void)state;
    run("retry_first = 1h\n", "check --schedule");
    assert_int_equal(result.status, 78);
    assert_string_equal(result.out, "");
    run("", "check");
    assert_null(strstr(result.out, "TRY"));
}

/* The lines of the output, one after the other. */
static cJSON *next_line(char **at)
{
    char *line = strsep(at, "\n");
    cJSON *json = json_parse(line, strlen(line), 65536);
    assert_non_null(json);
    return json;
}

static double number(const cJSON *line, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(line, key);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static void is_try(const cJSON *line, const char *cause, int try, int wait_ms, const char *dead)
{
    assert_string_equal(json_get_string(line, "webhook"), "wms");
    assert_string_equal(json_get_string(line, "cause"), cause);
    assert_int_equal((int)number(line, "try"), try);
    assert_int_equal((int)number(line, "wait_ms"), wait_ms);
    assert_int_equal((int)number(line, "wait_latest_ms"), wait_ms + wait_ms / 10);
    if (dead)
        assert_string_equal(json_get_string(line, "dead"), dead);
    else
        assert_true(cJSON_IsNull(cJSON_GetObjectItem(line, "dead")));
}

static void lines_of_json(void **state)
{
    static const struct {
        const char *cause;
        int try, wait_ms;
        const char *dead;
    } tries[] = {
        {"fault", 1, 0, NULL},
        {"fault", 2, 5000, NULL},
        {"fault", 3, 10000, "max_attempts"},
        {"refusal", 1, 0, NULL},
        {"refusal", 2, 7000, "refused_delays"},
        {"probe", 1, 5000, NULL},
        {"probe", 2, 8000, NULL},
    };
    (void)state;
    run("max_attempts = 3\nrefused_delays = 7s\nprobe_longest = 8s\n",
        "check --schedule --output=json");
    assert_int_equal(result.status, 0);
    char *at = result.out;
    AUTOJSON cJSON *check = next_line(&at);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(check, "ok")));
    AUTOJSON cJSON *limits = next_line(&at);
    assert_string_equal(json_get_string(limits, "cause"), "limits");
    assert_int_equal((int)number(limits, "max_attempts"), 3);
    assert_int_equal((int)number(limits, "refused_tries"), 2);
    for (size_t i = 0; i < ELEMENTS(tries); i++) {
        AUTOJSON cJSON *line = next_line(&at);
        is_try(line, tries[i].cause, tries[i].try, tries[i].wait_ms, tries[i].dead);
        assert_true(cJSON_IsTrue(cJSON_GetObjectItem(line, "repeats")) ==
                    (i == ELEMENTS(tries) - 1));
    }
    assert_string_equal(at, "");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, start, end)
    const struct CMUnitTest tests[] = {
        TEST(the_usual_schedule),
        TEST(another_schedule),
        TEST(nothing_when_the_config_is_wrong),
        TEST(lines_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
