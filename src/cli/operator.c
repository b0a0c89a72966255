/* SPDX-License-Identifier: MIT */
#include "operator.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"

/* Bytes of a user's name that are recorded. */
#define NAME_MAX_SHOWN 64

/* Return the user who has logged in, also after sudo(8) and su(1). The kernel keeps it
 * (proc_pid_loginuid(5)). -1 if nobody has logged in, or if this kernel does not have it. */
static int64_t login_uid(void)
{
    unsigned uid = UINT32_MAX;
    FILE *file = fopen("/proc/self/loginuid", "re");
    if (!file)
        return -1;
    int found = fscanf(file, "%u", &uid);
    fclose(file);
    return found == 1 && uid != UINT32_MAX ? (int64_t)uid : -1;
}

static void append_user(struct text *out, uid_t uid)
{
    const struct passwd *user = getpwuid(uid);
    if (user)
        text_append_string(out, user->pw_name);
    else
        text_appendf(out, "user %u", (unsigned)uid);
}

/* Write "login of anna", or the user that sudo names, which root can forge. Write nothing if
 * neither of them is more than the uid. */
static void describe(struct text *out)
{
    const char *sudo = getenv("SUDO_USER");
    int64_t login = login_uid();
    if (login >= 0 && (uid_t)login != getuid()) {
        text_append_string(out, "login of ");
        append_user(out, (uid_t)login);
    } else if (getuid() == 0 && sudo && *sudo) {
        text_append_string(out, "sudo by ");
        text_append_escaped(out, sudo, strlen(sudo), NAME_MAX_SHOWN);
    }
}

void operator_audit(const char *verb, const char *target, uint64_t deliveries)
{
    AUTOTEXT struct text person = {0};
    describe(&person);
    event_operated(verb, target, deliveries, getuid(), person.data);
}

void operator_audit_read(const char *command, const char *target)
{
    AUTOTEXT struct text person = {0};
    describe(&person);
    event_data_read(command, target, getuid(), person.data);
}

void operator_audit_forgotten(const char *reference, uint64_t notifications)
{
    AUTOTEXT struct text person = {0};
    describe(&person);
    event_order_forgotten(reference, notifications, getuid(), person.data);
}
