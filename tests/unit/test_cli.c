/* SPDX-License-Identifier: MIT */
/* Options, help and check; what the queue commands do is in test_cli_queue.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "command.h"
#include "scratch.h"

#define ARN "arn = arn:aws:sqs:eu-west-1:444455556666:amazon-orders\n"
#define GOOD                                                                                       \
    "[daemon]\nstate_directory = /usr\n"                                                           \
    "[queue q]\n" ARN "[seller acme]\nseller_id = A1\nqueue = q\n"                                 \
    "[webhook wms]\nurl = https://wms.example.com/\n"

static char *directory, *config;
static struct command_result result;

static int start(void **state)
{
    (void)state;
    directory = scratch_new();
    config = scratch_write(directory, "dockbell.conf", GOOD);
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

static void run(const char *words)
{
    command_clear(&result);
    result = command_run_words(config, words, NULL);
}

static void expect(const char *words, int status, const char *out, const char *err)
{
    run(words);
    assert_string_equal(result.err, err);
    assert_string_equal(result.out, out);
    assert_int_equal(result.status, status);
}

static void options_stand_anywhere(void **state)
{
    (void)state;
    expect("queue list", 0, "", "");
    expect("--output=json queue list", 0, "", "");
    expect("queue list --state dead,held --output text", 0, "", "");
    expect("--output json queue --version", 0, "dockbell " DOCKBELL_VERSION "\n", "");
}

static void wrong_usage_exits_with_2(void **state)
{
    (void)state;
    expect("", 2, "", "dockbell: a command is missing\nSee: dockbell --help\n");
    expect("queue", 2, "",
           "dockbell: queue needs a command: list, show, retry, ...\nSee: dockbell --help\n");
    expect("stauts", 2, "",
           "dockbell: unknown command stauts; is status meant?\n"
           "See: dockbell --help\n");
    expect("queue drpo 1", 2, "",
           "dockbell: unknown command queue drpo; is queue drop meant?\n"
           "See: dockbell --help\n");
    expect("unregister", 2, "", "dockbell: whom? Name a seller\nSee: dockbell unregister --help\n");
    expect("registers", 2, "",
           "dockbell: unknown command registers; is register meant?\n"
           "See: dockbell --help\n");
    expect("status --wach", 2, "",
           "dockbell: unknown option --wach; is --watch meant?\nSee: dockbell status --help\n");
    expect("status -x", 2, "", "dockbell: unknown option -x\nSee: dockbell status --help\n");
    expect("status --help=1", 2, "",
           "dockbell: --help takes no value\nSee: dockbell status --help\n");
    expect("check --output=xml", 2, "",
           "dockbell: --output is text or json, not xml\nSee: dockbell check --help\n");
    expect("queue list --state=", 2, "",
           "dockbell: --state needs a value: --state=STATE,...\nSee: dockbell queue list --help\n");
    expect("queue list --state=odd", 2, "",
           "dockbell: there is no state odd; there are: ready inflight behind held orphaned "
           "delivered superseded filtered dropped dead all\nSee: dockbell queue list --help\n");
    expect("queue list --state=dead --state=held", 2, "",
           "dockbell: --state is given twice\nSee: dockbell queue list --help\n");
    expect("queue list 7", 2, "",
           "dockbell: queue list takes no arguments; queue show takes ids\n"
           "See: dockbell queue list --help\n");
    expect("queue drop all", 2, "",
           "dockbell: all is not the id of a delivery; ALL stands alone, in capitals\n"
           "See: dockbell queue drop --help\n");
    expect("queue drop 1 --state=held", 2, "",
           "dockbell: filters go with ALL\nSee: dockbell queue drop --help\n");
    expect("queue release ALL --state=dead", 2, "",
           "dockbell: queue release does not apply to deliveries in all of these states\n"
           "See: dockbell queue release --help\n");
    expect("queue list --webhook=nobody", 2, "", "dockbell: there is no webhook nobody\n");
    expect("queue resume nobody", 2, "", "dockbell: there is no webhook nobody\n");
}

static void every_command_explains_itself(void **state)
{
    (void)state;
    size_t count;
    const struct command *commands = cli_commands(&count);
    run("--help");
    assert_int_equal(result.status, 0);
    AUTOFREE char *all = memory_string(result.out);
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *words = memory_format("%s --help", commands[i].name);
        AUTOFREE char *usage = memory_format("Usage: dockbell %s", commands[i].name);
        assert_non_null(strstr(all, commands[i].name));
        assert_non_null(strstr(all, commands[i].summary));
        run(words);
        assert_int_equal(result.status, 0);
        assert_ptr_equal(strstr(result.out, usage), result.out);
        for (const struct cli_option *o = commands[i].options; o && o->name; o++)
            assert_non_null(strstr(result.out, o->help));
    }
    run("queue --help");
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.out, "queue resume"));
    assert_null(strstr(result.out, "register"));
}

static void check_says_ok_with_warnings(void **state)
{
    (void)state;
    AUTOFREE char *ok = memory_format("%s: ok (1 queue, 1 seller, 1 webhook)\n", config);
    AUTOFREE char *warning = memory_format("%s:8: warning: [webhook wms] secret: is not set: "
                                           "requests go out unsigned, anybody can forge one\n",
                                           config);
    expect("check", 0, ok, warning);
    expect("check --quiet", 0, "", "");
}

static void check_tells_all_errors_and_reads_the_secrets(void **state)
{
    (void)state;
    free(scratch_write(directory, "dockbell.conf",
                       GOOD "secret = whsec_c2hvcnQ=\ncolour = red\n"
                            "[aws]\naccess_key_id = A\nsecret_access_key = file:/nonexistent/x\n"));
    AUTOFREE char *sign = memory_format("%s:10: [webhook wms] secret: ", config);
    AUTOFREE char *others = memory_format(
        "%s:11: [webhook wms] colour: unknown key\n"
        "%s:14: [aws] secret_access_key: file:/nonexistent/x: cannot be read: No such file or "
        "directory\n"
        "%s: 3 errors\n",
        config, config, config);
    run("check");
    assert_int_equal(result.status, 78);
    assert_string_equal(result.out, "");
    assert_non_null(strstr(result.err, sign));
    assert_string_equal(strstr(result.err, others), others);
    assert_null(strstr(result.err, "c2hvcnQ"));
}

static void check_in_json_is_one_object(void **state)
{
    (void)state;
    run("check --output=json");
    AUTOJSON cJSON *good = json_parse(result.out, strlen(result.out), 65536);
    assert_int_equal(result.status, 0);
    assert_string_equal(result.err, "");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(good, "ok")));
    const cJSON *finding = cJSON_GetArrayItem(json_get_array(good, "findings"), 0);
    assert_string_equal(json_get_string(finding, "level"), "warning");
    assert_string_equal(json_get_string(finding, "key"), "[webhook wms] secret");
    assert_string_equal(json_get_string(finding, "file"), config);

    free(scratch_write(directory, "dockbell.conf", ""));
    run("check --output=json");
    AUTOJSON cJSON *bad = json_parse(result.out, strlen(result.out), 65536);
    assert_int_equal(result.status, 78);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(bad, "ok")));
    assert_int_equal(cJSON_GetArraySize(json_get_array(bad, "findings")), 2);
}

static void a_bad_config_stops_most_commands(void **state)
{
    (void)state;
    free(scratch_write(directory, "dockbell.conf", GOOD "colour = red\n"));
    AUTOFREE char *err = memory_format("%s:10: [webhook wms] colour: unknown key\n"
                                       "dockbell: the configuration is not valid, nothing was "
                                       "done\n",
                                       config);
    AUTOFREE char *goes_on = memory_format("dockbell: %s has 1 error: dockbell check. This command "
                                           "goes on, as it needs only the state directory (/usr) "
                                           "and names\n",
                                           config);
    expect("policy q", 78, "", err);
    expect("run", 78, "", err);
    expect("queue list", 0, "", goes_on);
    free(scratch_write(directory, "dockbell.conf", "[daemon]\n"));
    run("run");
    assert_int_equal(result.status, 78);
    assert_non_null(strstr(result.err, "there is no [queue NAME]"));
    assert_non_null(strstr(result.err, "there is no [webhook NAME]"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(options_stand_anywhere),
        TEST(wrong_usage_exits_with_2),
        TEST(every_command_explains_itself),
        TEST(check_says_ok_with_warnings),
        TEST(check_tells_all_errors_and_reads_the_secrets),
        TEST(check_in_json_is_one_object),
        TEST(a_bad_config_stops_most_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
