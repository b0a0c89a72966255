/* SPDX-License-Identifier: MIT */
#include "journal/alarms.h"

#include <string.h>

#include "base/memory.h"
#include "catalog_texts.h"

static const struct alarm_row rows[] = {
#define X(raised, field, kind, cleared) {ID_##raised, FIELD_##field, kind, ID_##cleared},
    ALARMS(X)
#undef X
};

const struct alarm_row *alarm_rows(size_t *ret_count)
{
    *ret_count = ELEMENTS(rows);
    return rows;
}

const struct alarm_row *alarm_row_find(const char *event)
{
    for (size_t i = 0; i < ELEMENTS(rows); i++)
        if (strcmp(journal_id(rows[i].raised_by)->name, event) == 0)
            return &rows[i];
    return NULL;
}

bool alarm_concerns(enum journal_id id)
{
    for (size_t i = 0; i < ELEMENTS(rows); i++)
        if (rows[i].raised_by == id || rows[i].cleared_by == id)
            return true;
    return false;
}

static const struct catalog_text *text_of(enum journal_id id)
{
    for (size_t i = 0; i < catalog_texts_count; i++)
        if (strcmp(catalog_texts[i].id, journal_id(id)->id) == 0)
            return &catalog_texts[i];
    return NULL;
}

const char *alarm_remedy(enum journal_id id)
{
    const struct catalog_text *text = text_of(id);
    return text ? text->remedy : NULL;
}

const char *alarm_next(enum journal_id id)
{
    const struct catalog_text *text = text_of(id);
    return text ? text->next : NULL;
}
