/* SPDX-License-Identifier: MIT */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "base/seal.h"
#include "store/store.h"

/*
 * Encryption at rest: bodies, their prefixes, raw bodies and kept answers are sealed (base/seal.h)
 * as long as the store has a key that seals. Each value names its key, so values of several keys
 * and plain ones stand side by side: docs/decisions/0032-encryption-at-rest.md.
 */
#define STORE_KEYS_MAX 4

/* The purpose of these keys, for seal_key_parse. */
#define STORE_KEY_PURPOSE "dockbell store 1"

struct store_keys {
    struct seal_key *keys[STORE_KEYS_MAX];
    size_t count;
    bool closes; /* the first one seals what is written; else all only open */
};
void store_keys_clear(struct store_keys *keys);

/* Gives the store its keys, which it takes over; right after store_open. Without this call it has
 * none. For STORE_DAEMON, 0 means that the store has no value whose key is not among them. Else
 * STORE_KEYLESS, and store_why names the missing key. Other openers may lack keys: STORE_KEYLESS
 * comes from those verbs that need one. */
int store_use_keys(struct store *store, struct store_keys *keys);

/* Calls `each` for every key that values of the store were sealed with since it was last resealed;
 * `at_hand`: the store has it. */
int store_each_key(struct store *store, void (*each)(const char *id, bool at_hand, void *userdata),
                   void *userdata);

/* Opens every sealed value whose key is at hand, and calls `problem` for each that is damaged. */
int store_check_seals(struct store *store, void (*problem)(const char *text, void *userdata),
                      void *userdata);

struct store_resealed {
    uint64_t values;        /* that were changed */
    uint64_t damaged;       /* that did not open, and never will again */
    uint64_t before, after; /* size of the database */
};

/* Called now and then, with the share that is done, in percent. */
typedef void (*store_progress_fn)(unsigned percent, void *userdata);

/* Seals every value with the first key (`keys->closes`), or makes every value plain; then builds
 * the database anew, as store_clean does, so that nothing is left of the former bytes. Takes the
 * keys over. Only while no daemon runs: the caller holds its lock. It works in small transactions:
 * one that was killed goes on where it was. 0, STORE_KEYLESS before anything is changed, or what
 * store_open and store_clean return, with the reason in *error. */
int store_reseal(const char *directory, struct store_keys *keys, store_progress_fn progress,
                 void *userdata, struct store_resealed *ret, struct error *error);

#endif
