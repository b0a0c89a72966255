/* SPDX-License-Identifier: MIT */
#include "deliver/access_token.h"

#include <string.h>

#include "base/clock.h"

void access_token_init(struct access_token *token, const struct access_token_options *options)
{
    *token = (struct access_token){.options = *options};
}

void access_token_end(struct access_token *token)
{
    http_cancel(token->slot);
    token->slot = NULL;
    webhook_oauth_request_clear(&token->request);
}

bool access_token_is_wanted(const struct access_token *token)
{
    return token->options.auth->oauth.url;
}

bool access_token_is_good(const struct access_token *token)
{
    return !access_token_is_wanted(token) || clock_boot_usec() < token->expires_boot_usec;
}

bool access_token_is_asked(const struct access_token *token)
{
    return token->slot;
}

uint64_t access_token_use_usec(const struct access_token *token)
{
    uint64_t now = clock_boot_usec();
    return now < token->expires_boot_usec ? token->expires_boot_usec - now : 0;
}

uint64_t access_token_serial(const struct access_token *token)
{
    return token->serial;
}

/* ---- the request ---- */

static int keep(struct access_token *token, const struct http_answer *answer, struct error *error)
{
    struct webhook_auth *auth = token->options.auth;
    CLEANUP(secret_clear) struct secret value = {0};
    uint64_t use_s;
    int r = webhook_oauth_read(&auth->oauth, token->options.webhook, answer, clock_trusted_usec(),
                               &value, &use_s, error);
    if (r == 0)
        r = webhook_auth_bearer(auth, &value, error);
    if (r)
        return r;
    token->serial++;
    token->expires_boot_usec = token->asked_boot_usec + use_s * USEC_PER_SEC;
    return 0;
}

/* Called by the http client when the request has ended, with an answer or an error. */
static void on_answer(struct http_answer *answer, void *userdata)
{
    struct access_token *token = userdata;
    struct error error = {0};
    token->slot = NULL;
    webhook_oauth_request_clear(&token->request);
    int r = keep(token, answer, &error);
    if (answer->body)
        explicit_bzero(answer->body, answer->body_size);
    token->options.done(r ? &error : NULL, token->options.userdata);
}

static int start(struct access_token *token, struct error *error)
{
    const struct webhook_oauth *oauth = &token->options.auth->oauth;
    int r = webhook_oauth_build(&token->request, oauth, error);
    if (r)
        return r;
    const struct http_request request = {
        .url = oauth->url,
        .headers = token->request.headers,
        .transport = token->options.transport,
        .body = token->request.body.data,
        .body_size = token->request.body.size,
        .timeout_ms = token->options.timeout_usec / USEC_PER_MSEC,
        .answer_limit = OAUTH_ANSWER_MAX,
        .secret = true,
    };
    token->asked_boot_usec = clock_boot_usec();
    r = http_call(token->options.http, &request, on_answer, token, &token->slot);
    return r < 0 ? error_set(error, ERROR_CONFIG,
                             "the request for a token could not be started: %s", strerror(-r))
                 : 0;
}

void access_token_ask(struct access_token *token)
{
    struct error error;
    if (token->slot || start(token, &error) == 0)
        return;
    webhook_oauth_request_clear(&token->request);
    token->options.done(&error, token->options.userdata);
}

/* ---- refusals, reload, overdue requests ---- */

bool access_token_refuse(struct access_token *token, uint64_t serial)
{
    uint64_t now = clock_boot_usec();
    if (token->slot || serial != token->serial)
        return true;
    if (token->refused_boot_usec && now - token->refused_boot_usec < ACCESS_TOKEN_REFUSED_USEC)
        return false;
    token->refused_boot_usec = now;
    token->expires_boot_usec = 0;
    return true;
}

void access_token_follow(struct access_token *token, const struct access_token *other)
{
    struct webhook_auth *auth = token->options.auth;
    const struct webhook_auth *others = other->options.auth;
    if (!auth->oauth.url || !webhook_oauth_equal(&auth->oauth, &others->oauth) ||
        !others->authorization.data)
        return;
    secret_set(&auth->authorization, others->authorization.data, others->authorization.size);
    token->serial = other->serial;
    token->expires_boot_usec = other->expires_boot_usec;
    token->refused_boot_usec = other->refused_boot_usec;
}

uint64_t access_token_overdue_usec(const struct access_token *token)
{
    uint64_t now = clock_boot_usec(), due = token->asked_boot_usec + token->options.timeout_usec;
    return token->slot && now > due ? now - due : 0;
}
