/* SPDX-License-Identifier: MIT */
#ifndef WIRE_OAUTH_H
#define WIRE_OAUTH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

/*
 * What is said to a token endpoint of OAuth 2.0 (RFC 6749) and what it answers, as bytes: who is
 * asked, when and for whom is up to those who use it.
 */

#define OAUTH_ANSWER_MAX ((size_t)64 * 1024)
#define OAUTH_TOKEN_MAX  8192 /* bytes of an access token */

#define OAUTH_FORM_HEADER "Content-Type: application/x-www-form-urlencoded;charset=UTF-8"

/* What an error of RFC 6749, 5.2 means to the one who can mend it. */
struct oauth_meaning {
    const char *code; /* "invalid_client" */
    const char *text;
};

/* Whose answer it is, for the texts of errors. */
struct oauth_asker {
    const char *endpoint;                 /* "Login with Amazon" */
    const char *whom;                     /* "seller acme": for whom the token is */
    const struct oauth_meaning *meanings; /* ended by one without a code */
    const struct secret *hidden; /* an endpoint's own words that repeat it are not shown; NULL: none
                                  */
};

/* Appends a field to a form. What it carries may be secret: the caller reserves the form's memory
 * before, and wipes it. */
void oauth_form_add(struct text *form, const char *name, const char *bytes, size_t size);

/* Reads an answer of `status`. 0: *ret_token holds a bearer token that can stand in a header line,
 * *ret_lifetime_s its lifetime (0: not told); the caller clears it. Or -EIO with *error filled: its
 * kind (ERROR_CREDENTIALS when only a change of the configuration or at the endpoint helps), the
 * endpoint's word for it as code, and a text. No token in it, whatever was answered. */
int oauth_read(const char *bytes, size_t size, int status, const struct oauth_asker *asker,
               struct secret *ret_token, uint64_t *ret_lifetime_s, struct error *error);

/* How long a token of that lifetime is used: up to a minute before its end, as the request that it
 * goes with takes time too, or half its life when that is short. */
uint64_t oauth_use_s(uint64_t lifetime_s);

#endif
