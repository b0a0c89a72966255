/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/text.h"

/* Commands of a group that are named if the command is missing. */
#define VERBS_NAMED 3

/* The rest of argv. */
struct words {
    int argc;
    char **argv;
};

struct parsing {
    struct cli *cli;
    struct words words;
    bool help, version;
};

static const struct cli_option *find(const struct cli_option *options, const char *name,
                                     size_t size)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == size && memcmp(options->name, name, size) == 0)
            return options;
    return NULL;
}

static bool unknown_option(const struct parsing *p, const char *word)
{
    const struct cli_option *lists[] = {p->cli->command ? p->cli->command->options : NULL,
                                        cli_common_options()};
    const char *names[2 * CLI_OPTIONS_MAX];
    size_t count = 0;
    for (size_t l = 0; l < ELEMENTS(lists); l++)
        for (const struct cli_option *option = lists[l]; option && option->name; option++)
            names[count++] = option->name;
    AUTOFREE char *name = memory_copy(word + 2, strcspn(word + 2, "="));
    const char *near = word[1] == '-' ? nearest_word(name, names, count) : NULL;
    if (near)
        cli_usage(p->cli, "unknown option %s; is --%s meant?", word, near);
    else
        cli_usage(p->cli, "unknown option %s", word);
    return false;
}

static bool set_common(struct parsing *p, const struct cli_option *option, const char *value)
{
    if (strcmp(option->name, "help") == 0) {
        p->help = true;
    } else if (strcmp(option->name, "version") == 0) {
        p->version = true;
    } else if (strcmp(option->name, "config") == 0) {
        p->cli->config = value;
    } else if (text_equal(value, "json") || text_equal(value, "text")) {
        p->cli->output = text_equal(value, "json") ? CLI_JSON : CLI_TEXT;
    } else {
        cli_usage(p->cli, "--output is text or json, not %s", value);
        return false;
    }
    return true;
}

static bool set_own(struct parsing *p, const struct cli_option *option, const char *value)
{
    const char **place = &p->cli->values[option - p->cli->command->options];
    if (*place) {
        cli_usage(p->cli, "--%s is given twice", option->name);
        return false;
    }
    *place = value ? value : "";
    return true;
}

/* Take the option at the front of the words, with its value. */
static bool take_option(struct parsing *p)
{
    struct words *words = &p->words;
    const char *word = words->argv[0];
    if (strcmp(word, "-h") == 0)
        word = "--help";
    size_t size = word[1] == '-' ? strcspn(word + 2, "=") : 0;
    const struct cli_option *own =
        p->cli->command ? find(p->cli->command->options, word + 2, size) : NULL;
    const struct cli_option *option = own ? own : find(cli_common_options(), word + 2, size);
    if (size == 0 || !option)
        return unknown_option(p, words->argv[0]);
    const char *value = word[2 + size] == '=' ? word + 2 + size + 1 : NULL;
    words->argc--, words->argv++;
    if (!option->value && value) {
        cli_usage(p->cli, "--%s takes no value", option->name);
        return false;
    }
    if (option->value && !value && words->argc > 0) {
        value = words->argv[0];
        words->argc--, words->argv++;
    }
    if (option->value && (!value || value[0] == '\0')) {
        cli_usage(p->cli, "--%s needs a value: --%s=%s", option->name, option->name, option->value);
        return false;
    }
    return own ? set_own(p, option, value) : set_common(p, option, value);
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

/* Whether the command's name is the first word of the rest, or the first two. Return the number of
 * words, 0 if it is not. */
static int matches(const struct command *command, const struct words *words)
{
    const char *space = strchr(command->name, ' ');
    size_t size = space ? (size_t)(space - command->name) : strlen(command->name);
    if (strlen(words->argv[0]) != size || memcmp(words->argv[0], command->name, size) != 0)
        return 0;
    if (!space)
        return 1;
    return words->argc > 1 && strcmp(words->argv[1], space + 1) == 0 ? 2 : 0;
}

/* First words of commands that have two, with their space. */
static const char *const groups[] = {"queue ", "secret ", "destinations ", "subscriptions ",
                                     "alarm "};

/* Return the first word with its space if `word` is one of the groups, else NULL. */
static const char *group_of(const char *word)
{
    for (size_t i = 0; i < ELEMENTS(groups); i++)
        if (strlen(groups[i]) == strlen(word) + 1 && text_starts(groups[i], word))
            return groups[i];
    return NULL;
}

static enum options_result unknown_command(const struct parsing *p)
{
    size_t count;
    const struct command *commands = cli_commands(&count);
    const char **names = memory_resize(NULL, count + ELEMENTS(groups), sizeof(*names));
    const char *group = group_of(p->words.argv[0]), *prefix = group ? group : "";
    for (size_t i = 0; i < count; i++) {
        bool meant = group ? text_starts(commands[i].name, group) : !strchr(commands[i].name, ' ');
        names[i] = meant ? commands[i].name + strlen(prefix) : NULL;
    }
    static const char *const first[ELEMENTS(groups)] = {"queue", "secret", "destinations",
                                                        "subscriptions", "alarm"};
    for (size_t i = 0; i < ELEMENTS(groups); i++)
        names[count + i] = group ? NULL : first[i];
    const char *word = p->words.argv[group ? 1 : 0];
    const char *near = nearest_word(word, names, count + ELEMENTS(groups));
    if (near)
        cli_usage(NULL, "unknown command %s%s; is %s%s meant?", prefix, word, prefix, near);
    else
        cli_usage(NULL, "unknown command %s%s", prefix, word);
    free(names);
    return OPTIONS_WRONG;
}

/* Find the command at the front of the words and take it off. */
static enum options_result take_command(struct parsing *p)
{
    size_t count;
    const struct command *commands = cli_commands(&count);
    for (size_t i = 0; i < count; i++) {
        int taken = matches(&commands[i], &p->words);
        if (!taken)
            continue;
        p->cli->command = &commands[i];
        p->words.argc -= taken;
        p->words.argv += taken;
        return OPTIONS_RUN;
    }
    p->cli->group = group_of(p->words.argv[0]);
    if (!p->cli->group || (p->words.argc > 1 && !is_option(p->words.argv[1])))
        return unknown_command(p);
    p->words.argc--, p->words.argv++;
    return OPTIONS_GROUP;
}

/* Take options off the front. */
static bool take_options(struct parsing *p)
{
    while (p->words.argc > 0 && is_option(p->words.argv[0]) && strcmp(p->words.argv[0], "--") != 0)
        if (!take_option(p))
            return false;
    return true;
}

static bool take_arguments(struct parsing *p)
{
    bool more_options = true;
    p->cli->argv = memory_new(((size_t)p->words.argc + 1) * sizeof(*p->cli->argv));
    while (p->words.argc > 0) {
        if (more_options && !take_options(p))
            return false;
        if (p->words.argc == 0)
            break;
        char *word = *p->words.argv++;
        p->words.argc--;
        if (more_options && strcmp(word, "--") == 0)
            more_options = false;
        else
            p->cli->argv[p->cli->argc++] = word;
    }
    return true;
}

/* Report "queue needs a command: list, show, retry, ..." */
static void missing_verb(const char *group)
{
    size_t count, named = 0;
    const struct command *commands = cli_commands(&count);
    AUTOTEXT struct text verbs = {0};
    for (size_t i = 0; i < count; i++) {
        if (!text_starts(commands[i].name, group) || named++ > VERBS_NAMED)
            continue;
        const char *verb = commands[i].name + strlen(group);
        text_appendf(&verbs, "%s%s", named > 1 ? ", " : "", named > VERBS_NAMED ? "..." : verb);
    }
    cli_usage(NULL, "%sneeds a command: %s", group, verbs.data);
}

/* Take a word. "help [COMMAND]" and "version" are --help and --version. */
static void take_word(struct parsing *p)
{
    const char *word = p->words.argc ? p->words.argv[0] : "";
    bool help = text_equal(word, "help"), version = text_equal(word, "version");
    if (!help && !version)
        return;
    p->help = help;
    p->version = version;
    p->words.argc--, p->words.argv++;
}

enum options_result options_parse(struct cli *cli, int argc, char **argv)
{
    struct parsing p = {.cli = cli, .words = {argc - 1, argv + 1}};
    enum options_result result = OPTIONS_HELP;
    *cli = (struct cli){.config = CONFIG_DEFAULT_PATH};
    if (!take_options(&p))
        return OPTIONS_WRONG;
    take_word(&p);
    if (p.words.argc > 0)
        result = take_command(&p);
    if (result == OPTIONS_WRONG || !take_arguments(&p))
        return OPTIONS_WRONG;
    if (p.version)
        return OPTIONS_VERSION;
    if (p.help)
        return result == OPTIONS_RUN ? OPTIONS_HELP : result;
    if (result == OPTIONS_RUN)
        return OPTIONS_RUN;
    if (result == OPTIONS_GROUP)
        missing_verb(cli->group);
    else
        cli_usage(NULL, "a command is missing");
    return OPTIONS_WRONG;
}
