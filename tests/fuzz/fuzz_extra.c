/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "webhook/extra.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* What a header line must never be, whatever a config or a secret's file holds: two lines, or one
 * that frames the request. */
static void check_line(const struct secret *line)
{
    static const char *const framing[] = {
        "content-length:", "transfer-encoding:", "host:", "connection:", "webhook-", "dockbell-"};
    const char *colon = strstr(line->data, ": ");
    must(colon && colon > line->data && strlen(line->data) == line->size);
    must(strcspn(line->data, ": \t") == (size_t)(colon - line->data));
    for (size_t i = 0; i < line->size; i++)
        must(line->data[i] == '\t' || (line->data[i] >= ' ' && line->data[i] <= '~'));
    for (size_t i = 0; i < ELEMENTS(framing); i++)
        must(strncasecmp(line->data, framing[i], strlen(framing[i])) != 0);
    must(!strchr(" \t", line->data[line->size - 1]) && !strchr(" \t", colon[2]));
}

/* Input: a name, a line end, a value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t name_size = end ? (size_t)(end - data) : size;
    AUTOFREE char *name = memory_copy(data, name_size);
    CLEANUP(secret_clear) struct secret value = {0};
    CLEANUP(webhook_extra_clear) struct webhook_extra extra = {0};
    struct error error;
    secret_set(&value, end ? end + 1 : data, end ? size - name_size - 1 : 0);
    bool added = webhook_extra_add(&extra, name, &value, &error) == 0;
    must(extra.count == added);
    if (added)
        check_line(&extra.lines[0]);
    return 0;
}
