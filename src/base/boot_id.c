/* SPDX-License-Identifier: MIT */
#include "base/boot_id.h"

#include <stdio.h>
#include <stdlib.h>

/* Set by the unit file, because a service with ProcSubset=pid does not see the file. */
#define VARIABLE  "DOCKBELL_BOOT_ID"
#define FILE_NAME "/proc/sys/kernel/random/boot_id"

static void copy_digits(char out[BOOT_ID_MAX], const char *text)
{
    size_t size = 0;
    for (; *text && size < BOOT_ID_MAX - 1; text++)
        if ((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'f'))
            out[size++] = *text;
    out[size] = '\0';
}

void boot_id_read(char out[BOOT_ID_MAX])
{
    char line[64] = "";
    const char *given = getenv(VARIABLE);
    if (given) {
        copy_digits(out, given);
        return;
    }
    FILE *file = fopen(FILE_NAME, "re");
    if (file && !fgets(line, sizeof(line), file))
        line[0] = '\0';
    if (file)
        fclose(file);
    copy_digits(out, line);
}
