/* SPDX-License-Identifier: MIT */
#ifndef WIRE_OAUTH_H
#define WIRE_OAUTH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

/*
 * The requests to a token endpoint of OAuth 2.0 (RFC 6749) and its answers, as bytes. The callers
 * decide which endpoint to ask, when and for whom.
 */

#define OAUTH_ANSWER_MAX ((size_t)64 * 1024)
#define OAUTH_TOKEN_MAX  8192 /* bytes of an access token */

#define OAUTH_FORM_HEADER "Content-Type: application/x-www-form-urlencoded;charset=UTF-8"

/* The meaning of an error of RFC 6749, 5.2, for people who can repair it. */
struct oauth_meaning {
    const char *code; /* "invalid_client" */
    const char *text;
};

/* The source of an answer, for the texts of errors. */
struct oauth_asker {
    const char *endpoint;                 /* "Login with Amazon" */
    const char *whom;                     /* "seller acme": the owner of the token */
    const struct oauth_meaning *meanings; /* ended by one without a code */
    /* If the endpoint's own words repeat this secret, they are not shown; NULL: none. */
    const struct secret *hidden;
};

/* Append a field to a form. The field may be secret: the caller reserves the form's memory before,
 * and wipes it. */
void oauth_form_add(struct text *form, const char *name, const char *bytes, size_t size);

/* Read an answer of `status`. 0: *ret_token holds a bearer token that can be part of a header line,
 * *ret_lifetime_s its lifetime (0: not given); the caller clears it. Or -EIO with *error filled:
 * its kind (ERROR_CREDENTIALS if only a change of the configuration or at the endpoint helps), the
 * endpoint's word for it as code, and a text, which never contains a token. */
int oauth_read(const char *bytes, size_t size, int status, const struct oauth_asker *asker,
               struct secret *ret_token, uint64_t *ret_lifetime_s, struct error *error);

/* Return how long a token of that lifetime is used: up to a minute before its end, because the
 * request with it takes time too, or half its lifetime if that is short. */
uint64_t oauth_use_s(uint64_t lifetime_s);

#endif
