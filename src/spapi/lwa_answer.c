/* SPDX-License-Identifier: MIT */
#include "lwa_answer.h"

#include "base/memory.h"

/* LWA's errors (RFC 6749, 5.2) and their meaning for the operator. */
static const struct oauth_meaning meanings[] = {
    {"invalid_client",
     "client_id or client_secret is wrong, or the secret has expired: put the application's "
     "current secret into the config"},
    {"invalid_grant",
     "the refresh token is wrong or the seller has revoked it: let the seller authorise the "
     "application again and put the new refresh_token into the config"},
    {"unauthorized_client",
     "the refresh token belongs to another application: client_id and refresh_token must be of the "
     "same one"},
    {NULL, NULL},
};

int lwa_answer_parse(const char *bytes, size_t size, int status, const char *seller,
                     struct secret *ret_token, uint64_t *ret_lifetime_s, struct error *error)
{
    AUTOFREE char *whom =
        seller ? memory_format("seller %s", seller) : memory_string("the application");
    const struct oauth_asker asker = {
        .endpoint = "Login with Amazon",
        .whom = whom,
        .meanings = meanings,
    };
    return oauth_read(bytes, size, status, &asker, ret_token, ret_lifetime_s, error);
}
