/* SPDX-License-Identifier: MIT */
#include "lwa.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "form.h"
#include "identity.h"
#include "rng.h"

#define LWA_TYPE       "application/json;charset=UTF-8"
#define FORM_TYPE      "application/x-www-form-urlencoded"
#define SCOPE_NOTIFY   "sellingpartnerapi::notifications"
#define SCOPE_ROTATION "sellingpartnerapi::client_credential:rotation"

void lwa_init(struct lwa *lwa, struct call_office *office)
{
    *lwa = (struct lwa){.office = office, .secret = IDENTITY_CLIENT_SECRET};
}

static void refuse(struct call *call, int status, const char *error, const char *description)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "error", error);
    json_string(&out, "error_description", description);
    json_close(&out, '}');
    call_answer(call, status, LWA_TYPE, out.data, out.size);
}

static void refuse_fault(struct call *call, enum fault_kind kind)
{
    switch (kind) {
    case FAULT_ERROR_503:
        refuse(call, 503, "temporarily_unavailable", "The service is temporarily unavailable");
        break;
    case FAULT_THROTTLE:
        refuse(call, 429, "temporarily_unavailable", "Too many requests");
        break;
    case FAULT_ACCESS_DENIED:
        refuse(call, 400, "access_denied", "The request was denied");
        break;
    case FAULT_INVALID_CLIENT:
        refuse(call, 401, "invalid_client", "Client authentication failed");
        break;
    case FAULT_UNAUTHORIZED_CLIENT:
        refuse(call, 400, "unauthorized_client", "Not authorized for requested operation");
        break;
    case FAULT_INVALID_GRANT:
    case FAULT_EXPIRED_TOKEN:
        refuse(call, 400, "invalid_grant",
               "The request has an invalid grant parameter : refresh_token");
        break;
    default:
        refuse(call, 500, "server_error",
               "The authorization server encountered an unexpected error");
    }
}

/* Append characters that cannot be guessed, and a NUL. */
static void append_random(char *at, size_t count)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t state;
    if (getrandom(&state, sizeof(state), 0) != sizeof(state))
        state = clock_now_usec();
    for (size_t i = 0; i < count; i++)
        *at++ = letters[rng_below(&state, sizeof(letters) - 1)];
    *at = '\0';
}

void lwa_rotate(struct lwa *lwa, uint64_t old_valid_usec)
{
    memcpy(lwa->old_secret, lwa->secret, sizeof(lwa->old_secret));
    lwa->old_until_wall_usec = simclock_wall_usec(lwa->office->clock) + old_valid_usec;
    append_random(stpcpy(lwa->secret, "amzn1.oa2-cs.v1."), 64);
}

static bool is_secret(const struct lwa *lwa, const char *secret)
{
    if (text_equal(secret, lwa->secret))
        return true;
    return lwa->old_secret[0] && text_equal(secret, lwa->old_secret) &&
           simclock_wall_usec(lwa->office->clock) < lwa->old_until_wall_usec;
}

static struct lwa_token *new_token(struct lwa *lwa, const char *seller_id)
{
    struct lwa_token *token = &lwa->tokens[lwa->issued++ % LWA_TOKENS_MAX];
    append_random(stpcpy(token->text, "Atza|IwEB"), LWA_TOKEN_CHARS - 4);
    token->seller_id = seller_id;
    token->rotation = false;
    token->expires_wall_usec =
        simclock_wall_usec(lwa->office->clock) + LWA_EXPIRES_S * USEC_PER_SEC;
    return token;
}

const struct lwa_token *lwa_find(const struct lwa *lwa, const char *text)
{
    for (size_t i = 0; i < LWA_TOKENS_MAX; i++)
        if (lwa->tokens[i].text[0] && text_equal(lwa->tokens[i].text, text))
            return &lwa->tokens[i];
    return NULL;
}

static void grant(struct call *call, const struct lwa_token *token, const char *refresh_token)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "access_token", token->text);
    if (refresh_token)
        json_string(&out, "refresh_token", refresh_token);
    json_string(&out, "token_type", "bearer");
    json_number(&out, "expires_in", LWA_EXPIRES_S);
    json_close(&out, '}');
    exchange_add_header(call->exchange, "cache-control", "no-store");
    call_answer(call, 200, LWA_TYPE, out.data, out.size);
}

static void grant_seller(struct lwa *lwa, struct call *call, const struct form *form)
{
    const char *token = form_get(form, "refresh_token");
    if (!token || form_get(form, "scope")) {
        refuse(call, 400, "invalid_request",
               token ? "The request has an invalid parameter : scope"
                     : "The request is missing a required parameter : refresh_token");
        return;
    }
    const char *seller_id = identity_seller_of(token);
    if (seller_id)
        grant(call, new_token(lwa, seller_id), token);
    else if (text_equal(token, IDENTITY_FOREIGN_REFRESH_TOKEN))
        refuse(call, 400, "unauthorized_client", "Not authorized for requested operation");
    else
        refuse_fault(call, FAULT_INVALID_GRANT);
}

static void grant_rotation(struct lwa *lwa, struct call *call)
{
    struct lwa_token *token = new_token(lwa, NULL);
    token->rotation = true;
    grant(call, token, NULL);
}

static void grant_application(struct lwa *lwa, struct call *call, const struct form *form)
{
    const char *scope = form_get(form, "scope");
    if (!scope || form_get(form, "refresh_token"))
        refuse(call, 400, "invalid_request",
               scope ? "The request has an invalid parameter : refresh_token"
                     : "The request is missing a required parameter : scope");
    else if (text_equal(scope, SCOPE_NOTIFY))
        grant(call, new_token(lwa, NULL), NULL);
    else if (text_equal(scope, SCOPE_ROTATION))
        grant_rotation(lwa, call);
    else
        refuse(call, 400, "invalid_scope", "The request has an invalid parameter : scope");
}

static void answer_form(struct lwa *lwa, struct call *call, const struct form *form)
{
    const char *type = form_get(form, "grant_type");
    const char *client_id = form_get(form, "client_id");
    const char *client_secret = form_get(form, "client_secret");
    if (!type)
        refuse(call, 400, "invalid_request",
               "The request is missing a required parameter : grant_type");
    else if (!client_id)
        refuse(call, 400, "invalid_request",
               "The request is missing a required parameter : client_id");
    else if (!text_equal(client_id, IDENTITY_CLIENT_ID) || !is_secret(lwa, client_secret))
        refuse(call, 401, "invalid_client", "Client authentication failed");
    else if (text_equal(type, "refresh_token"))
        grant_seller(lwa, call, form);
    else if (text_equal(type, "client_credentials"))
        grant_application(lwa, call, form);
    else
        refuse(call, 400, "unsupported_grant_type",
               "The authorization grant type is not supported by the authorization server");
}

void lwa_request(struct lwa *lwa, struct exchange *exchange)
{
    struct call call = {
        .office = lwa->office, .exchange = exchange, .op = "token", .refuse = refuse_fault};
    if (!call_begin(&call))
        return;
    if (!text_equal(exchange_method(exchange), "POST")) {
        refuse(&call, 405, "invalid_request", "Only POST is allowed");
        return;
    }
    size_t size;
    const char *body = exchange_body(exchange, &size);
    struct form form;
    if (!text_starts(exchange_header(exchange, "content-type"), FORM_TYPE) ||
        form_parse(&form, body, size) < 0) {
        refuse(&call, 400, "unsupported_grant_type",
               "The request body must be " FORM_TYPE " and say so in content-type");
        return;
    }
    answer_form(lwa, &call, &form);
    form_clear(&form);
}
