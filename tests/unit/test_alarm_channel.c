/* SPDX-License-Identifier: MIT */
/* How an alarm leaves: the command's life, whatever it does; real processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "alarm/channel.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "config/alarm.h"

struct seen {
    sd_event *event;
    bool ok;
    int status;
    uint64_t duration_usec;
    char *why, *output;
};

static void on_done(const struct alarm_result *result, void *userdata)
{
    struct seen *seen = userdata;
    seen->ok = result->ok;
    seen->status = result->status;
    seen->duration_usec = result->duration_usec;
    seen->why = memory_string(result->why);
    seen->output = memory_string(result->output);
    sd_event_exit(seen->event, 0);
}

static void message_of(struct alarm_message *message, char id[40])
{
    alarm_message_test(message, id, "wh1");
    message->fields[ALARM_FIELD_WEBHOOK] = "wms";
}

/* Runs a shell script as the command; the caller clears what was seen. */
static struct seen run(const char *script, uint64_t timeout_usec)
{
    struct seen seen = {0};
    struct alarm_channel *transport = NULL;
    struct alarm_message message;
    char id[40];
    char *command[] = {(char *)"/bin/sh", (char *)"-c", (char *)script, NULL};
    assert_true(sd_event_new(&seen.event) >= 0);
    struct alarm_channel_options options = {
        .event = seen.event, .command = command, .timeout_usec = timeout_usec};
    assert_int_equal(alarm_channel_new(&transport, &options), 0);
    message_of(&message, id);
    alarm_channel_send(transport, &message, on_done, &seen);
    assert_true(sd_event_loop(seen.event) >= 0);
    alarm_channel_free(transport);
    sd_event_unref(seen.event);
    return seen;
}

static void clear(struct seen *seen)
{
    free(seen->why);
    free(seen->output);
}

#define PATIENT (60 * USEC_PER_SEC)

static void it_gets_the_message_on_stdin(void **state)
{
    (void)state;
    struct seen seen = run("cat", PATIENT);
    assert_true(seen.ok);
    assert_int_equal(seen.status, 0);
    AUTOJSON cJSON *json = json_parse(seen.output, strlen(seen.output), 65536);
    assert_string_equal(json_get_string(json, "type"), ALARM_TYPE);
    const cJSON *data = json_get_object(json, "data");
    assert_string_equal(json_get_string(data, "state"), "raised");
    assert_string_equal(json_get_string(data, "webhook"), "wms");
    assert_string_equal(json_get_string(data, "host"), "wh1");
    clear(&seen);
}

static void its_environment_is_ours_alone(void **state)
{
    (void)state;
    setenv("SECRET_OF_THE_DAEMON", "x", 1);
    setenv("CREDENTIALS_DIRECTORY", "/run/credentials/dockbell.service", 1);
    struct seen seen = run("env | cut -d= -f1 | grep -v '^DOCKBELL_' | sort | tr '\\n' ' '; "
                           "echo $DOCKBELL_STATE $DOCKBELL_WEBHOOK $DOCKBELL_EVENT; pwd",
                           PATIENT);
    assert_string_equal(seen.output, "HOME LANG PATH PWD raised wms test\\n/\\n");
    clear(&seen);
}

static void it_has_no_other_descriptors(void **state)
{
    (void)state;
    int fd = dup(STDIN_FILENO); /* without close-on-exec */
    struct seen seen = run("ls /proc/self/fd | tr '\\n' ' '", PATIENT);
    assert_string_equal(seen.output, "0 1 2 3 "); /* the last is ls's own */
    close(fd);
    clear(&seen);
}

static void it_leads_a_group_of_its_own_with_default_signals(void **state)
{
    (void)state;
    /* The last two of the 32 signals are the C library's own. */
    struct seen seen = run("ps -o pgid= -p $$ | tr -d ' ' | grep -qx $$ && "
                           "sed -nE 's/^(Sig(Blk|Ign)):.*([0-9a-f]{7})$/\\1 \\3/p' "
                           "/proc/$$/status | tr '\\n' ' '",
                           PATIENT);
    assert_string_equal(seen.output, "SigBlk 0000000 SigIgn 0000000 ");
    clear(&seen);
}

static void its_status_is_told(void **state)
{
    (void)state;
    struct seen seen = run("echo cannot; exit 7", PATIENT);
    assert_false(seen.ok);
    assert_int_equal(seen.status, 7);
    assert_string_equal(seen.why, "exit status 7");
    assert_string_equal(seen.output, "cannot\\n");
    clear(&seen);
    seen = run("kill -TERM $$", PATIENT);
    assert_false(seen.ok);
    assert_non_null(strstr(seen.why, "signal 15"));
    clear(&seen);
}

/* Whether the process runs: neither gone nor a zombie that nobody reaps here. */
static bool lives(long pid)
{
    char line[256] = "";
    AUTOFREE char *path = memory_format("/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    bool read = fgets(line, sizeof(line), file) != NULL;
    fclose(file);
    return read && !strstr(line, ") Z") && !strstr(line, ") X");
}

static void one_that_hangs_is_killed_with_all_it_started(void **state)
{
    (void)state;
    struct seen seen = run("echo begun; sleep 1000 & echo $!; sleep 1000", USEC_PER_SEC);
    assert_false(seen.ok);
    assert_non_null(strstr(seen.why, "was killed"));
    assert_true(text_starts(seen.output, "begun\\n"));
    long pid = strtol(seen.output + strlen("begun\\n"), NULL, 10);
    assert_true(pid > 0);
    for (unsigned i = 0; lives(pid); i++) {
        assert_int_not_equal(i, 3000);
        usleep(10000);
    }
    clear(&seen);
}

static void one_that_ignores_signals_is_killed_too(void **state)
{
    (void)state;
    struct seen seen = run("trap '' TERM INT HUP; while :; do sleep 1000; done", USEC_PER_SEC);
    assert_false(seen.ok);
    assert_true(seen.duration_usec < 30 * USEC_PER_SEC);
    clear(&seen);
}

static void a_flood_is_cut(void **state)
{
    (void)state;
    struct seen seen = run("head -c 5000000 /dev/zero | tr '\\0' x; echo; exit 0", PATIENT);
    assert_true(seen.ok);
    assert_int_equal(strspn(seen.output, "x"), ALARM_OUTPUT_MAX);
    assert_string_equal(seen.output + ALARM_OUTPUT_MAX, "...");
    clear(&seen);
}

static void a_flood_without_end_ends_with_its_time(void **state)
{
    (void)state;
    struct seen seen = run("cat /dev/zero", USEC_PER_SEC);
    assert_false(seen.ok);
    assert_non_null(strstr(seen.why, "was killed"));
    clear(&seen);
}

static void what_it_writes_is_escaped(void **state)
{
    (void)state;
    struct seen seen = run("printf 'a\\033[31mb\\377'", PATIENT);
    assert_string_equal(seen.output, "a\\x1b[31mb\\xff");
    clear(&seen);
}

static void one_that_reads_nothing_is_fine(void **state)
{
    (void)state;
    struct seen seen = run("exec <&-; true", PATIENT);
    assert_true(seen.ok);
    clear(&seen);
}

static void one_that_closes_its_output_is_waited_for(void **state)
{
    (void)state;
    struct seen seen = run("exec >&- 2>&-; sleep 0.2; exit 3", PATIENT);
    assert_int_equal(seen.status, 3);
    clear(&seen);
}

static void one_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct alarm_channel *transport = NULL;
    struct alarm_message message;
    char id[40], *command[] = {(char *)"/nowhere/at/all", NULL};
    assert_true(sd_event_new(&seen.event) >= 0);
    struct alarm_channel_options options = {
        .event = seen.event, .command = command, .timeout_usec = PATIENT};
    alarm_channel_new(&transport, &options);
    message_of(&message, id);
    alarm_channel_send(transport, &message, on_done, &seen);
    assert_true(sd_event_loop(seen.event) >= 0);
    assert_false(seen.ok);
    assert_non_null(strstr(seen.why, "could not be started: No such file"));
    alarm_channel_free(transport);
    sd_event_unref(seen.event);
    clear(&seen);
}

static void giving_up_kills_it(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct alarm_channel *transport = NULL;
    struct alarm_message message;
    char id[40], *command[] = {(char *)"/bin/sleep", (char *)"1000", NULL};
    assert_true(sd_event_new(&seen.event) >= 0);
    struct alarm_channel_options options = {
        .event = seen.event, .command = command, .timeout_usec = PATIENT};
    alarm_channel_new(&transport, &options);
    message_of(&message, id);
    alarm_channel_send(transport, &message, on_done, &seen);
    uint64_t began = clock_boot_usec();
    alarm_channel_free(transport);
    assert_true(clock_boot_usec() - began < 30 * USEC_PER_SEC);
    assert_null(seen.why);
    sd_event_unref(seen.event);
}

static void check_split(const char *value, const char *const words[])
{
    struct error error;
    char **got = config_split_command(value, &error);
    assert_non_null(got);
    size_t count = 0;
    for (; words[count]; count++)
        assert_string_equal(got[count], words[count]);
    assert_null(got[count]);
    text_list_free(got);
}
#define SPLITS(value, ...) check_split(value, (const char *const[]){__VA_ARGS__, NULL})

static void a_command_is_split_without_a_shell(void **state)
{
    (void)state;
    SPLITS("/bin/x", "/bin/x");
    SPLITS("  /bin/x  a\t b ", "/bin/x", "a", "b");
    SPLITS("/bin/x \"a b\" c\"d e\"f", "/bin/x", "a b", "cd ef");
    SPLITS("/bin/x \"\" \"say \\\"hi\\\" \\\\ \\n\"", "/bin/x", "", "say \"hi\" \\ \\n");
    SPLITS("/bin/x $HOME * `id` ; | 'a b'", "/bin/x", "$HOME", "*", "`id`", ";", "|", "'a", "b'");
    SPLITS("\"/opt/my tool\" -v", "/opt/my tool", "-v");
}

static void what_is_no_command_is_refused(void **state)
{
    (void)state;
    struct error error;
    AUTOTEXT struct text many = {0};
    assert_null(config_split_command("mail root", &error));
    assert_non_null(strstr(error.text, "absolute path"));
    assert_null(config_split_command("", &error));
    assert_null(config_split_command("/bin/x \"a", &error));
    assert_non_null(strstr(error.text, "not closed"));
    text_append_string(&many, "/bin/x");
    for (unsigned i = 0; i < ALARM_WORDS_MAX; i++)
        text_append_string(&many, " a");
    assert_null(config_split_command(many.data, &error));
    assert_non_null(strstr(error.text, "more than"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_gets_the_message_on_stdin),
        cmocka_unit_test(its_environment_is_ours_alone),
        cmocka_unit_test(it_has_no_other_descriptors),
        cmocka_unit_test(it_leads_a_group_of_its_own_with_default_signals),
        cmocka_unit_test(its_status_is_told),
        cmocka_unit_test(one_that_hangs_is_killed_with_all_it_started),
        cmocka_unit_test(one_that_ignores_signals_is_killed_too),
        cmocka_unit_test(a_flood_is_cut),
        cmocka_unit_test(a_flood_without_end_ends_with_its_time),
        cmocka_unit_test(what_it_writes_is_escaped),
        cmocka_unit_test(one_that_reads_nothing_is_fine),
        cmocka_unit_test(one_that_closes_its_output_is_waited_for),
        cmocka_unit_test(one_that_is_not_there_is_told),
        cmocka_unit_test(giving_up_kills_it),
        cmocka_unit_test(a_command_is_split_without_a_shell),
        cmocka_unit_test(what_is_no_command_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
