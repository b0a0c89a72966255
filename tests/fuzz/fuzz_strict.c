/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "notification/strict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The verdict on the bytes with something before and behind them. */
static size_t check_between(const char *before, const char *bytes, size_t size, const char *behind,
                            const char **ret_why)
{
    AUTOTEXT struct text around = {0};
    text_append_string(&around, before);
    text_append(&around, bytes, size);
    text_append_string(&around, behind);
    return strict_json_check(around.data, around.size, ret_why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data, *why = NULL;
    size_t wrong = strict_json_check(bytes, size, &why);
    if (wrong > size + 1 || (wrong && !why))
        abort();
    if (wrong) {
        /* What stands behind the wrong byte has no say in it. */
        if (wrong <= size && strict_json_check(bytes, wrong, NULL) != wrong)
            abort();
        return 0;
    }
    if (!text_is_utf8(bytes, size) || check_between(" \t", bytes, size, "\r\n", NULL))
        abort();
    /* It stays JSON inside of JSON, unless that makes it too deep. */
    if (check_between("{\"a\":[", bytes, size, "]}", &why) && strcmp(why, "nested too deeply") != 0)
        abort();
    return 0;
}
