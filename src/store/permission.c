/* SPDX-License-Identifier: MIT */
#include "permission.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/memory.h"

/* Return a user's name or number. The caller owns it. */
static char *user_words(uid_t uid)
{
    const struct passwd *user = getpwuid(uid);
    return user ? memory_string(user->pw_name) : memory_format("uid %u", (unsigned)uid);
}

static char *explain(const char *path)
{
    struct stat info;
    if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0 || errno != EACCES)
        return NULL;
    if (stat(path, &info) < 0)
        return NULL;
    AUTOFREE char *owner = user_words(info.st_uid), *me = user_words(geteuid());
    if (info.st_uid != geteuid())
        return memory_format("%s belongs to %s (mode %03o), and %s may not write it. Give it to "
                             "the user of the service: chown dockbell:dockbell %s",
                             path, owner, (unsigned)info.st_mode & 0777, me, path);
    return memory_format("%s may not write %s (mode %03o): chmod 600 %s", me, path,
                         (unsigned)info.st_mode & 0777, path);
}

static char *explain_disk(const char *database)
{
    struct disk disk;
    if (disk_look(database, &disk) < 0 || (!disk.read_only && !disk.closed))
        return NULL;
    return memory_format("%s cannot be written: the file system%s%s is read-only%s", database,
                         disk.source[0] ? " " : "", disk.source,
                         disk.closed ? " for this process" : "");
}

char *permission_explain(const char *database)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char *words = explain_disk(database);
    for (size_t i = 0; i < ELEMENTS(ends) && !words; i++) {
        AUTOFREE char *path = memory_format("%s%s", database, ends[i]);
        words = explain(path);
    }
    return words;
}
