/* SPDX-License-Identifier: MIT */
#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Move an environment variable into a secret and wipe its value in the environment. */
static void take_variable(struct secret *ret, const char *name)
{
    char *value = getenv(name);
    if (!value || value[0] == '\0')
        return;
    secret_set(ret, value, strlen(value));
    explicit_bzero(value, strlen(value));
    unsetenv(name);
}

int aws_credentials_from_environment(struct aws_credentials *ret, struct error *error)
{
    const char *id = getenv("AWS_ACCESS_KEY_ID");
    struct aws_credentials found = {0};
    if (id && id[0])
        found.access_key_id = memory_string(id);
    take_variable(&found.secret_access_key, "AWS_SECRET_ACCESS_KEY");
    take_variable(&found.session_token, "AWS_SESSION_TOKEN");
    if (found.access_key_id && found.secret_access_key.data) {
        *ret = found;
        return 0;
    }
    bool half = found.access_key_id || found.secret_access_key.data;
    const char *missing = found.access_key_id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID";
    aws_credentials_clear(&found);
    if (!half)
        return 1;
    return error_set(error, ERROR_CONFIG,
                     "%s is missing in the environment while its counterpart is there", missing);
}

void aws_credentials_clear(struct aws_credentials *credentials)
{
    free(credentials->access_key_id);
    secret_clear(&credentials->secret_access_key);
    secret_clear(&credentials->session_token);
    *credentials = (struct aws_credentials){0};
}
