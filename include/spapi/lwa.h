/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_LWA_H
#define SPAPI_LWA_H

#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/secret.h"
#include "wire/call_tally.h"
#include "wire/http.h"

/*
 * Login with Amazon: access tokens for SP-API, cached until a minute before they expire. At most
 * one request for the same token is under way, even if many callers wait for it.
 *
 * While client secrets are replaced, more than one may work: if LWA answers invalid_client, the
 * next one is tried, in their order. If LWA refuses the client or one seller's refresh token for
 * good, LWA is not asked again for LWA_REFUSED_USEC, unless secret or token change: callers get the
 * same error at once.
 */
struct lwa;
struct lwa_call;

#define LWA_ENDPOINT "https://api.amazon.com/auth/o2/token" /* one for all regions */

/* How long a refusal holds that only a change of the configuration, or at Amazon, can end. */
#define LWA_REFUSED_USEC (60 * 60 * 1000000ULL)
/* After this time with another secret than the first, the first is tried again. */
#define LWA_FALLBACK_USEC (30 * 60 * 1000000ULL)
#define LWA_SECRETS_MAX   3

/* LWA's answer about the application or a seller has changed, or is known for the first time. */
struct lwa_news {
    const char *seller;        /* NULL: the application */
    const struct error *error; /* refused for good; NULL: it works */
    size_t secret;             /* index of the secret that worked, if the application works */
};

struct lwa_options {
    sd_event *event;                    /* a reference is taken */
    struct http *http;                  /* borrowed until lwa_free */
    const char *endpoint;               /* NULL: LWA_ENDPOINT */
    const char *client_id;              /* copied, like the secret */
    const struct secret *client_secret; /* the first to be tried */
    const struct secret *fallbacks;     /* further ones, n_fallbacks of them; copied */
    size_t n_fallbacks;                 /* below LWA_SECRETS_MAX */
};

/* Called from the loop, once per change, before the affected calls are answered. */
typedef void (*lwa_news_fn)(const struct lwa_news *news, void *userdata);

/* Make a client. 0 or negative errno. */
int lwa_new(struct lwa **ret, const struct lwa_options *options);

/* Set the function that is notified of changes; NULL: none. */
void lwa_watch(struct lwa *lwa, lwa_news_fn changed, void *userdata);

/* Count requests from now on. The tally is borrowed until lwa_free. */
void lwa_count(struct lwa *lwa, struct call_tally *tally);

/* Call `each` for every token that is there and not forgotten: its seller (NULL: the application's
 * own, of the scope for grantless operations) and how long it is used (CLOCK_BOOTTIME), until a
 * minute before its end. */
void lwa_each_token(const struct lwa *lwa,
                    void (*each)(const char *seller, uint64_t until_boot_usec, void *userdata),
                    void *userdata);

/* Replace the client secrets, in the order in which they are tried: 1 to LWA_SECRETS_MAX, copied.
 * Refusals of the application are forgotten; tokens stay. */
void lwa_set_secrets(struct lwa *lwa, const struct secret *secrets, size_t count);

/* Free a client, end every call without its callback, and wipe the tokens. NULL is fine. */
void lwa_free(struct lwa *lwa);

/* The token is valid only inside the callback; NULL when error->kind is not ERROR_NONE.
 * ERROR_CREDENTIALS: the client's secret or the seller's refresh token was refused. Before it is
 * changed, further tries are useless. The text names cause and remedy. */
typedef void (*lwa_token_fn)(const char *token, const struct error *error, void *userdata);

/* Get the token for grantless operations (scope sellingpartnerapi::notifications). The callback is
 * called once, from the loop, also if the token is known already. ret_call may be NULL. 0 or
 * negative errno. */
int lwa_grantless(struct lwa *lwa, lwa_token_fn done, void *userdata, struct lwa_call **ret_call);

/* Get the token for replacing the client secret (scope
 * sellingpartnerapi::client_credential:rotation). As above. */
int lwa_rotation(struct lwa *lwa, lwa_token_fn done, void *userdata, struct lwa_call **ret_call);

/* Get the token of a seller, by the seller's refresh token (copied if it is needed longer).
 * `seller` is the name of the config section: the key of the cache, and named in errors. As
 * above. */
int lwa_seller(struct lwa *lwa, const char *seller, const struct secret *refresh_token,
               lwa_token_fn done, void *userdata, struct lwa_call **ret_call);

/* End a call without its callback. Other calls that wait for the same token are not affected. NULL
 * is fine. */
void lwa_cancel(struct lwa_call *call);

/* Drop a token that SP-API refused (expired, revoked), so that the next call gets a new one. If it
 * is not the current one, or NULL, nothing happens. */
void lwa_forget(struct lwa *lwa, const char *token);

#endif
