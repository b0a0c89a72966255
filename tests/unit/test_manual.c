/* SPDX-License-Identifier: MIT */
/* The manual pages, the sample configuration, the completion and the unit against the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "config/keys.h"
#include "read_file.h"
#include "scratch.h"

/* The text of a file as a string; the caller frees it. */
static char *text_of(const char *path)
{
    size_t size;
    char *bytes = read_file(path, &size);
    assert_int_equal(strlen(bytes), size);
    return bytes;
}

static void expect_in(const char *text, const char *part, const char *where)
{
    if (!strstr(text, part))
        fail_msg("%s is not in %s", part, where);
}

static void every_command_and_option_has_its_entry(void **state)
{
    (void)state;
    size_t count;
    const struct command *commands = cli_commands(&count);
    AUTOFREE char *page = text_of("docs/dockbell.1");
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *head = memory_format("\n.It Cm %s", commands[i].name);
        expect_in(page, head, "dockbell.1");
        for (const struct cli_option *o = commands[i].options; o && o->name; o++) {
            AUTOFREE char *option = memory_format("Fl Fl %s", o->name);
            expect_in(page, option, "dockbell.1");
        }
    }
    for (const struct cli_option *o = cli_common_options(); o->name; o++) {
        AUTOFREE char *option = memory_format("\n.It Fl Fl %s", o->name);
        expect_in(page, option, "dockbell.1");
    }
    for (unsigned s = 0; s < 4; s++) {
        AUTOFREE char *status = memory_format("\n.It %d\n", (int[]){0, 1, 2, 78}[s]);
        expect_in(page, status, "dockbell.1");
    }
}

/* The part of dockbell.conf(5) about a kind of section; the caller frees it. */
static char *chapter_of(const char *page, enum config_kind kind)
{
    AUTOFREE char *head = memory_format("\n.Sh [%s%s] SECTION\n", config_kind_name(kind),
                                        config_kind_is_named(kind) ? " NAME" : "");
    const char *start = strstr(page, head);
    if (!start)
        fail_msg("there is no%s", head);
    start += strlen(head);
    return memory_copy(start, (size_t)(strstr(start, "\n.Sh ") - start));
}

/* The entry of a key in its chapter, to the next one; the caller frees it. */
static char *entry_of(const char *chapter, const char *key)
{
    AUTOFREE char *head = memory_format("\n.It Cm %s\n", key);
    const char *start = strstr(chapter, head);
    if (!start)
        fail_msg("there is no entry for %s", key);
    start += strlen(head) - 1;
    const char *end = strstr(start, "\n.It Cm ");
    return end ? memory_copy(start, (size_t)(end - start)) : memory_string(start);
}

static void every_key_has_its_entry_and_default(void **state)
{
    (void)state;
    size_t count, entries = 0;
    const struct config_key *keys = config_keys(&count);
    AUTOFREE char *page = text_of("docs/dockbell.conf.5");
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *chapter = chapter_of(page, keys[i].kind);
        AUTOFREE char *entry = entry_of(chapter, keys[i].name);
        AUTOFREE char *fallback = memory_format("\nDefault:\n.Li %s .", keys[i].fallback);
        if (keys[i].fallback)
            expect_in(entry, fallback, keys[i].name);
        else
            assert_null(strstr(entry, "Default:"));
        assert_true(keys[i].required == (strstr(entry, "\nRequired.") != NULL));
    }
    for (unsigned kind = 0; kind < CONFIG_KINDS; kind++) {
        AUTOFREE char *chapter = chapter_of(page, kind);
        for (const char *at = chapter; (at = strstr(at, "\n.It Cm ")); at++)
            entries++;
    }
    assert_int_equal(entries, count);
}

static void the_sample_has_every_key_with_its_default(void **state)
{
    (void)state;
    size_t count;
    const struct config_key *keys = config_keys(&count);
    AUTOFREE char *sample = text_of("config/dockbell.conf");
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *section = memory_format("\n[%s", config_kind_name(keys[i].kind));
        AUTOFREE char *line = keys[i].fallback
                                  ? memory_format("\n#%s = %s\n", keys[i].name, keys[i].fallback)
                                  : memory_format("%s = ", keys[i].name);
        char *start = strstr(sample, section);
        assert_non_null(start);
        char *end = strstr(start + 1, "\n[");
        AUTOFREE char *part =
            end ? memory_copy(start, (size_t)(end - start)) : memory_string(start);
        expect_in(part, line, section);
    }
}

static void the_sample_is_valid_also_without_the_marks(void **state)
{
    (void)state;
    AUTOFREE char *sample = text_of("config/dockbell.conf");
    char *directory = scratch_new();
    for (int bare = 0; bare < 2; bare++) {
        AUTOFREE char *path = scratch_write(directory, "dockbell.conf", sample);
        struct config *config = NULL;
        struct config_findings findings = {0};
        assert_int_equal(config_load(&config, path, &findings), 0);
        assert_int_equal(config_check_complete(config, &findings), 0);
        if (findings.count)
            fail_msg("line %u: %s", findings.findings[0].line, findings.findings[0].text);
        config_free(config);
        /* "#key" is a default or an example, "# word" a comment. */
        for (char *at = sample; (at = strstr(at, "\n#")); at++)
            if (at[2] != ' ' && at[2] != '\n')
                at[1] = ' ';
    }
    scratch_remove(directory);
}

static void completion_knows_every_word(void **state)
{
    (void)state;
    size_t count;
    const struct command *commands = cli_commands(&count);
    AUTOFREE char *script = text_of("config/bash-completion/dockbell");
    for (size_t i = 0; i < count; i++) {
        const char *space = strchr(commands[i].name, ' ');
        expect_in(script, space ? space + 1 : commands[i].name, "the completion");
        for (const struct cli_option *o = commands[i].options; o && o->name; o++) {
            AUTOFREE char *option = memory_format("--%s", o->name);
            expect_in(script, option, "the completion");
        }
    }
}

/* To be asked before anything is allocated: skip() jumps over what would free it. */
static bool is_installed(const char *program)
{
    AUTOFREE char *probe = memory_format("command -v %s >/dev/null", program);
    return system(probe) == 0;
}

/* What a command prints. The caller frees it. */
static char *output_of(const char *command)
{
    struct text out = {0};
    char part[4096];
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    for (size_t size; (size = fread(part, 1, sizeof(part), pipe)) > 0;)
        text_append(&out, part, size);
    pclose(pipe);
    text_reserve(&out, 1);
    return text_take(&out);
}

static void pages_are_clean(void **state)
{
    (void)state;
    if (!is_installed("mandoc"))
        skip();
    AUTOFREE char *out = output_of("mandoc -T lint docs/*.[15] 2>/dev/null | "
                                   "grep -v 'referenced manual not found'");
    assert_string_equal(out, "");
}

/* What systemd-analyze says about the unit. The caller frees it. */
static char *about_the_unit(const char *command_line)
{
    AUTOFREE char *unit = text_of("systemd/dockbell.service.in");
    static const char program[] = "@CMAKE_INSTALL_FULL_BINDIR@/dockbell";
    AUTOTEXT struct text real = {0};
    assert_non_null(strstr(unit, "\nExecStart=@CMAKE_INSTALL_FULL_BINDIR@/dockbell run\n"));
    const char *rest = unit;
    for (const char *at; (at = strstr(rest, program)) != NULL; rest = at + strlen(program)) {
        text_append(&real, rest, (size_t)(at - rest));
        text_append_string(&real, "/bin/true");
    }
    text_append_string(&real, rest);
    char *directory = scratch_new();
    AUTOFREE char *path = scratch_write(directory, "dockbell.service", real.data);
    AUTOFREE char *command = memory_format("systemd-analyze %s %s 2>&1", command_line, path);
    char *out = output_of(command);
    scratch_remove(directory);
    return out;
}

static void the_unit_is_valid(void **state)
{
    (void)state;
    if (!is_installed("systemd-analyze"))
        skip();
    AUTOFREE char *out = about_the_unit("--man=no verify");
    assert_string_equal(out, "");
}

/* The last word on it: "Overall exposure level for dockbell.service: 1.1 OK". */
static void the_unit_is_hardened(void **state)
{
    (void)state;
    if (!is_installed("systemd-analyze"))
        skip();
    AUTOFREE char *out = about_the_unit("security --offline=yes --no-pager");
    const char *level = strstr(out, "exposure level for dockbell.service: ");
    assert_non_null(level);
    if (strtod(strchr(level, ':') + 1, NULL) > 1.2)
        fail_msg("%s", level);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_and_option_has_its_entry),
        cmocka_unit_test(every_key_has_its_entry_and_default),
        cmocka_unit_test(the_sample_has_every_key_with_its_default),
        cmocka_unit_test(the_sample_is_valid_also_without_the_marks),
        cmocka_unit_test(completion_knows_every_word),
        cmocka_unit_test(pages_are_clean),
        cmocka_unit_test(the_unit_is_valid),
        cmocka_unit_test(the_unit_is_hardened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
