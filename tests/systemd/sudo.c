/* SPDX-License-Identifier: MIT */
/* In the machine of tests/systemd/guide: lets its administrator do what sudo would, without asking.
 * Installed set-user-ID root, and only there. */
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2 || setgroups(0, NULL) < 0 || setgid(0) < 0 || setuid(0) < 0)
        return 1;
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return 127;
}
