/* SPDX-License-Identifier: MIT */
#include "held.h"

#include <stdlib.h>

void held_begin(struct held *held)
{
    *held = (struct held){.output = stdout};
    held->memory = open_memstream(&held->bytes, &held->size);
    if (!held->memory)
        abort();           /* no memory: docs/decisions/0003-out-of-memory.md */
    stdout = held->memory; /* a variable in the GNU C library */
}

void held_end(struct held *held)
{
    fclose(held->memory);
    stdout = held->output;
    fwrite(held->bytes, 1, held->size, stdout);
    free(held->bytes);
}
