/* SPDX-License-Identifier: MIT */
#include "webhook/oauth.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "webhook/auth.h"
#include "webhook/outcome.h"
#include "wire/retry_after.h"

/* Bytes of the endpoint's host that go into a text. */
#define HOST_SHOWN_MAX 80

static const struct oauth_meaning meanings[] = {
    {"invalid_client",
     "compare oauth_client_id and oauth_client_secret with what is registered there; some "
     "endpoints want oauth_client_auth = post"},
    {"unauthorized_client", "this client may not have tokens by client credentials"},
    {"unsupported_grant_type", "it gives no tokens by client credentials"},
    {"invalid_scope", "it does not know oauth_scope, or not for this client"},
    {NULL, NULL},
};

void webhook_oauth_clear(struct webhook_oauth *oauth)
{
    free(oauth->url);
    free(oauth->client_id);
    secret_clear(&oauth->client_secret);
    free(oauth->scope);
    free(oauth->audience);
    *oauth = (struct webhook_oauth){0};
}

static bool secrets_equal(const struct secret *a, const struct secret *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

bool webhook_oauth_equal(const struct webhook_oauth *a, const struct webhook_oauth *b)
{
    return text_equal(a->url, b->url) && text_equal(a->client_id, b->client_id) &&
           secrets_equal(&a->client_secret, &b->client_secret) && text_equal(a->scope, b->scope) &&
           text_equal(a->audience, b->audience) && a->post == b->post;
}

/* ---- the request ---- */

static void wipe(struct text *text)
{
    if (text->data)
        explicit_bzero(text->data, text->size);
    text_clear(text);
}

void webhook_oauth_request_clear(struct webhook_oauth_request *request)
{
    wipe(&request->body);
    secret_clear(&request->authorization);
    *request = (struct webhook_oauth_request){0};
}

static void add(struct text *form, const char *name, const char *value)
{
    if (value)
        oauth_form_add(form, name, value, strlen(value));
}

/* Build the form in one piece of memory, so that no copy of a secret stays behind. */
static void build_body(struct text *form, const struct webhook_oauth *oauth)
{
    size_t size = strlen(oauth->client_id) + oauth->client_secret.size;
    size += oauth->scope ? strlen(oauth->scope) : 0;
    size += oauth->audience ? strlen(oauth->audience) : 0;
    text_reserve(form, 256 + 3 * size);
    add(form, "grant_type", "client_credentials");
    add(form, "scope", oauth->scope);
    add(form, "audience", oauth->audience);
    if (!oauth->post)
        return;
    add(form, "client_id", oauth->client_id);
    oauth_form_add(form, "client_secret", oauth->client_secret.data, oauth->client_secret.size);
}

/* Build the Basic header. RFC 6749, 2.3.1: the id and the secret are form-urlencoded before they
 * become user and password. */
static int build_basic(struct secret *ret, const struct webhook_oauth *oauth, struct error *error)
{
    AUTOTEXT struct text user = {0};
    struct text password = {0};
    struct secret secret = {0};
    struct webhook_auth auth = {.hmac_header = NULL};
    text_append_percent(&user, oauth->client_id, strlen(oauth->client_id));
    text_reserve(&password, 3 * oauth->client_secret.size + 1);
    text_append_percent(&password, oauth->client_secret.data, oauth->client_secret.size);
    secret_set(&secret, password.data ? password.data : "", password.size);
    int r = webhook_auth_basic(&auth, user.data ? user.data : "", &secret, error);
    *ret = auth.authorization;
    wipe(&password);
    secret_clear(&secret);
    return r;
}

int webhook_oauth_build(struct webhook_oauth_request *ret, const struct webhook_oauth *oauth,
                        struct error *error)
{
    webhook_oauth_request_clear(ret);
    build_body(&ret->body, oauth);
    ret->headers[0] = OAUTH_FORM_HEADER;
    if (oauth->post)
        return 0;
    int r = build_basic(&ret->authorization, oauth, error);
    ret->headers[1] = ret->authorization.data;
    return r;
}

/* ---- the answer ---- */

/* Append "the token endpoint auth.example.com". Only the host is named, because a path or a query
 * may contain a key. */
static void name_endpoint(struct text *out, const struct webhook_oauth *oauth)
{
    const char *host = strstr(oauth->url, "://");
    host = host ? host + 3 : oauth->url;
    size_t size = strcspn(host, "/?#");
    text_append_string(out, "the token endpoint ");
    text_append_escaped(out, host, size, HOST_SHOWN_MAX);
}

static uint64_t use_s(uint64_t lifetime_s)
{
    if (lifetime_s == 0)
        lifetime_s = WEBHOOK_OAUTH_LIFETIME_S;
    if (lifetime_s > WEBHOOK_OAUTH_LIFETIME_MAX_S)
        lifetime_s = WEBHOOK_OAUTH_LIFETIME_MAX_S;
    return oauth_use_s(lifetime_s);
}

int webhook_oauth_read(const struct webhook_oauth *oauth, const char *webhook,
                       const struct http_answer *answer, uint64_t now_usec,
                       struct secret *ret_token, uint64_t *ret_use_s, struct error *error)
{
    AUTOTEXT struct text endpoint = {0};
    AUTOFREE char *whom = memory_format("webhook %s", webhook);
    uint64_t lifetime_s = 0, wait_usec;
    name_endpoint(&endpoint, oauth);
    if (answer->error.kind != ERROR_NONE)
        return error_set(error, answer->error.kind, "%s: %s", endpoint.data, answer->error.text);
    const struct oauth_asker asker = {endpoint.data, whom, meanings, &oauth->client_secret};
    int r = oauth_read(answer->body, answer->body_size, answer->status, &asker, ret_token,
                       &lifetime_s, error);
    if (r < 0 && retry_after_read(answer, now_usec, &wait_usec))
        error->retry_after_usec = wait_usec;
    *ret_use_s = use_s(lifetime_s);
    return r;
}
