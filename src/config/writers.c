/* SPDX-License-Identifier: MIT */
/* Users who can write the configuration can run commands as the daemon and decide where orders
 * go. */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "draft.h"

/* Whether the path is on a read-only mount. A container's configuration is mounted read-only, often
 * with modes that are wide open. systemd makes /etc read-only for a service only, so there the
 * modes count. */
static bool is_read_only(const char *path)
{
    struct statvfs is;
    return !getenv("INVOCATION_ID") && statvfs(path, &is) == 0 && (is.f_flag & ST_RDONLY) != 0;
}

/* Whether the user is root or the daemon's user. The state directory belongs to the daemon's user,
 * also if another user runs the command. */
static bool is_trusted(uid_t user, const struct config *config)
{
    struct stat state;
    return user == 0 || user == geteuid() ||
           (stat(config->state_directory, &state) == 0 && user == state.st_uid);
}

static char *user_name(uid_t id)
{
    const struct passwd *user = getpwuid(id);
    return user ? memory_string(user->pw_name) : memory_format("%u", id);
}

static char *group_name(gid_t id)
{
    const struct group *group = getgrgid(id);
    return group ? memory_string(group->gr_name) : memory_format("%u", id);
}

/* Return the complaint about a file or directory; NULL: only root and the daemon's user can write
 * it. The caller frees it. */
static char *find_writer(const struct stat *is, const char *path, const struct config *config)
{
    AUTOFREE char *user = user_name(is->st_uid), *group = group_name(is->st_gid);
    const char *what = S_ISDIR(is->st_mode) ? "directory" : "file";
    if (!is_trusted(is->st_uid, config))
        return memory_format("this %s belongs to %s, who is neither root nor the daemon's user: "
                             "chown root %s",
                             what, user, path);
    /* In a sticky directory such as /tmp, users cannot replace files of others. */
    if (S_ISDIR(is->st_mode) && is->st_mode & S_ISVTX)
        return NULL;
    if (is->st_mode & S_IWOTH)
        return memory_format("every user can write this %s: chmod go-w %s", what, path);
    if (is->st_mode & S_IWGRP && is->st_gid != 0)
        return memory_format("the group %s can write this %s: chmod g-w %s", group, what, path);
    return NULL;
}

static void check_path(const struct config *config, const char *path,
                       struct config_findings *findings)
{
    struct stat is;
    if (stat(path, &is) < 0 || is_read_only(path))
        return;
    AUTOFREE char *text = find_writer(&is, path, config);
    if (text)
        findings_add(findings, false, &(struct config_place){path, 0}, NULL, text);
}

void config_check_writers(const struct config *config, struct config_findings *findings)
{
    AUTOFREE char *drop_ins = config_directory(config->path);
    const char *slash = strrchr(config->path, '/');
    AUTOFREE char *above = slash ? memory_format("%.*s/", (int)(slash - config->path), config->path)
                                 : memory_string("./");
    for (char **file = config->files; file && *file; file++)
        check_path(config, *file, findings);
    check_path(config, above, findings);
    check_path(config, drop_ins, findings);
}
