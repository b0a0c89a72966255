/* SPDX-License-Identifier: MIT */
/* The access token of a forwarder whose webhook wants one. Due deliveries wait for the token in the
 * store, and so do deliveries that were refused with an old token. While no token can be had,
 * nothing is sent. */
#include "base/clock.h"
#include "base/text.h"
#include "forwarder_private.h"
#include "journal/events.h"

void token_init(struct token_state *token, const struct access_token_options *options)
{
    access_token_init(&token->token, options);
}

void token_end(struct token_state *token)
{
    access_token_end(&token->token);
}

bool token_is_good(const struct token_state *token)
{
    return access_token_is_good(&token->token);
}

bool token_is_asked(const struct token_state *token)
{
    return access_token_is_asked(&token->token);
}

uint64_t token_serial(const struct token_state *token)
{
    return access_token_serial(&token->token);
}

uint64_t token_overdue_usec(const struct token_state *token)
{
    return access_token_overdue_usec(&token->token);
}

bool token_authorize(struct token_state *token)
{
    if (access_token_is_good(&token->token))
        return true;
    access_token_ask(&token->token);
    return false;
}

void token_want(struct token_state *token, bool wanted)
{
    token->wanted = wanted;
}

void token_ask_if_wanted(struct token_state *token, bool stopping)
{
    if (token->wanted && !stopping)
        access_token_ask(&token->token);
    token->wanted = false;
}

bool token_replaces(struct token_state *token, const struct attempt *attempt,
                    const struct http_answer *answer)
{
    return access_token_is_wanted(&token->token) && answer->error.kind == ERROR_NONE &&
           answer->status == 401 && access_token_refuse(&token->token, attempt->token);
}

void token_follow(struct token_state *token, const struct token_state *other)
{
    access_token_follow(&token->token, &other->token);
    token->error = other->error;
    token->failed_usec = other->failed_usec;
}

/* ---- the token endpoint has answered ---- */

static void report_failure(struct token_state *token, const char *webhook,
                           const struct error *error)
{
    const struct error *before = &token->error;
    bool known = before->kind == error->kind && before->status == error->status &&
                 text_equal(before->code, error->code);
    if (before->kind == ERROR_NONE)
        token->failed_usec = clock_boot_usec();
    token->error = *error;
    if (!known)
        event_token_failed(webhook, error);
}

static void report_success(struct token_state *token, const char *webhook)
{
    if (token->error.kind != ERROR_NONE)
        event_token_works_again(webhook, clock_boot_usec() - token->failed_usec);
    token->error.kind = ERROR_NONE;
}

void token_report(struct token_state *token, const char *webhook, const struct error *error)
{
    if (error)
        report_failure(token, webhook, error);
    else
        report_success(token, webhook);
}
