/* SPDX-License-Identifier: MIT */
#include "base/process.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* The kernel's limit is 16 with the NUL (proc(5), /proc/PID/comm). */
#define NAME_MAX_SIZE 64

char *process_words(pid_t pid)
{
    char name[NAME_MAX_SIZE] = "";
    AUTOFREE char *path = memory_format("/proc/%d/comm", (int)pid);
    FILE *file = pid > 0 ? fopen(path, "re") : NULL;
    if (file) {
        if (!fgets(name, sizeof(name), file))
            name[0] = '\0';
        fclose(file);
    }
    name[strcspn(name, "\n")] = '\0';
    if (pid <= 0)
        return memory_string("another process");
    return name[0] ? memory_format("process %d (%s)", (int)pid, name)
                   : memory_format("process %d", (int)pid);
}
