/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profile_file.h"
#include "base/text.h"
#include "must.h"

/* Whatever stands in an AWS config or credentials file: it is taken or refused, and a refusal has a
 * text with the path in front. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {"aws_access_key_id", "role_arn", "credential_process", ""};
    const char *bytes = (const char *)data;
    for (enum profile_file_kind kind = PROFILE_FILE_CONFIG; kind <= PROFILE_FILE_CREDENTIALS;
         kind++) {
        struct profile_file *file = NULL;
        struct error error = {0};
        if (profile_file_parse(&file, kind, "/f", bytes, size, &error) < 0) {
            must(!file && error.kind == ERROR_CONFIG && text_starts(error.text, "/f:"));
            continue;
        }
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
            const char *value = profile_file_get(file, "default", keys[i]);
            must(!value || (profile_file_has(file, "default") && strlen(value) <= size));
        }
        profile_file_free(file);
    }
    return 0;
}
