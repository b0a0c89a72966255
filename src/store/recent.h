/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_RECENT_H
#define SRC_STORE_RECENT_H

#include <stddef.h>
#include <stdint.h>

#define DEDUPE_KEY_SIZE 16

/* The most keys in memory: with their slots, they take a megabyte. */
#define RECENT_MAX   32768
#define RECENT_SLOTS 65536 /* a power of two, twice RECENT_MAX: chains stay short */

struct recent_key {
    unsigned char key[DEDUPE_KEY_SIZE];
    int64_t notification; /* negative: forgotten since */
};

/* The keys of the newest notifications, in the order in which they came and by hash. A key is a
 * piece of a SHA-256, so its first bytes are the hash. */
struct recent {
    struct recent_key *keys;
    size_t count, room;
    uint32_t *slots; /* positions + 1; 0: free */
};

/* Return the notification of a key; 0: it is not here. */
int64_t recent_find(const struct recent *recent, const unsigned char key[DEDUPE_KEY_SIZE]);

/* Add a key that is not there. There must be room (RECENT_MAX). */
void recent_add(struct recent *recent, const unsigned char key[DEDUPE_KEY_SIZE],
                int64_t notification);

/* Forget a key, if it is there. */
void recent_forget(struct recent *recent, const unsigned char key[DEDUPE_KEY_SIZE]);

/* Return the first `count` keys as positions, in the order of the keys. Owned by the caller. */
uint32_t *recent_sort(const struct recent *recent, size_t count);

/* Drop the first `count` keys. */
void recent_drop(struct recent *recent, size_t count);

/* Drop all keys and free the memory. */
void recent_clear(struct recent *recent);

#endif
