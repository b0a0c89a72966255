/* SPDX-License-Identifier: MIT */
#include "journal/ids.h"

#include "journal/fields.h"

const struct journal_id_row *journal_id(enum journal_id id)
{
    static const struct journal_id_row rows[JOURNAL_ID_COUNT] = {
#define X(name, text, level, id128, subject) [ID_##name] = {text, level, id128, subject},
        JOURNAL_IDS(X)
#undef X
    };
    return &rows[id];
}

const char *journal_field_name(enum journal_field field)
{
    static const char *const names[JOURNAL_FIELD_COUNT] = {
#define X(name, text) [FIELD_##name] = (text),
        JOURNAL_FIELDS(X)
#undef X
    };
    return names[field];
}
