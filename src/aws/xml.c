/* SPDX-License-Identifier: MIT */
#include "xml.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"

/* Elements inside each other. STS has four. */
#define DEPTH_MAX 16
#define NAME_SIZE 64

struct xml {
    const char *at, *end;
    char names[DEPTH_MAX][NAME_SIZE]; /* of the open elements */
    size_t depth;
    bool ended; /* the outermost element has ended */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct xml *xml)
{
    while (xml->at < xml->end && is_blank(*xml->at))
        xml->at++;
}

static bool take_string(struct xml *xml, const char *string)
{
    size_t size = strlen(string);
    if ((size_t)(xml->end - xml->at) < size || memcmp(xml->at, string, size) != 0)
        return false;
    xml->at += size;
    return true;
}

static bool take_name(struct xml *xml, char name[NAME_SIZE])
{
    size_t size = 0;
    while (xml->at < xml->end && size < NAME_SIZE - 1 &&
           (isalnum((unsigned char)*xml->at) || strchr("_:.-", *xml->at)))
        name[size++] = *xml->at++;
    name[size] = '\0';
    return size > 0;
}

/* Pass over ` name="value"`, as often as it comes. */
static bool skip_attributes(struct xml *xml)
{
    char name[NAME_SIZE];
    for (skip_blanks(xml); xml->at < xml->end && isalpha((unsigned char)*xml->at);
         skip_blanks(xml)) {
        if (!take_name(xml, name) || !take_string(xml, "=") || xml->at == xml->end)
            return false;
        char quote = *xml->at++;
        const char *close = quote == '"' || quote == '\''
                                ? memchr(xml->at, quote, (size_t)(xml->end - xml->at))
                                : NULL;
        if (!close || memchr(xml->at, '<', (size_t)(close - xml->at)))
            return false;
        xml->at = close + 1;
    }
    return true;
}

/* Pass over <?xml ...?>. */
static bool skip_declaration(struct xml *xml)
{
    const char *close;
    if (!take_string(xml, "<?xml"))
        return true;
    close = memmem(xml->at, (size_t)(xml->end - xml->at), "?>", 2);
    if (!close)
        return false;
    xml->at = close + 2;
    return true;
}

/* Take one tag. It may open, close, or do both. */
static bool take_tag(struct xml *xml)
{
    char name[NAME_SIZE];
    if (take_string(xml, "</")) {
        if (!take_name(xml, name) || xml->depth == 0 ||
            strcmp(name, xml->names[xml->depth - 1]) != 0)
            return false;
        skip_blanks(xml);
        xml->ended = --xml->depth == 0;
        return take_string(xml, ">");
    }
    if (xml->ended || !take_string(xml, "<") || xml->depth == DEPTH_MAX ||
        !take_name(xml, xml->names[xml->depth]) || !skip_attributes(xml))
        return false;
    if (take_string(xml, "/>")) {
        xml->ended = xml->depth == 0;
        return true;
    }
    xml->depth++;
    return take_string(xml, ">");
}

/* Append one character that is written as &name; or &#number;. */
static bool take_entity(struct xml *xml, struct text *text)
{
    static const struct {
        const char *name;
        char c;
    } entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < ELEMENTS(entities); i++)
        if (take_string(xml, entities[i].name)) {
            text_append_char(text, entities[i].c);
            return true;
        }
    unsigned number = 0, digits = 0;
    if (!take_string(xml, "&#"))
        return false;
    for (; xml->at < xml->end && isdigit((unsigned char)*xml->at) && digits < 3; digits++)
        number = number * 10 + (unsigned)(*xml->at++ - '0');
    if (!digits || number < 9 || number > 126 || !take_string(xml, ";"))
        return false;
    text_append_char(text, (char)number);
    return true;
}

/* Append the text up to the next tag. */
static bool take_text(struct xml *xml, struct text *text)
{
    while (xml->at < xml->end && *xml->at != '<') {
        if (*xml->at == '&') {
            if (!take_entity(xml, text))
                return false;
            continue;
        }
        text_append_char(text, *xml->at++);
    }
    return true;
}

static bool is_at(const struct xml *xml, const char *path)
{
    for (size_t i = 0; i < xml->depth; i++) {
        size_t size = strlen(xml->names[i]);
        if (strncmp(path, xml->names[i], size) != 0)
            return false;
        path += size;
        if (*path != (i + 1 < xml->depth ? '/' : '\0'))
            return false;
        path++;
    }
    return xml->depth > 0;
}

/* Read the whole document. Return whether it is one. */
static bool read_all(struct xml *xml, const char *path, char **ret)
{
    struct text text = {0};
    bool good = skip_declaration(xml);
    text_reserve(&text, (size_t)(xml->end - xml->at)); /* so that no copy of a secret is left */
    for (skip_blanks(xml); good && xml->at < xml->end;) {
        size_t depth = xml->depth;
        good = take_tag(xml);
        bool opened = good && xml->depth > depth && is_at(xml, path);
        text_reset(&text);
        good = good && take_text(xml, &text);
        if (good && xml->depth == 0)
            good = text.size == strspn(text.data ? text.data : "", " \t\r\n");
        /* An element of this path with other elements in it has no text of its own. */
        if (good && opened && !*ret && xml->end - xml->at > 1 && xml->at[1] == '/')
            *ret = memory_copy(text.data ? text.data : "", text.size);
    }
    if (text.data)
        explicit_bzero(text.data, text.allocated);
    text_clear(&text);
    return good && xml->ended;
}

int xml_find(const char *bytes, size_t size, const char *path, char **ret)
{
    struct xml xml = {.at = bytes, .end = bytes + size};
    char *found = NULL;
    if (memchr(bytes, '\0', size) || !text_is_utf8(bytes, size) || !read_all(&xml, path, &found)) {
        secret_free_string(found);
        return -EINVAL;
    }
    *ret = found;
    return found ? 0 : -ENOENT;
}
