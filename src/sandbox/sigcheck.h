/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_SIGCHECK_H
#define SRC_SANDBOX_SIGCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * The check of Signature Version 4 in the Authorization header, as AWS does it. If the signature is
 * wrong, the reason is in AWS's words.
 */
struct sigcheck_key {
    const char *id, *secret;
    const char *session_token; /* the only session token allowed; NULL: none */
    bool token_required;
};

#define SIGCHECK_CACHE 8 /* signing keys kept: one per key, day, region and service */

struct sigcheck_signing_key {
    char scope[128];            /* key id, date, region and service; "": free */
    struct evp_mac_ctx_st *mac; /* HMAC-SHA256 under the signing key */
};

struct sigcheck {
    const struct sigcheck_key *keys;
    size_t key_count;
    const char *region, *service;
    struct sigcheck_signing_key cache[SIGCHECK_CACHE];
    unsigned cache_next;
    struct text canonical, to_sign; /* kept for their memory */
};

enum sigcheck_result {
    SIGCHECK_OK,
    SIGCHECK_MISSING,    /* MissingAuthenticationToken */
    SIGCHECK_INCOMPLETE, /* IncompleteSignature */
    SIGCHECK_UNKNOWN,    /* InvalidClientTokenId */
    SIGCHECK_MISMATCH,   /* SignatureDoesNotMatch, also for a date out of range */
};

struct sigcheck_request {
    const char *method;
    const char *target;                                      /* path and query as they were sent */
    const char *(*header)(void *userdata, const char *name); /* name in lower case; NULL: absent */
    void *userdata;
    const void *body;
    size_t body_size;
};

/* Check a request at the server's time. If the result is not SIGCHECK_OK, `why` holds
 * AWS's message. */
enum sigcheck_result sigcheck_verify(struct sigcheck *check, const struct sigcheck_request *request,
                                     uint64_t now_wall_usec, struct text *why);

/* Free the cached keys and texts. */
void sigcheck_clear(struct sigcheck *check);

#endif
