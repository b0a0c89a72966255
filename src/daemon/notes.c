/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "daemon.h"

static void free_note(struct note *note)
{
    free(note->section);
    free(note->name);
    free(note->key);
    free(note->value);
    free(note);
}

void daemon_note(struct daemon *d, const char *section, const char *name, const char *key,
                 const char *value)
{
    struct note **last = &d->notes;
    while (*last)
        last = &(*last)->next;
    *last = NEW(struct note);
    **last = (struct note){
        .section = memory_string(section),
        .name = memory_string(name),
        .key = memory_string(key),
        .value = memory_string(value),
    };
    turn_request(d->turn);
}

/* Notes stay until the commit is certain: daemon_drop_notes. */
int daemon_write_notes(struct daemon *d, struct store *store)
{
    int r = 0;
    for (const struct note *n = d->notes; n && !r; n = n->next)
        r = store_set_fact(store, n->section, n->name, n->key, n->value);
    return r;
}

void daemon_drop_notes(struct daemon *d)
{
    while (d->notes) {
        struct note *note = d->notes;
        d->notes = note->next;
        free_note(note);
    }
}
