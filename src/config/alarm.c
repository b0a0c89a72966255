/* SPDX-License-Identifier: MIT */
#include "config/alarm.h"

#include <errno.h>
#include <string.h>

#include "alarm/channel.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/secret.h"
#include "draft.h"
#include "journal/alarms.h"
#include "secret.h"
#include "values.h"

/* ---- the command ---- */

struct words {
    char **list;
    size_t count;
};

static void add(struct words *words, struct text *word)
{
    words->list = memory_resize(words->list, words->count + 2, sizeof(char *));
    words->list[words->count++] = word->data ? text_take(word) : memory_string("");
    words->list[words->count] = NULL;
}

/* Read the text between quotes into *word; `at` is behind the first quote. Returns the place behind
 * the second one; NULL: it is missing. */
static const char *quoted(const char *at, struct text *word)
{
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        text_append_char(word, *at);
    }
    return *at ? at + 1 : NULL;
}

/* Read one word. Returns the place behind it; NULL: a quote is not closed. */
static const char *read_word(const char *at, struct words *words)
{
    AUTOTEXT struct text word = {0};
    while (at && *at && *at != ' ' && *at != '\t') {
        if (*at == '"')
            at = quoted(at + 1, &word);
        else
            text_append_char(&word, *at++);
    }
    if (at)
        add(words, &word);
    return at;
}

char **config_split_command(const char *value, struct error *error)
{
    struct words words = {0};
    const char *at = value + strspn(value, " \t");
    while (at && *at && words.count <= ALARM_WORDS_MAX) {
        at = read_word(at, &words);
        at = at ? at + strspn(at, " \t") : NULL;
    }
    if (!at)
        error_set(error, ERROR_CONFIG, "a double quote is not closed");
    else if (words.count > ALARM_WORDS_MAX)
        error_set(error, ERROR_CONFIG, "has more than %d words", ALARM_WORDS_MAX);
    else if (!words.count || words.list[0][0] != '/')
        error_set(error, ERROR_CONFIG,
                  "must begin with the absolute path of a program; no shell reads it");
    else
        return words.list;
    text_list_free(words.list);
    return NULL;
}

CONFIG_PARSER(config_parse_command)
{
    (void)key, (void)place;
    char **words = config_split_command(value, error), ***list = target;
    if (!words)
        return -EIO;
    text_list_free(*list);
    *list = words;
    return 0;
}

/* ---- the other values ---- */

CONFIG_PARSER(config_parse_alarm_url)
{
    struct config_secret *url = target;
    const char *problem = config_secret_is_literal(value) ? config_url_problem(value, true)
                                                          : config_reference_problem(value);
    (void)key;
    if (problem)
        return error_set(error, ERROR_CONFIG, "%s", problem);
    secret_free_string(url->reference);
    *url = (struct config_secret){.reference = memory_string(value), .place = *place};
    return 0;
}

int config_check_alarm_url(const struct config *config, const struct secret *url,
                           struct error *error)
{
    const char *problem = config_url_problem(url->data ? url->data : "", true);
    if (!problem && config_url_is_open(url->data) && !config->allow_http)
        problem = "must begin with https://, as allow_http in [daemon] is not set";
    return problem ? error_set(error, ERROR_CONFIG, "%s", problem) : 0;
}

CONFIG_PARSER(config_parse_alarm_level)
{
    (void)key, (void)place;
    bool all = strcmp(value, "warning") == 0;
    if (!all && strcmp(value, "error") != 0)
        return error_set(error, ERROR_CONFIG, "\"%.60s\" is neither error nor warning", value);
    *(unsigned *)target = all ? EVENT_WARNING : EVENT_ERROR;
    return 0;
}

/* Return the name of the alarm that a word may stand for; NULL: none is similar. */
static const char *nearest_event(const char *name)
{
    const char *names[JOURNAL_ID_COUNT];
    size_t count;
    const struct alarm_row *rows = alarm_rows(&count);
    for (size_t i = 0; i < count; i++)
        names[i] = journal_id(rows[i].raised_by)->name;
    return nearest_word(name, names, count);
}

static int check_event(const char *name, struct error *error)
{
    const char *near = alarm_row_find(name) ? NULL : nearest_event(name);
    if (alarm_row_find(name))
        return 0;
    return error_set(error, ERROR_CONFIG, "\"%.60s\" is no event that is an alarm%s%s%s", name,
                     near ? " (is " : "", near ? near : "", near ? " meant?)" : "");
}

CONFIG_PARSER(config_parse_events)
{
    (void)key, (void)place;
    char ***list = target;
    if (value[0] == '\0') {
        text_list_free(*list);
        *list = NULL;
        return 0;
    }
    char **more = text_split_list(value);
    size_t had = text_list_size(*list), count = text_list_size(more);
    for (size_t i = 0; i < count; i++) {
        int r = check_event(more[i], error);
        if (r == 0)
            continue;
        text_list_free(more);
        return r;
    }
    *list = memory_resize(*list, had + count + 1, sizeof(char *));
    memcpy(*list + had, more, (count + 1) * sizeof(char *));
    free(more);
    return 0;
}

/* ---- with secrets ---- */

static int resolve_url(struct config_alarm_channels *channels, const struct config *config,
                       struct error *error)
{
    if (!config->alarm_url.reference)
        return 0;
    int r = config_secret_resolve(&channels->url, &config->alarm_url, error);
    if (!r)
        r = config_check_alarm_url(config, &channels->url, error);
    if (r)
        secret_clear(&channels->url);
    return r;
}

static int resolve_keys(struct config_alarm_channels *channels, const struct config *config,
                        struct error *error)
{
    CLEANUP(secret_clear) struct secret secret = {0};
    if (!config->alarm_secret.reference)
        return 0;
    int r = config_secret_resolve(&secret, &config->alarm_secret, error);
    return r ? r : webhook_keys_parse(&channels->keys, &secret, error);
}

int config_alarm_channels(struct config_alarm_channels *ret, const struct config *config,
                          struct error *error)
{
    *ret = (struct config_alarm_channels){
        .command = config->alarm_command,
        .timeout_usec = config->alarm_timeout_usec,
    };
    int r = resolve_url(ret, config, error);
    if (!r)
        r = resolve_keys(ret, config, error);
    /* If a key cannot be read, no alarm is sent without its signature: the url is cleared. */
    if (r)
        secret_clear(&ret->url);
    return r;
}

void config_alarm_channels_clear(struct config_alarm_channels *channels)
{
    secret_clear(&channels->url);
    webhook_keys_clear(&channels->keys);
}
