/* SPDX-License-Identifier: MIT */
/* The search for systemd credentials: by the service, and by commands beside it. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/credential.h"
#include "secret.h"

/* The service's copies, which systemd makes at each start. */
#define SERVICE_COPIES "/run/credentials/dockbell.service"

/* A directory of credentials. `prefix` is the id that the unit gives to a directory that it loads
 * as a whole; it begins the credentials' names. */
struct place {
    const char *directory, *prefix;
    bool encrypted;
};

/* The files that an administrator makes. An encrypted file contains its own name, with the
 * prefix. */
static const struct place sources[] = {
    {CREDENTIAL_DIRECTORY, "", false},      {CREDENTIAL_DIRECTORY ".encrypted", "sealed_", true},
    {"/etc/credstore", "", false},          {"/run/credstore", "", false},
    {"/usr/lib/credstore", "", false},      {"/etc/credstore.encrypted", "", true},
    {"/run/credstore.encrypted", "", true}, {"/usr/lib/credstore.encrypted", "", true},
};

static credential_notice_fn notice;

void credential_on_difference(credential_notice_fn fn)
{
    notice = fn;
}

static int read_file(struct secret *ret, const char *path, struct error *error)
{
    int r = secret_read_file(ret, path);
    const char *advice =
        r == -EACCES && geteuid() != 0 ? " (only root can read it: try it with sudo)" : "";
    if (r == 0)
        return 0;
    return error_set(error, ERROR_CONFIG, "%s cannot be read: %s%s", path,
                     r == -EINVAL  ? "it is not a regular file"
                     : r == -EFBIG ? "it has more than 64 K"
                                   : strerror(-r),
                     advice);
}

/* Read a credential from a directory. 0; 1: it is not there; or -EIO. The path is kept in
 * *ret_path, which the caller frees. */
static int find_in(struct secret *ret, const struct place *place, const char *name, char **ret_path,
                   struct error *error)
{
    AUTOFREE char *path = memory_format("%s/%s", place->directory, name);
    if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 1;
    AUTOFREE char *own_name = memory_format("%s%s", place->prefix, name);
    int r = place->encrypted ? credential_decrypt(ret, own_name, path, error)
                             : read_file(ret, path, error);
    free(*ret_path);
    *ret_path = TAKE(path);
    return r;
}

/* Read the first file that can be read. If there is none, return the error of the first that cannot
 * be read; 1: there is no file at all. */
static int find_source(struct secret *ret, const char *name, char **ret_path, struct error *error)
{
    struct error first = {0};
    for (size_t i = 0; i < ELEMENTS(sources); i++) {
        struct error now;
        int r = find_in(ret, &sources[i], name, ret_path, &now);
        if (r == 0)
            return 0;
        if (r < 0 && first.kind == ERROR_NONE)
            first = now;
    }
    if (first.kind == ERROR_NONE)
        return 1;
    *error = first;
    return -EIO;
}

/* Read the copy that systemd has made for the service. */
static int find_copy(struct secret *ret, const char *directory, const char *name,
                     struct error *error)
{
    static const char *const prefixes[] = {"dockbell_", "sealed_", ""};
    AUTOFREE char *path = NULL;
    int r = 1;
    for (size_t i = 0; r == 1 && i < ELEMENTS(prefixes); i++) {
        AUTOFREE char *file = memory_format("%s%s", prefixes[i], name);
        r = find_in(ret, &(struct place){directory, "", false}, file, &path, error);
    }
    return r;
}

static bool are_equal(const struct secret *a, const struct secret *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

bool credential_differs(const char *name, char **ret_path)
{
    CLEANUP(secret_clear) struct secret source = {0};
    CLEANUP(secret_clear) struct secret copy = {0};
    struct error error;
    AUTOFREE char *path = NULL;
    bool differs = find_source(&source, name, &path, &error) == 0 &&
                   find_copy(&copy, SERVICE_COPIES, name, &error) == 0 &&
                   !are_equal(&source, &copy);
    *ret_path = differs ? TAKE(path) : NULL;
    return differs;
}

char *credential_source(const char *name)
{
    CLEANUP(secret_clear) struct secret source = {0};
    struct error error;
    char *path = NULL;
    if (find_source(&source, name, &path, &error) != 0) {
        free(path);
        return NULL;
    }
    return path;
}

static int is_credential(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void credential_each_broken(void (*each)(const char *path, const char *why, void *userdata),
                            void *userdata)
{
    const struct place *place = &sources[1];
    struct dirent **entries;
    int count = scandir(place->directory, &entries, is_credential, alphasort);
    for (int i = 0; i < count; i++) {
        CLEANUP(secret_clear) struct secret value = {0};
        AUTOFREE char *path = NULL;
        struct error error;
        if (find_in(&value, place, entries[i]->d_name, &path, &error) < 0)
            each(path, error.text, userdata);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* Whether systemd started this very process. It puts the pid of the process that it starts into the
 * environment; a child inherits the pid of another process. */
static bool is_started_by_systemd(void)
{
    const char *text = getenv("SYSTEMD_EXEC_PID");
    uint64_t pid;
    return text && text_to_u64(text, &pid) == 0 && pid == (uint64_t)getpid();
}

bool credentials_out_of_reach(void)
{
    const char *own = getenv("CREDENTIALS_DIRECTORY");
    if (own)
        return access(own, R_OK | X_OK) < 0 && errno == EACCES;
    return geteuid() != 0 && is_started_by_systemd();
}

/* Find a credential as the service: one that systemd handed over, else a file that the service can
 * read. */
static int find_own(struct secret *ret, const char *directory, const char *name,
                    struct error *error)
{
    AUTOFREE char *path = NULL;
    struct error other;
    int r = find_copy(ret, directory, name, error);
    if (r == 1 && find_source(ret, name, &path, &other) == 0)
        r = 0;
    if (r != 1)
        return r;
    return error_set(error, ERROR_CONFIG,
                     "systemd has not handed it over. Create " CREDENTIAL_DIRECTORY
                     "/%s, then: systemctl restart dockbell",
                     name);
}

/* Find a credential as a command: the one that the next start would take, else the one that the
 * last start took. */
static int find_beside(struct secret *ret, const char *name, struct error *error)
{
    AUTOFREE char *path = NULL;
    CLEANUP(secret_clear) struct secret copy = {0};
    struct error other;
    int r = find_source(ret, name, &path, error);
    int r_copy = find_copy(&copy, SERVICE_COPIES, name, &other);
    if (r == 0 && r_copy == 0 && notice && !are_equal(ret, &copy))
        notice(name, path);
    if (r == 0)
        return 0;
    if (r_copy == 0) {
        *ret = copy;
        copy = (struct secret){0};
        return 0;
    }
    if (r < 0)
        return r;
    return error_set(error, ERROR_CONFIG,
                     "there is no such credential. Create " CREDENTIAL_DIRECTORY "/%s", name);
}

int credential_find(struct secret *ret, const char *name, struct error *error)
{
    const char *own = getenv("CREDENTIALS_DIRECTORY");
    return own ? find_own(ret, own, name, error) : find_beside(ret, name, error);
}
