/* SPDX-License-Identifier: MIT */
#include "reader.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/config.h"

/* Bytes read at a time. */
#define READ_SIZE ((size_t)65536)

struct reader {
    const struct config_lines *to;
    unsigned number;    /* of the line in the file */
    struct text joined; /* the continued lines so far */
    unsigned start;     /* the line where they began; 0: none is open */
};

static char *trim(char *start)
{
    while (isspace((unsigned char)*start))
        start++;
    size_t size = strlen(start);
    while (size > 0 && isspace((unsigned char)start[size - 1]))
        size--;
    start[size] = '\0';
    return start;
}

static void take_section(struct reader *reader, unsigned line, char *header)
{
    size_t size = strlen(header);
    char *inside = header + 1, *name = NULL;
    if (header[size - 1] != ']' || strchr(inside, '[')) {
        reader->to->problem(line, "a section begins with [kind] or [kind name] on its own line",
                            reader->to->userdata);
        reader->to->section(line, NULL, NULL, reader->to->userdata);
        return;
    }
    header[size - 1] = '\0';
    inside = trim(inside);
    size_t kind = strcspn(inside, " \t");
    if (inside[kind]) {
        inside[kind] = '\0';
        name = trim(inside + kind + 1);
    }
    reader->to->section(line, inside, name, reader->to->userdata);
}

/* Take one logical line: trimmed, not empty, no comment. */
static void take_line(struct reader *reader, unsigned line, char *content)
{
    if (content[0] == '[') {
        take_section(reader, line, content);
        return;
    }
    char *equals = strchr(content, '=');
    const char *problem = NULL;
    if (!equals)
        problem = "neither a section nor key = value (a comment begins with #)";
    else if (equals == content)
        problem = "there is no key before the =";
    else if (!text_is_utf8(content, strlen(content)))
        problem = "the value is not valid UTF-8";
    if (problem) {
        reader->to->problem(line, problem, reader->to->userdata);
        return;
    }
    *equals = '\0';
    reader->to->value(line, trim(content), trim(equals + 1), reader->to->userdata);
}

/* End a chain of continued lines and take it as one line. */
static void end_chain(struct reader *reader)
{
    unsigned start = reader->start;
    size_t size = reader->joined.size;
    reader->start = 0;
    char *content = text_take(&reader->joined);
    char *trimmed = trim(content);
    if (strlen(trimmed) > CONFIG_LINE_MAX)
        reader->to->problem(start, "a line that is continued gets too long (64 K at most)",
                            reader->to->userdata);
    else if (*trimmed)
        take_line(reader, start, trimmed);
    explicit_bzero(content, size);
    free(content);
}

/* Take a line that may be the first, a middle or the last one of a chain. It may contain a
 * secret. */
static void take_content(struct reader *reader, const char *content)
{
    if (*content == '#' || *content == ';')
        return;
    size_t length = strlen(content);
    bool more = length > 0 && content[length - 1] == '\\';
    if (reader->start == 0)
        reader->start = reader->number;
    else
        text_append_char(&reader->joined, ' ');
    /* If the buffer grew, copies would stay in memory. */
    if (!reader->joined.data)
        text_reserve(&reader->joined, more ? 2 * CONFIG_LINE_MAX + 2 : length);
    /* Bytes beyond the limit need not be kept: the line is refused when it ends. */
    if (reader->joined.size <= CONFIG_LINE_MAX)
        text_append(&reader->joined, content, length - more);
    if (!more)
        end_chain(reader);
}

static void take_physical(struct reader *reader, const char *bytes, size_t size)
{
    reader->number++;
    if (size > CONFIG_LINE_MAX || memchr(bytes, '\0', size)) {
        reader->to->problem(reader->number,
                            size > CONFIG_LINE_MAX ? "the line is too long (64 K at most)"
                                                   : "the line has a byte 0 in it",
                            reader->to->userdata);
        return;
    }
    char *copy = memory_copy(bytes, size);
    take_content(reader, trim(copy));
    explicit_bzero(copy, size);
    free(copy);
}

void config_read_lines(const char *bytes, size_t size, const struct config_lines *lines)
{
    struct reader reader = {.to = lines};
    static const char mark[] = "\xef\xbb\xbf"; /* some editors write it at the start */
    const char *at = bytes, *end = bytes + size;
    if (size >= 3 && memcmp(at, mark, 3) == 0)
        at += 3;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        take_physical(&reader, at, (size_t)(stop - at));
        at = stop + (stop < end);
    }
    if (reader.start) {
        lines->problem(reader.number, "the file ends in a line that is continued with \\",
                       lines->userdata);
        end_chain(&reader);
    }
}

static int read_all(int fd, struct text *out)
{
    struct stat is;
    if (fstat(fd, &is) < 0)
        return -errno;
    if (S_ISDIR(is.st_mode))
        return -EISDIR;
    if (is.st_size > 0 &&
        (size_t)is.st_size < CONFIG_FILE_MAX) /* if it grew, copies would stay in memory */
        text_reserve(out, (size_t)is.st_size + READ_SIZE);
    for (;;) {
        text_reserve(out, READ_SIZE);
        ssize_t size = read(fd, out->data + out->size, READ_SIZE);
        if (size < 0 && errno != EINTR)
            return -errno;
        if (size == 0)
            return 0;
        if (size > 0)
            out->size += (size_t)size;
        if (out->size > CONFIG_FILE_MAX)
            return -EFBIG;
    }
}

int config_read_file(const char *path, char **ret, size_t *ret_size)
{
    AUTOTEXT struct text out = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = read_all(fd, &out);
    close(fd);
    if (r < 0)
        return r;
    *ret_size = out.size;
    *ret = text_take(&out);
    return 0;
}
