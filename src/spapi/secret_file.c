/* SPDX-License-Identifier: MIT */
#include "spapi/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/durable.h"
#include "base/memory.h"
#include "base/text.h"
#include "secret_seal.h"

void secret_file_clear(struct secret_file *file)
{
    free(file->client_id);
    secret_clear(&file->secret);
    secret_clear(&file->old);
    *file = (struct secret_file){0};
}

/* ---- reading ---- */

/* The value of one line. */
struct value {
    const char *bytes;
    size_t size;
};

static bool is_plain(struct value value)
{
    for (size_t i = 0; i < value.size; i++)
        if (value.bytes[i] <= 0x20 || value.bytes[i] >= 0x7f)
            return false;
    return value.size > 0 && value.size <= SECRET_FILE_WORD_MAX;
}

static int take_secret(struct secret *ret, struct value value)
{
    if (ret->data || !is_plain(value))
        return -EINVAL;
    secret_set(ret, value.bytes, value.size);
    return 0;
}

static int take_time(uint64_t *ret_usec, struct value value)
{
    return *ret_usec ? -EINVAL : clock_parse_rfc3339(value.bytes, value.size, ret_usec);
}

static int take_client(struct secret_file *file, struct value value)
{
    if (file->client_id || !is_plain(value))
        return -EINVAL;
    file->client_id = memory_copy(value.bytes, value.size);
    return 0;
}

static int take_line(struct secret_file *file, const char *key, size_t key_size, struct value value)
{
    const struct {
        const char *key;
        uint64_t *usec;
    } times[] = {
        {"issued", &file->issued_usec},
        {"expires", &file->expires_usec},
        {"received", &file->received_usec},
        {"old_expires", &file->old_expires_usec},
    };
#define IS(name) (key_size == strlen(name) && memcmp(key, name, key_size) == 0)
    if (IS("client_id"))
        return take_client(file, value);
    if (IS("secret"))
        return take_secret(&file->secret, value);
    if (IS("old_secret"))
        return take_secret(&file->old, value);
    for (size_t i = 0; i < ELEMENTS(times); i++)
        if (IS(times[i].key))
            return take_time(times[i].usec, value);
#undef IS
    return 0;
}

int secret_file_parse(struct secret_file *ret, const char *bytes, size_t size)
{
    const char *end = bytes + size;
    int r = size <= SECRET_FILE_MAX ? 0 : -EINVAL;
    *ret = (struct secret_file){0};
    while (!r && bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *equals = stop ? memchr(bytes, '=', (size_t)(stop - bytes)) : NULL;
        if (!equals)
            return -EINVAL;
        struct value value = {equals + 1, (size_t)(stop - equals - 1)};
        r = take_line(ret, bytes, (size_t)(equals - bytes), value);
        bytes = stop + 1;
    }
    bool whole = ret->client_id && ret->secret.data && ret->issued_usec;
    return r || !whole || !ret->old.data != !ret->old_expires_usec ? -EINVAL : 0;
}

/* Read the whole file into a secret, which has pages of its own. */
static int slurp(struct secret *ret, const char *path)
{
    char bytes[SECRET_FILE_MAX + 1];
    struct stat is;
    size_t size = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &is) < 0 || !S_ISREG(is.st_mode))
        got = -1, errno = EINVAL;
    while (got >= 0 && size < sizeof(bytes) && (got = read(fd, bytes + size, sizeof(bytes) - size)))
        size += got > 0 ? (size_t)got : 0;
    int r = got < 0 ? -errno : 0;
    if (!r)
        secret_set(ret, bytes, size);
    explicit_bzero(bytes, sizeof(bytes));
    close(fd);
    return r;
}

/* Puts the plain form in the place of the sealed one. 0; 1: it has another key; -EINVAL. */
static int unseal(struct secret *bytes, const struct secret *configured)
{
    struct secret plain = {0};
    int r = secret_seal_open(&plain, bytes->data, bytes->size, configured);
    secret_clear(bytes);
    *bytes = plain;
    return r;
}

static int locked(const char *path, struct error *error)
{
    error_set(error, ERROR_CONFIG,
              "%s, the client secret that Amazon sent, is sealed with another client_secret than "
              "the configured one, so the configured one is used. If that is not the newest, put "
              "the former value back",
              path);
    return SECRET_FILE_LOCKED;
}

int secret_file_read(struct secret_file *ret, const char *directory,
                     const struct secret *configured, struct error *error)
{
    AUTOFREE char *path = memory_format("%s/" SECRET_FILE_NAME, directory);
    struct secret bytes = {0};
    *ret = (struct secret_file){0};
    int r = slurp(&bytes, path);
    if (r == -ENOENT || r == -ENOTDIR)
        return 1;
    if (r)
        return error_set(error, ERROR_CONFIG,
                         "the client secret that Amazon sent cannot be read from %s: %s. Run this "
                         "as root or as the daemon's user",
                         path, strerror(-r));
    bool sealed = secret_seal_is(bytes.data, bytes.size);
    r = sealed ? unseal(&bytes, configured) : 0;
    if (r > 0)
        return locked(path, error);
    if (r == 0)
        r = secret_file_parse(ret, bytes.data, bytes.size);
    ret->sealed = sealed;
    secret_clear(&bytes);
    return r ? error_set(error, ERROR_CONFIG,
                         "%s, the client secret that Amazon sent, is damaged. Put the "
                         "application's current secret into the config and remove that file",
                         path)
             : 0;
}

/* ---- writing ---- */

static void append_time(struct text *out, const char *key, uint64_t usec)
{
    char text[CLOCK_TEXT_MAX];
    if (!usec)
        return;
    clock_rfc3339(text, usec);
    text_appendf(out, "%s=%s\n", key, text);
}

static void append_secret(struct text *out, const char *key, const struct secret *secret)
{
    text_append_string(out, key);
    text_append_char(out, '=');
    text_append(out, secret->data, secret->size);
    text_append_char(out, '\n');
}

static int write_out(const struct text *plain, const char *directory,
                     const struct secret *configured)
{
    AUTOTEXT struct text sealed = {0};
    if (!configured || !configured->data)
        return durable_write(directory, SECRET_FILE_NAME, plain->data, plain->size);
    secret_seal_make(&sealed, plain->data, plain->size, configured);
    return durable_write(directory, SECRET_FILE_NAME, sealed.data, sealed.size);
}

int secret_file_write(const struct secret_file *file, const char *directory,
                      const struct secret *configured)
{
    struct text out = {0};
    text_reserve(&out, SECRET_FILE_MAX); /* never moved: no copy stays behind */
    text_appendf(&out, "client_id=%s\n", file->client_id);
    append_secret(&out, "secret", &file->secret);
    append_time(&out, "issued", file->issued_usec);
    append_time(&out, "expires", file->expires_usec);
    append_time(&out, "received", file->received_usec);
    if (file->old.data) {
        append_secret(&out, "old_secret", &file->old);
        append_time(&out, "old_expires", file->old_expires_usec);
    }
    int r = write_out(&out, directory, configured);
    explicit_bzero(out.data, out.size);
    text_clear(&out);
    return r;
}
