/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Append the text between two quotes. `at` is behind the first one. Return the place behind the
 * second one; NULL: there is none. */
static const char *take_quoted(struct text *word, const char *at, char quote)
{
    for (; *at && *at != quote; at++) {
        if (quote == '"' && at[0] == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        text_append_char(word, *at);
    }
    return *at ? at + 1 : NULL;
}

/* Append one word. Return the place behind it; NULL: it is not ended. */
static const char *take_word(struct text *word, const char *at)
{
    while (at && *at && !is_blank(*at)) {
        if (*at == '\'' || *at == '"') {
            at = take_quoted(word, at + 1, *at);
            continue;
        }
        if (*at == '\\' && *++at == '\0')
            return NULL;
        text_append_char(word, *at++);
    }
    return at;
}

char **words_split(const char *text)
{
    char **words = memory_new(sizeof(*words));
    size_t count = 0;
    for (;;) {
        AUTOTEXT struct text word = {0};
        while (is_blank(*text))
            text++;
        if (*text == '\0')
            return words;
        text = take_word(&word, text);
        if (!text) {
            text_list_free(words);
            return NULL;
        }
        words = memory_resize(words, count + 2, sizeof(*words));
        words[count++] = word.data ? text_take(&word) : memory_string("");
        words[count] = NULL;
    }
}
