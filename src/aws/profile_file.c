/* SPDX-License-Identifier: MIT */
#include "aws/profile_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"
#include "words.h"

struct profile_key {
    char *name, *value;
    bool nested; /* the value is made of further keys */
};

struct profile_section {
    char *header;
    char *profile; /* NULL: it is no profile */
    struct profile_key *keys;
    size_t n_keys;
};

struct profile_file {
    struct profile_section *sections;
    size_t n_sections;
};

/* More of them are refused, so that a search for copies stays cheap. */
#define SECTIONS_MAX 1000
#define KEYS_MAX     100 /* of one section */

/* The reader of one file. */
struct profile_reader {
    struct profile_file *file;
    enum profile_file_kind kind;
    const char *path;
    unsigned line;
    size_t indent;     /* of the last header or key */
    struct text value; /* of the last key of the last section */
    bool in_value;
    struct error *error;
};

/* Python's str.strip() for ASCII. */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static size_t count_leading(const char *bytes, size_t size)
{
    size_t count = 0;
    while (count < size && is_space(bytes[count]))
        count++;
    return count;
}

static size_t cut_trailing(const char *bytes, size_t size)
{
    while (size > 0 && is_space(bytes[size - 1]))
        size--;
    return size;
}

static int complain(const struct profile_reader *reader, const char *problem)
{
    return error_set(reader->error, ERROR_CONFIG, "%s:%u: %s", reader->path, reader->line, problem);
}

static struct profile_section *last_section(const struct profile_reader *reader)
{
    struct profile_file *file = reader->file;
    return file->n_sections ? &file->sections[file->n_sections - 1] : NULL;
}

/* Whether each line of a value of several lines is "key = value". */
static bool is_nested(const char *value)
{
    while (*value) {
        size_t size = strcspn(value, "\n");
        size_t blank = count_leading(value, size);
        if (blank < size && !memchr(value, '=', size))
            return false;
        value += size + (value[size] == '\n');
    }
    return true;
}

/* End the value of the last key. */
static int end_value(struct profile_reader *reader)
{
    struct profile_section *section = last_section(reader);
    if (!reader->in_value)
        return 0;
    struct profile_key *key = &section->keys[section->n_keys - 1];
    struct text *text = &reader->value;
    size_t size = cut_trailing(text->data ? text->data : "", text->size);
    key->value = memory_copy(text->data ? text->data : "", size);
    if (text->data)
        explicit_bzero(text->data, text->size);
    text_clear(text);
    reader->in_value = false;
    key->nested = key->value[0] == '\n';
    return key->nested && !is_nested(key->value)
               ? complain(reader, "the indented lines above are neither a value nor keys")
               : 0;
}

/* Return the profile that a section is of; NULL: none. */
static char *profile_of(enum profile_file_kind kind, const char *header)
{
    char *name = NULL;
    if (kind == PROFILE_FILE_CREDENTIALS || strcmp(header, "default") == 0)
        return memory_string(header);
    char **words = text_starts(header, "profile") ? words_split(header) : NULL;
    if (words && text_list_size(words) == 2)
        name = memory_string(words[1]);
    text_list_free(words);
    return name;
}

static int begin_section(struct profile_reader *reader, const char *header, size_t size)
{
    struct profile_file *file = reader->file;
    AUTOFREE char *name = memory_copy(header, size);
    for (size_t i = 0; i < file->n_sections; i++)
        if (strcmp(file->sections[i].header, name) == 0)
            return complain(reader, "the section is given twice");
    if (file->n_sections == SECTIONS_MAX)
        return complain(reader, "there are more than 1000 sections");
    file->sections = memory_resize(file->sections, file->n_sections + 1, sizeof(*file->sections));
    struct profile_section *section = &file->sections[file->n_sections++];
    *section = (struct profile_section){.profile = profile_of(reader->kind, name)};
    section->header = TAKE(name);
    return 0;
}

static int begin_key(struct profile_reader *reader, const char *line, size_t size)
{
    struct profile_section *section = last_section(reader);
    size_t end = 0;
    while (end < size && line[end] != '=' && line[end] != ':')
        end++;
    size_t name_size = cut_trailing(line, end);
    if (end == size || name_size == 0)
        return complain(reader, "the line is neither [section] nor key = value");
    AUTOFREE char *name = memory_copy(line, name_size);
    for (char *at = name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    for (size_t i = 0; i < section->n_keys; i++)
        if (strcmp(section->keys[i].name, name) == 0)
            return complain(reader, "the key is given twice");
    if (section->n_keys == KEYS_MAX)
        return complain(reader, "the section has more than 100 keys");
    section->keys = memory_resize(section->keys, section->n_keys + 1, sizeof(*section->keys));
    section->keys[section->n_keys++] = (struct profile_key){.name = TAKE(name)};
    const char *value = line + end + 1;
    size_t rest = size - end - 1, blank = count_leading(value, rest);
    text_append(&reader->value, value + blank, rest - blank);
    reader->in_value = true;
    return 0;
}

/* Take a line that is neither blank nor a comment, without the blanks at both ends. */
static int take_line(struct profile_reader *reader, const char *line, size_t size, size_t indent)
{
    if (reader->in_value && indent > reader->indent) {
        text_append_char(&reader->value, '\n');
        text_append(&reader->value, line, size);
        return 0;
    }
    int r = end_value(reader);
    if (r)
        return r;
    reader->indent = indent;
    const char *close = line[0] == '[' ? memrchr(line, ']', size) : NULL;
    if (close && close > line + 1)
        return begin_section(reader, line + 1, (size_t)(close - line - 1));
    if (!last_section(reader))
        return complain(reader, "there is no [section] above this line");
    return begin_key(reader, line, size);
}

static int read_line(struct profile_reader *reader, const char *line, size_t size)
{
    size_t indent = count_leading(line, size);
    size_t end = cut_trailing(line, size);
    reader->line++;
    if (indent < end && (line[indent] == '#' || line[indent] == ';'))
        return 0;
    if (indent < end)
        return take_line(reader, line + indent, end - indent, indent);
    if (reader->in_value)
        text_append_char(&reader->value, '\n');
    return 0;
}

static int read_lines(struct profile_reader *reader, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size && bytes[end] != '\n' && bytes[end] != '\r')
            end++;
        int r = read_line(reader, bytes + at, end - at);
        if (r)
            return r;
        at = end + 1;
        if (end + 1 < size && bytes[end] == '\r' && bytes[end + 1] == '\n')
            at++;
    }
    return end_value(reader);
}

int profile_file_parse(struct profile_file **ret, enum profile_file_kind kind, const char *path,
                       const char *bytes, size_t size, struct error *error)
{
    if (size > PROFILE_FILE_MAX)
        return error_set(error, ERROR_CONFIG, "%s: is larger than 1 MiB", path);
    if (memchr(bytes, '\0', size) || !text_is_utf8(bytes, size))
        return error_set(error, ERROR_CONFIG, "%s: is not a text in UTF-8", path);
    struct profile_file *file = NEW(struct profile_file);
    struct profile_reader reader = {.file = file, .kind = kind, .path = path, .error = error};
    int r = read_lines(&reader, bytes, size);
    if (reader.value.data)
        explicit_bzero(reader.value.data, reader.value.size);
    text_clear(&reader.value);
    if (r == 0)
        *ret = TAKE(file);
    profile_file_free(file);
    return r;
}

/* Read at most PROFILE_FILE_MAX + 1 bytes. Negative errno: it failed. */
static ssize_t read_bytes(int fd, char *bytes)
{
    size_t size = 0;
    while (size <= PROFILE_FILE_MAX) {
        ssize_t more = read(fd, bytes + size, PROFILE_FILE_MAX + 1 - size);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -errno;
        if (more == 0)
            break;
        size += (size_t)more;
    }
    return (ssize_t)size;
}

int profile_file_read(struct profile_file **ret, enum profile_file_kind kind, const char *path,
                      struct error *error)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 1;
    if (fd < 0)
        return error_set(error, ERROR_CONFIG, "%s: cannot be read: %s", path, strerror(errno));
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return 1; /* botocore passes over it as well */
    }
    char *bytes = memory_new(PROFILE_FILE_MAX + 1);
    ssize_t size = read_bytes(fd, bytes);
    int r = size < 0 ? error_set(error, ERROR_CONFIG, "%s: cannot be read: %s", path,
                                 strerror((int)-size))
                     : profile_file_parse(ret, kind, path, bytes, (size_t)size, error);
    if (size > 0)
        explicit_bzero(bytes, (size_t)size);
    free(bytes);
    close(fd);
    return r;
}

void profile_file_free(struct profile_file *file)
{
    if (!file)
        return;
    for (size_t i = 0; i < file->n_sections; i++) {
        struct profile_section *section = &file->sections[i];
        for (size_t j = 0; j < section->n_keys; j++) {
            free(section->keys[j].name);
            secret_free_string(section->keys[j].value);
        }
        free(section->keys);
        free(section->header);
        free(section->profile);
    }
    free(file->sections);
    free(file);
}

/* Find the section of a profile. [default] and [profile default] are the same, and the last one is
 * used. */
static const struct profile_section *find_profile(const struct profile_file *file,
                                                  const char *profile)
{
    for (size_t i = file ? file->n_sections : 0; i-- > 0;)
        if (text_equal(file->sections[i].profile, profile))
            return &file->sections[i];
    return NULL;
}

bool profile_file_has(const struct profile_file *file, const char *profile)
{
    return find_profile(file, profile) != NULL;
}

const char *profile_file_get(const struct profile_file *file, const char *profile, const char *key)
{
    const struct profile_section *section = find_profile(file, profile);
    for (size_t i = 0; section && i < section->n_keys; i++)
        if (strcmp(section->keys[i].name, key) == 0)
            return section->keys[i].nested ? NULL : section->keys[i].value;
    return NULL;
}
