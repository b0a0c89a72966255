/* SPDX-License-Identifier: MIT */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "base/seal.h"
#include "store/store.h"

/*
 * Encryption at rest: while the store has a key that seals, bodies, their prefixes, raw bodies and
 * kept answers are sealed (base/seal.h). Each value names its key, so values of several keys and
 * plain ones stand side by side: docs/decisions/0032-encryption-at-rest.md.
 */
#define STORE_KEYS_MAX 4

/* The purpose of these keys, for seal_key_parse. */
#define STORE_KEY_PURPOSE "dockbell store 1"

struct store_keys {
    struct seal_key *keys[STORE_KEYS_MAX];
    size_t count;
    bool closes; /* the first one seals written values; else all only open */
};

/* Free the keys. */
void store_keys_clear(struct store_keys *keys);

/* Give the store its keys and hand them over; right after store_open. Without this call it has
 * none. For STORE_DAEMON, 0 means that the store has no value whose key is not among them. Else
 * STORE_KEYLESS, and store_why names the missing key. Other openers may lack keys: STORE_KEYLESS
 * comes from those verbs that need one. */
int store_use_keys(struct store *store, struct store_keys *keys);

/* Call `each` for every key with which values of the store were sealed since it was last resealed;
 * `at_hand`: the store has the key. */
int store_each_key(struct store *store, void (*each)(const char *id, bool at_hand, void *userdata),
                   void *userdata);

/* Open every sealed value whose key is at hand, and call `problem` for each damaged one. */
int store_check_seals(struct store *store, void (*problem)(const char *text, void *userdata),
                      void *userdata);

struct store_resealed {
    uint64_t values;        /* that were changed */
    uint64_t damaged;       /* that did not open, and never will again */
    uint64_t before, after; /* size of the database */
};

/* Called now and then, with the part that is done, in percent. */
typedef void (*store_progress_fn)(unsigned percent, void *userdata);

/* Seal every value with the first key (`keys->closes`), or make every value plain. Then build the
 * database again, as store_clean does, so that nothing is left of the former bytes. The keys are
 * handed over. Only while no daemon runs: the caller holds its lock. It works in small
 * transactions: if it was killed, the next call continues at the same place. 0, STORE_KEYLESS
 * before anything is changed, or the result of store_open or store_clean, with the reason in
 * *error. */
int store_reseal(const char *directory, struct store_keys *keys, store_progress_fn progress,
                 void *userdata, struct store_resealed *ret, struct error *error);

#endif
