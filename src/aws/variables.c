/* SPDX-License-Identifier: MIT */
#include "aws/variables.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/secret.h"

/* Variables with secrets in them. The environment belongs to the process, and so does their
 * copy. */
static struct taken_variable {
    const char *name;
    struct secret value;
} taken[] = {
    {.name = "AWS_SECRET_ACCESS_KEY"},
    {.name = "AWS_SESSION_TOKEN"},
    {.name = "AWS_SECURITY_TOKEN"},
    {.name = "AWS_CONTAINER_AUTHORIZATION_TOKEN"},
};

const char *aws_variable(const char *name)
{
    char *value = getenv(name);
    for (size_t i = 0; i < ELEMENTS(taken); i++) {
        if (strcmp(taken[i].name, name) != 0)
            continue;
        if (!value)
            return taken[i].value.data;
        secret_set(&taken[i].value, value, strlen(value));
        /* /proc/PID/environ shows the memory, also after unsetenv. */
        explicit_bzero(value, strlen(value));
        (void)unsetenv(name);
        return taken[i].value.data;
    }
    return value;
}

void aws_variables_forget(void)
{
    for (size_t i = 0; i < ELEMENTS(taken); i++)
        secret_clear(&taken[i].value);
}
