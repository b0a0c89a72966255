/* SPDX-License-Identifier: MIT */
/* Files that the configuration names and that are missing, or that the service cannot use. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "config/keys.h"
#include "draft.h"

/* The check of one file: its purpose and its result. */
struct wish {
    const char *path;
    int mode; /* of access(2) */
    struct config_place place;
    char *key;
    bool warning;
    int why; /* errno; 0: it can be used */
};

struct wishes {
    struct wish *items;
    size_t count;
};

static void wish_for(struct wishes *wishes, const char *path, int mode, bool warning,
                     const struct config_place *place, const char *key)
{
    if (!path)
        return;
    wishes->items = memory_resize(wishes->items, wishes->count + 1, sizeof(*wishes->items));
    wishes->items[wishes->count++] = (struct wish){
        .path = path, .mode = mode, .place = *place, .key = memory_string(key), .warning = warning};
}

static void wish_for_secret(const struct config_secret *secret, const char *key, void *userdata)
{
    (void)key;
    if (text_starts(secret->reference, "file:"))
        wish_for(userdata, secret->reference + strlen("file:"), R_OK, false, &secret->place,
                 secret->label);
}

static void wish_for_certificates(struct wishes *wishes, const struct config_webhook *webhook)
{
    const struct {
        const char *key, *path;
    } files[] = {
        {"ca_file", webhook->ca_file},
        {"oauth_ca_file", webhook->oauth_ca_file},
        {"client_certificate", webhook->client_certificate},
        {"client_key", webhook->client_key},
    };
    for (size_t i = 0; i < ELEMENTS(files); i++) {
        AUTOFREE char *key = memory_format("[webhook %s] %s", webhook->name, files[i].key);
        wish_for(wishes, files[i].path, R_OK, true, &webhook->place, key);
    }
}

/* Become the user, check all files and write the results. For a child process. */
_Noreturn static void try_as(const struct passwd *user, const struct wishes *wishes, int fd)
{
    if (initgroups(user->pw_name, user->pw_gid) < 0 || setgid(user->pw_gid) < 0 ||
        setuid(user->pw_uid) < 0)
        _exit(1);
    for (size_t i = 0; i < wishes->count; i++) {
        int why = access(wishes->items[i].path, wishes->items[i].mode) < 0 ? errno : 0;
        if (write(fd, &why, sizeof(why)) != (ssize_t)sizeof(why))
            _exit(1);
    }
    _exit(0);
}

/* Fill in the result of each wish, as seen by that user. False: the check cannot be made. */
static bool look_as(const char *name, struct wishes *wishes)
{
    const struct passwd *user = getpwnam(name);
    int ends[2], status;
    size_t read_so_far = 0;
    if (!user || pipe(ends) < 0)
        return false;
    pid_t child = fork();
    if (child == 0)
        try_as(user, wishes, ends[1]);
    close(ends[1]);
    while (child > 0 && read_so_far < wishes->count &&
           read(ends[0], &wishes->items[read_so_far].why, sizeof(int)) == (ssize_t)sizeof(int))
        read_so_far++;
    close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return read_so_far == wishes->count;
}

static void complain(struct config_findings *findings, const struct wish *wish, const char *user)
{
    AUTOFREE char *text = NULL;
    const char *verb = wish->mode & X_OK && !(wish->mode & R_OK) ? "run" : "read";
    if (wish->why == EACCES)
        text = memory_format("the service's user %s cannot %s %s: Permission denied. Give the file "
                             "and its directories to the group %s (chgrp, chmod g+rX)",
                             user, verb, wish->path, user);
    else
        text = memory_format("the service's user %s cannot %s %s: %s", user, verb, wish->path,
                             strerror(wish->why));
    findings_add(findings, wish->warning, &wish->place, wish->key, text);
}

void config_check_reach(const struct config *config, const char *user,
                        struct config_findings *findings)
{
    struct wishes wishes = {0};
    for (char **file = config->files; file && *file; file++)
        wish_for(&wishes, *file, R_OK, false, &(struct config_place){*file, 0}, NULL);
    AUTOFREE char *directory = config_directory(config->path);
    wish_for(&wishes, directory, R_OK | X_OK, false, &(struct config_place){directory, 0}, NULL);
    config_each_secret(config, wish_for_secret, &wishes);
    for (size_t i = 0; i < config->n_webhooks; i++)
        wish_for_certificates(&wishes, &config->webhooks[i]);
    if (config->alarm_command)
        wish_for(&wishes, config->alarm_command[0], X_OK, true,
                 &config_find_value(config, "[alarm]", "command")->place, "[alarm] command");
    if (look_as(user, &wishes))
        for (size_t i = 0; i < wishes.count; i++)
            if (wishes.items[i].why && wishes.items[i].why != ENOENT)
                complain(findings, &wishes.items[i], user);
    for (size_t i = 0; i < wishes.count; i++)
        free(wishes.items[i].key);
    free(wishes.items);
}

/* ---- checks that every user can make ---- */

static void check_command(const struct config *config, struct config_findings *findings)
{
    const struct config_value *value = config_find_value(config, "[alarm]", "command");
    if (!config->alarm_command || access(config->alarm_command[0], F_OK) == 0 || errno != ENOENT)
        return;
    AUTOFREE char *text =
        memory_format("%s does not exist: no alarm can be sent by it", config->alarm_command[0]);
    findings_add(findings, true, &value->place, "[alarm] command", text);
}

void config_check_machine(const struct config *config, struct config_findings *findings)
{
    struct stat is;
    const struct config_value *value = config_find_value(config, "[daemon]", "state_directory");
    check_command(config, findings);
    if (!value || stat(config->state_directory, &is) == 0 || errno != ENOENT)
        return;
    AUTOFREE char *text = memory_format("%s does not exist. Create it for the daemon's user, or "
                                        "leave the key out: the service uses /var/lib/dockbell",
                                        config->state_directory);
    findings_add(findings, false, &value->place, "[daemon] state_directory", text);
}
