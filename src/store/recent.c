/* SPDX-License-Identifier: MIT */
#include "recent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static size_t slot_of(const unsigned char key[DEDUPE_KEY_SIZE])
{
    uint32_t hash;
    memcpy(&hash, key, sizeof(hash));
    return hash % RECENT_SLOTS;
}

static size_t after(size_t slot)
{
    return (slot + 1) % RECENT_SLOTS;
}

/* Return the entry of a key; NULL: it is not there, or forgotten. */
static struct recent_key *find(const struct recent *recent, const unsigned char *key)
{
    if (!recent->slots)
        return NULL;
    for (size_t slot = slot_of(key); recent->slots[slot]; slot = after(slot)) {
        struct recent_key *known = &recent->keys[recent->slots[slot] - 1];
        if (known->notification > 0 && memcmp(known->key, key, DEDUPE_KEY_SIZE) == 0)
            return known;
    }
    return NULL;
}

int64_t recent_find(const struct recent *recent, const unsigned char key[DEDUPE_KEY_SIZE])
{
    const struct recent_key *known = find(recent, key);
    return known ? known->notification : 0;
}

static void enter(struct recent *recent, size_t position)
{
    size_t slot = slot_of(recent->keys[position].key);
    while (recent->slots[slot])
        slot = after(slot);
    recent->slots[slot] = (uint32_t)position + 1;
}

void recent_add(struct recent *recent, const unsigned char key[DEDUPE_KEY_SIZE],
                int64_t notification)
{
    assert(recent->count < RECENT_MAX);
    if (!recent->slots)
        recent->slots = memory_new(RECENT_SLOTS * sizeof(*recent->slots));
    if (recent->count == recent->room) {
        recent->room = recent->room ? recent->room * 2 : 256;
        recent->keys = memory_resize(recent->keys, recent->room, sizeof(*recent->keys));
    }
    struct recent_key *added = &recent->keys[recent->count];
    memcpy(added->key, key, DEDUPE_KEY_SIZE);
    added->notification = notification;
    enter(recent, recent->count++);
}

void recent_forget(struct recent *recent, const unsigned char key[DEDUPE_KEY_SIZE])
{
    struct recent_key *known = find(recent, key);
    if (known)
        known->notification = -known->notification;
}

static int compare(const void *a, const void *b, void *userdata)
{
    const struct recent_key *keys = userdata;
    return memcmp(keys[*(const uint32_t *)a].key, keys[*(const uint32_t *)b].key, DEDUPE_KEY_SIZE);
}

uint32_t *recent_sort(const struct recent *recent, size_t count)
{
    uint32_t *order = memory_resize(NULL, count + 1, sizeof(*order));
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    if (count)
        qsort_r(order, count, sizeof(*order), compare, recent->keys);
    return order;
}

void recent_drop(struct recent *recent, size_t count)
{
    if (!count)
        return;
    recent->count -= count;
    memmove(recent->keys, recent->keys + count, recent->count * sizeof(*recent->keys));
    memset(recent->slots, 0, RECENT_SLOTS * sizeof(*recent->slots));
    for (size_t i = 0; i < recent->count; i++)
        enter(recent, i);
}

void recent_clear(struct recent *recent)
{
    free(recent->keys);
    free(recent->slots);
    *recent = (struct recent){0};
}
