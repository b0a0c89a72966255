/* SPDX-License-Identifier: MIT */
#include "spapi/lwa.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/text.h"
#include "lwa_answer.h"
#include "wire/retry_after.h"

#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS         20000

#define GRANTLESS_SCOPE "sellingpartnerapi::notifications"
#define ROTATION_SCOPE  "sellingpartnerapi::client_credential:rotation"

#define NO_SECRET SIZE_MAX

struct lwa_call {
    struct lwa_token *token;
    LIST_ENTRY(lwa_call) link;
    lwa_token_fn done;
    void *userdata;
    bool ended; /* its callback runs */
};

LIST_HEAD(call_list, lwa_call);

/* The token of one seller or of one scope. It lives as long as the cache. */
struct lwa_token {
    struct lwa *lwa;
    LIST_ENTRY(lwa_token) link;
    char *seller;               /* NULL: a token of the application */
    const char *scope;          /* scope of an application's token; NULL: a seller's token */
    struct secret value;        /* empty: no token yet */
    uint64_t expires_boot_usec; /* one minute early; 0: forgotten */
    uint64_t asked_boot_usec;
    struct http_slot *slot; /* the request in flight, or NULL */
    struct text body;       /* form of the request; has secrets in it */
    struct secret refresh;  /* kept during a request, for another try; empty: none */
    size_t secret, left;    /* the client secret in use, and the number of untried ones */
    struct error refused;   /* permanent refusal; ERROR_NONE: none */
    uint64_t refused_boot_usec;
    bool worked; /* a token was received before; the first one is reported */
    unsigned char refused_sha256[SHA256_SIZE]; /* digest of the refused refresh token */
    struct call_list waiting;
    struct call_list served; /* the calls whose callbacks run now, one after the other */
};

struct lwa {
    sd_event *event;
    sd_event_source *soon; /* serves calls that need no request */
    struct http *http;
    char *endpoint;
    char *client_id;
    struct secret secrets[LWA_SECRETS_MAX]; /* of the client, in order */
    size_t n_secrets;
    size_t used;             /* the last one that worked; NO_SECRET: none worked */
    uint64_t used_boot_usec; /* time since when `used` is in use */
    struct error refused;    /* permanent refusal of all secrets; ERROR_NONE: none */
    uint64_t refused_boot_usec;
    struct call_tally *tally; /* NULL: calls are not counted */
    lwa_news_fn changed;
    void *userdata;
    LIST_HEAD(, lwa_token) tokens;
};

/* ---- tokens ---- */

static struct lwa_token *token_of(struct lwa *lwa, const char *seller, const char *scope)
{
    struct lwa_token *token;
    LIST_FOREACH(token, &lwa->tokens, link)
        if (text_equal(token->seller, seller) && text_equal(token->scope, scope))
            return token;
    token = NEW(struct lwa_token);
    token->lwa = lwa;
    token->seller = memory_string(seller);
    token->scope = scope;
    LIST_INSERT_HEAD(&lwa->tokens, token, link);
    return token;
}

static bool is_fresh(const struct lwa_token *token)
{
    return token->value.data && clock_boot_usec() < token->expires_boot_usec;
}

static void wipe_body(struct lwa_token *token)
{
    if (token->body.data)
        explicit_bzero(token->body.data, token->body.size);
    text_clear(&token->body);
}

static void token_free(struct lwa_token *token)
{
    struct lwa_call *call;
    http_cancel(token->slot);
    while ((call = LIST_FIRST(&token->waiting))) {
        LIST_REMOVE(call, link);
        free(call);
    }
    LIST_REMOVE(token, link);
    wipe_body(token);
    secret_clear(&token->refresh);
    secret_clear(&token->value);
    free(token->seller);
    free(token);
}

/* Run the callbacks of all waiting calls. A callback may cancel other calls, forget the token, or
 * ask again; a new call waits for the next answer. */
static void serve(struct lwa_token *token, const struct error *error)
{
    struct lwa_call *call;
    struct secret value = {0};
    if (error->kind == ERROR_NONE)
        secret_set(&value, token->value.data, token->value.size);
    while ((call = LIST_FIRST(&token->waiting))) {
        LIST_REMOVE(call, link);
        LIST_INSERT_HEAD(&token->served, call, link);
    }
    while ((call = LIST_FIRST(&token->served))) {
        LIST_REMOVE(call, link);
        call->ended = true;
        call->done(value.data, error, call->userdata);
        free(call);
    }
    secret_clear(&value);
}

static void keep(struct lwa_token *token, const struct http_answer *answer, struct error *error)
{
    struct secret value = {0};
    uint64_t lifetime_s;
    if (lwa_answer_parse(answer->body, answer->body_size, answer->status, token->seller, &value,
                         &lifetime_s, error) < 0) {
        error->retry_after_usec = retry_after_of_amazon(answer, clock_trusted_usec());
        return;
    }
    secret_clear(&token->value);
    token->value = value;
    token->expires_boot_usec = token->asked_boot_usec + oauth_use_s(lifetime_s) * USEC_PER_SEC;
}

/* ---- permanent refusals ---- */

static void tell(struct lwa *lwa, const char *seller, const struct error *error)
{
    struct lwa_news news = {.seller = seller, .error = error, .secret = lwa->used};
    if (lwa->changed)
        lwa->changed(&news, lwa->userdata);
}

static bool holds(const struct error *refused, uint64_t since_boot_usec)
{
    return refused->kind != ERROR_NONE && clock_boot_usec() - since_boot_usec < LWA_REFUSED_USEC;
}

/* Return the refusal that answers for this token without a request. NULL if there is none. */
static const struct error *refusal_of(const struct lwa_token *token)
{
    if (holds(&token->lwa->refused, token->lwa->refused_boot_usec))
        return &token->lwa->refused;
    return holds(&token->refused, token->refused_boot_usec) ? &token->refused : NULL;
}

static bool is_about_client(const struct error *error)
{
    return error->kind == ERROR_CREDENTIALS && text_equal(error->code, "invalid_client");
}

static void note_refusal(struct lwa_token *token, const struct error *error)
{
    struct lwa *lwa = token->lwa;
    bool client = is_about_client(error);
    struct error *refused = client ? &lwa->refused : &token->refused;
    bool known = refused->kind != ERROR_NONE && text_equal(refused->code, error->code);
    *refused = *error;
    if (client) {
        lwa->refused_boot_usec = clock_boot_usec();
        lwa->used = NO_SECRET;
    } else {
        token->refused_boot_usec = clock_boot_usec();
        digest_sha256(token->refused_sha256, token->refresh.data, token->refresh.size);
    }
    if (!known)
        tell(lwa, client ? NULL : token->seller, error);
}

static void note_success(struct lwa_token *token)
{
    struct lwa *lwa = token->lwa;
    bool news = token->refused.kind != ERROR_NONE || (!token->worked && token->seller);
    bool changed = lwa->used != token->secret || lwa->refused.kind != ERROR_NONE;
    token->refused.kind = lwa->refused.kind = ERROR_NONE;
    if (changed) {
        lwa->used = token->secret;
        lwa->used_boot_usec = clock_boot_usec();
        tell(lwa, NULL, NULL);
    }
    token->worked = true;
    if (news)
        tell(lwa, token->seller, NULL);
}

static int send_request(struct lwa_token *token);

/* Send the request again with the next client secret, if another one may work. Return
 * whether it was sent. */
static bool try_next_secret(struct lwa_token *token, const struct error *error)
{
    if (!is_about_client(error) || !token->left)
        return false;
    token->left--;
    token->secret = (token->secret + 1) % token->lwa->n_secrets;
    return send_request(token) == 0;
}

static void on_answer(struct http_answer *answer, void *userdata)
{
    struct lwa_token *token = userdata;
    struct error error = answer->error;
    token->slot = NULL;
    wipe_body(token);
    if (error.kind == ERROR_NONE)
        keep(token, answer, &error);
    else
        error_set(&error, answer->error.kind, "Login with Amazon: %s", answer->error.text);
    if (answer->body)
        explicit_bzero(answer->body, answer->body_size);
    if (token->lwa->tally)
        call_tally_add(token->lwa->tally, &error);
    if (try_next_secret(token, &error))
        return;
    if (error.kind == ERROR_NONE)
        note_success(token);
    else if (error.kind == ERROR_CREDENTIALS)
        note_refusal(token, &error);
    secret_clear(&token->refresh);
    serve(token, &error);
}

/* ---- requests ---- */

/* Write the form of a token request. It is built in one piece of memory, so that no copy of a
 * secret stays behind. */
static void write_form(struct lwa_token *token)
{
    const struct lwa *lwa = token->lwa;
    const struct secret *secret = &lwa->secrets[token->secret];
    struct text *form = &token->body;
    text_reserve(form, 256 + 3 * (strlen(lwa->client_id) + secret->size + token->refresh.size));
    if (token->seller) {
        oauth_form_add(form, "grant_type", "refresh_token", strlen("refresh_token"));
        oauth_form_add(form, "refresh_token", token->refresh.data, token->refresh.size);
    } else {
        oauth_form_add(form, "grant_type", "client_credentials", strlen("client_credentials"));
        oauth_form_add(form, "scope", token->scope, strlen(token->scope));
    }
    oauth_form_add(form, "client_id", lwa->client_id, strlen(lwa->client_id));
    oauth_form_add(form, "client_secret", secret->data, secret->size);
}

static int send_request(struct lwa_token *token)
{
    static const char *const headers[] = {OAUTH_FORM_HEADER, NULL};
    write_form(token);
    const struct http_request http = {
        .url = token->lwa->endpoint,
        .headers = headers,
        .body = token->body.data,
        .body_size = token->body.size,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .answer_limit = OAUTH_ANSWER_MAX,
        .secret = true,
    };
    token->asked_boot_usec = clock_boot_usec();
    int r = http_call(token->lwa->http, &http, on_answer, token, &token->slot);
    if (r < 0)
        wipe_body(token);
    return r;
}

/* Index of the secret to try first: the one that worked last, but the first again after
 * LWA_FALLBACK_USEC. */
static size_t first_secret(const struct lwa *lwa)
{
    bool other = lwa->used != NO_SECRET && lwa->used > 0;
    return other && clock_boot_usec() - lwa->used_boot_usec < LWA_FALLBACK_USEC ? lwa->used : 0;
}

static int request(struct lwa_token *token, const struct secret *refresh_token)
{
    if (refresh_token)
        secret_set(&token->refresh, refresh_token->data, refresh_token->size);
    token->secret = first_secret(token->lwa);
    token->left = token->lwa->n_secrets - 1;
    int r = send_request(token);
    if (r < 0)
        secret_clear(&token->refresh);
    return r;
}

/* End the refusal of a refresh token if the seller has another refresh token now. */
static void compare_refused(struct lwa_token *token, const struct secret *refresh_token)
{
    unsigned char sha256[SHA256_SIZE];
    if (token->refused.kind == ERROR_NONE || !refresh_token)
        return;
    digest_sha256(sha256, refresh_token->data, refresh_token->size);
    if (memcmp(sha256, token->refused_sha256, sizeof(sha256)) != 0)
        token->refused_boot_usec = clock_boot_usec() - LWA_REFUSED_USEC;
}

static int on_soon(sd_event_source *source, void *userdata)
{
    struct lwa *lwa = userdata;
    const struct error none = {0};
    struct lwa_token *token;
    (void)source;
    LIST_FOREACH(token, &lwa->tokens, link) {
        if (LIST_EMPTY(&token->waiting) || token->slot)
            continue;
        const struct error *refused = is_fresh(token) ? NULL : refusal_of(token);
        const struct error error = refused ? *refused : none;
        serve(token, &error);
    }
    return 0;
}

static int ask(struct lwa_token *token, const struct secret *refresh_token, lwa_token_fn done,
               void *userdata, struct lwa_call **ret_call)
{
    int r = 0;
    compare_refused(token, refresh_token);
    if (!token->slot)
        r = is_fresh(token) || refusal_of(token)
                ? sd_event_source_set_enabled(token->lwa->soon, SD_EVENT_ONESHOT)
                : request(token, refresh_token);
    if (r < 0)
        return r;
    struct lwa_call *call = NEW(struct lwa_call);
    call->token = token;
    call->done = done;
    call->userdata = userdata;
    LIST_INSERT_HEAD(&token->waiting, call, link);
    if (ret_call)
        *ret_call = call;
    return 0;
}

/* ---- public ---- */

static void clear_secrets(struct lwa *lwa)
{
    for (size_t i = 0; i < lwa->n_secrets; i++)
        secret_clear(&lwa->secrets[i]);
    lwa->n_secrets = 0;
}

static void add_secret(struct lwa *lwa, const struct secret *secret)
{
    if (lwa->n_secrets < LWA_SECRETS_MAX)
        secret_set(&lwa->secrets[lwa->n_secrets++], secret->data, secret->size);
}

void lwa_watch(struct lwa *lwa, lwa_news_fn changed, void *userdata)
{
    lwa->changed = changed;
    lwa->userdata = userdata;
}

void lwa_count(struct lwa *lwa, struct call_tally *tally)
{
    lwa->tally = tally;
}

void lwa_each_token(const struct lwa *lwa,
                    void (*each)(const char *seller, uint64_t until_boot_usec, void *userdata),
                    void *userdata)
{
    const struct lwa_token *token;
    LIST_FOREACH(token, &lwa->tokens, link)
        if (token->value.data && token->expires_boot_usec &&
            (token->seller || text_equal(token->scope, GRANTLESS_SCOPE)))
            each(token->seller, token->expires_boot_usec, userdata);
}

void lwa_set_secrets(struct lwa *lwa, const struct secret *secrets, size_t count)
{
    struct lwa_token *token;
    clear_secrets(lwa);
    for (size_t i = 0; i < count; i++)
        add_secret(lwa, &secrets[i]);
    lwa->used = NO_SECRET;
    lwa->refused_boot_usec = clock_boot_usec() - LWA_REFUSED_USEC; /* kept, to report its end */
    LIST_FOREACH(token, &lwa->tokens, link) {
        token->secret = lwa->n_secrets - 1; /* so that a request in flight goes on with the first */
        token->left = lwa->n_secrets;
    }
}

int lwa_new(struct lwa **ret, const struct lwa_options *options)
{
    struct lwa *lwa = NEW(struct lwa);
    lwa->event = sd_event_ref(options->event);
    lwa->http = options->http;
    lwa->endpoint = memory_string(options->endpoint ? options->endpoint : LWA_ENDPOINT);
    lwa->client_id = memory_string(options->client_id);
    add_secret(lwa, options->client_secret);
    for (size_t i = 0; i < options->n_fallbacks; i++)
        add_secret(lwa, &options->fallbacks[i]);
    lwa->used = NO_SECRET;
    LIST_INIT(&lwa->tokens);
    int r = sd_event_add_defer(lwa->event, &lwa->soon, on_soon, lwa);
    if (r >= 0)
        r = sd_event_source_set_enabled(lwa->soon, SD_EVENT_OFF);
    if (r < 0) {
        lwa_free(lwa);
        return r;
    }
    *ret = lwa;
    return 0;
}

void lwa_free(struct lwa *lwa)
{
    struct lwa_token *token, *next;
    if (!lwa)
        return;
    for (token = LIST_FIRST(&lwa->tokens); token; token = next) {
        next = LIST_NEXT(token, link);
        token_free(token);
    }
    sd_event_source_disable_unref(lwa->soon);
    sd_event_unref(lwa->event);
    clear_secrets(lwa);
    free(lwa->client_id);
    free(lwa->endpoint);
    free(lwa);
}

int lwa_grantless(struct lwa *lwa, lwa_token_fn done, void *userdata, struct lwa_call **ret_call)
{
    return ask(token_of(lwa, NULL, GRANTLESS_SCOPE), NULL, done, userdata, ret_call);
}

int lwa_rotation(struct lwa *lwa, lwa_token_fn done, void *userdata, struct lwa_call **ret_call)
{
    return ask(token_of(lwa, NULL, ROTATION_SCOPE), NULL, done, userdata, ret_call);
}

int lwa_seller(struct lwa *lwa, const char *seller, const struct secret *refresh_token,
               lwa_token_fn done, void *userdata, struct lwa_call **ret_call)
{
    return ask(token_of(lwa, seller, NULL), refresh_token, done, userdata, ret_call);
}

void lwa_cancel(struct lwa_call *call)
{
    if (!call || call->ended)
        return;
    LIST_REMOVE(call, link);
    free(call);
}

void lwa_forget(struct lwa *lwa, const char *token)
{
    struct lwa_token *each;
    if (!token)
        return;
    LIST_FOREACH(each, &lwa->tokens, link)
        if (text_equal(each->value.data, token))
            each->expires_boot_usec = 0; /* not wiped: a callback may be about to receive it */
}
