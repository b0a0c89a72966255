/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include "base/json.h"
#include "base/memory.h"

struct tally_row *tally_row(struct tally *tally, const char *op)
{
    for (size_t i = 0; i < tally->count; i++)
        if (tally->rows[i].op == op || text_equal(tally->rows[i].op, op))
            return &tally->rows[i];
    if (tally->count == ELEMENTS(tally->rows))
        return &tally->rows[tally->count - 1];
    struct tally_row *row = &tally->rows[tally->count++];
    *row = (struct tally_row){.op = op};
    return row;
}

void tally_write(const struct tally *tally, struct text *out)
{
    json_open(out, "calls", '{');
    for (size_t i = 0; i < tally->count; i++)
        json_number(out, tally->rows[i].op, (int64_t)tally->rows[i].calls);
    json_close(out, '}');
    json_open(out, "refused", '{');
    for (size_t i = 0; i < tally->count; i++)
        if (tally->rows[i].refused > 0)
            json_number(out, tally->rows[i].op, (int64_t)tally->rows[i].refused);
    json_close(out, '}');
}
