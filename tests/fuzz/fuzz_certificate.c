/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include "wire/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Input: a file of certificates. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate_ends ends;
    struct error error = {0};
    int r = certificate_read((const char *)data, size, &ends, &error);
    if ((r == 0) != (error.text[0] == '\0') || ends.first_usec > ends.last_usec)
        abort();
    return 0;
}
