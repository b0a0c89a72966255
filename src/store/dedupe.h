/* SPDX-License-Identifier: MIT */
#ifndef STORE_DEDUPE_H
#define STORE_DEDUPE_H

#include <stddef.h>
#include <stdint.h>

struct store;

/*
 * Which notifications are known, by key. Its own file because it is the store's largest cost with a
 * long history (a random page per notification) and may one day be kept in memory and merged later.
 */
#define DEDUPE_KEY_SIZE 16

/* The key of an id; with a payload's hash that of an id conflict, which is known as itself. NULL:
 * none. */
void dedupe_key(unsigned char out[DEDUPE_KEY_SIZE], const char *id,
                const unsigned char *payload_sha256);

/* Enters the key for a new notification. *ret_known: the one that has it already, 0 when it was
 * new. */
int dedupe_add(struct store *store, const unsigned char key[DEDUPE_KEY_SIZE], int64_t notification,
               int64_t *ret_known);

/* Forgets keys; sorts them first, which makes neighbours share pages (a quarter of the writes). */
int dedupe_forget(struct store *store, unsigned char (*keys)[DEDUPE_KEY_SIZE], size_t count);

#endif
