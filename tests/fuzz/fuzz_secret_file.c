/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/spapi/secret_seal.h"
#include "base/memory.h"
#include "spapi/secret_file.h"

/* The file with the client secret, as it may lie on a disk: refused, or whole and fit for a form.
 */

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_plain(const char *text, size_t size)
{
    require(size > 0 && size <= SECRET_FILE_WORD_MAX);
    for (size_t i = 0; i < size; i++)
        require(text[i] > 0x20 && text[i] < 0x7f);
}

/* The sealed form: nothing that is found there opens. */
static void open_sealed(const char *bytes, size_t size)
{
    struct secret key = {0}, opened = {0};
    if (!secret_seal_is(bytes, size))
        return;
    secret_set(&key, "configured", 10);
    require(secret_seal_open(&opened, bytes, size, &key) != 0);
    secret_clear(&key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct secret_file file;
    if (secret_file_parse(&file, (const char *)data, size) == 0) {
        require_plain(file.client_id, strlen(file.client_id));
        require_plain(file.secret.data, file.secret.size);
        require(file.issued_usec && !file.old.data == !file.old_expires_usec);
        if (file.old.data)
            require_plain(file.old.data, file.old.size);
    }
    secret_file_clear(&file);
    open_sealed((const char *)data, size);
    return 0;
}
