/* SPDX-License-Identifier: MIT */
#include "amazon/lwa.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "encode.h"
#include "lwa_answer.h"

#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS         20000

/* A token is not used in its last minute: the call it goes with takes time too. */
#define EARLY_S 60

#define GRANTLESS_SCOPE "sellingpartnerapi::notifications"

struct lwa_call {
    struct lwa_token *token;
    LIST_ENTRY(lwa_call) link;
    lwa_token_fn done;
    void *userdata;
    bool ended; /* its callback runs */
};

LIST_HEAD(call_list, lwa_call);

/* The token of one seller, or the grantless one; kept for the life of the cache. */
struct lwa_token {
    struct lwa *lwa;
    LIST_ENTRY(lwa_token) link;
    char *seller;               /* NULL: grantless */
    struct secret value;        /* empty: none yet */
    uint64_t expires_boot_usec; /* a minute early; 0: forgotten */
    uint64_t asked_boot_usec;
    struct http_slot *slot; /* the request under way, if any */
    struct text body;       /* its form, with secrets in it */
    struct call_list waiting;
    struct call_list served; /* get their callback one after the other */
};

struct lwa {
    sd_event *event;
    sd_event_source *soon; /* serves those whose token is there already */
    struct http *http;
    char *endpoint;
    char *client_id;
    struct secret client_secret;
    LIST_HEAD(, lwa_token) tokens;
};

/* ---- tokens ---- */

static struct lwa_token *token_of(struct lwa *lwa, const char *seller)
{
    struct lwa_token *token;
    LIST_FOREACH(token, &lwa->tokens, link)
        if (text_equal(token->seller, seller))
            return token;
    token = NEW(struct lwa_token);
    token->lwa = lwa;
    token->seller = memory_string(seller);
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
    secret_clear(&token->value);
    free(token->seller);
    free(token);
}

/* Calls back everybody who waits. A callback may ask again, which makes it wait anew, cancel
 * others, or forget the token. */
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
        uint64_t seconds;
        if (text_to_u64(answer->retry_after, &seconds) == 0 && seconds < 24 * 3600)
            error->retry_after_usec = seconds * USEC_PER_SEC;
        return;
    }
    uint64_t early_s = lifetime_s > 2 * EARLY_S ? EARLY_S : lifetime_s / 2;
    secret_clear(&token->value);
    token->value = value;
    token->expires_boot_usec = token->asked_boot_usec + (lifetime_s - early_s) * USEC_PER_SEC;
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
    serve(token, &error);
}

/* ---- requests ---- */

static void append_field(struct text *form, const char *name, const char *bytes, size_t size)
{
    if (form->size)
        text_append_char(form, '&');
    text_append_string(form, name);
    text_append_char(form, '=');
    encode_percent(form, bytes, size);
}

/* The form is built in one piece of memory, so that no copy of a secret stays behind. */
static void write_form(struct lwa_token *token, const struct secret *refresh_token)
{
    const struct lwa *lwa = token->lwa;
    struct text *form = &token->body;
    text_reserve(form, 256 + 3 * (strlen(lwa->client_id) + lwa->client_secret.size +
                                  (refresh_token ? refresh_token->size : 0)));
    if (refresh_token) {
        append_field(form, "grant_type", "refresh_token", strlen("refresh_token"));
        append_field(form, "refresh_token", refresh_token->data, refresh_token->size);
    } else {
        append_field(form, "grant_type", "client_credentials", strlen("client_credentials"));
        append_field(form, "scope", GRANTLESS_SCOPE, strlen(GRANTLESS_SCOPE));
    }
    append_field(form, "client_id", lwa->client_id, strlen(lwa->client_id));
    append_field(form, "client_secret", lwa->client_secret.data, lwa->client_secret.size);
}

static int request(struct lwa_token *token, const struct secret *refresh_token)
{
    static const char *const headers[] = {
        "Content-Type: application/x-www-form-urlencoded;charset=UTF-8", NULL};
    write_form(token, refresh_token);
    const struct http_request http = {
        .url = token->lwa->endpoint,
        .headers = headers,
        .body = token->body.data,
        .body_size = token->body.size,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .answer_limit = LWA_ANSWER_MAX,
    };
    token->asked_boot_usec = clock_boot_usec();
    int r = http_call(token->lwa->http, &http, on_answer, token, &token->slot);
    if (r < 0)
        wipe_body(token);
    return r;
}

static int on_soon(sd_event_source *source, void *userdata)
{
    struct lwa *lwa = userdata;
    const struct error none = {0};
    struct lwa_token *token;
    (void)source;
    LIST_FOREACH(token, &lwa->tokens, link)
        if (!LIST_EMPTY(&token->waiting) && !token->slot)
            serve(token, &none);
    return 0;
}

static int ask(struct lwa_token *token, const struct secret *refresh_token, lwa_token_fn done,
               void *userdata, struct lwa_call **ret_call)
{
    int r = 0;
    if (!token->slot)
        r = is_fresh(token) ? sd_event_source_set_enabled(token->lwa->soon, SD_EVENT_ONESHOT)
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

int lwa_new(struct lwa **ret, const struct lwa_options *options)
{
    struct lwa *lwa = NEW(struct lwa);
    const struct secret *secret = options->client_secret;
    lwa->event = sd_event_ref(options->event);
    lwa->http = options->http;
    lwa->endpoint = memory_string(options->endpoint ? options->endpoint : LWA_ENDPOINT);
    lwa->client_id = memory_string(options->client_id);
    secret_set(&lwa->client_secret, secret->data, secret->size);
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
    secret_clear(&lwa->client_secret);
    free(lwa->client_id);
    free(lwa->endpoint);
    free(lwa);
}

int lwa_grantless(struct lwa *lwa, lwa_token_fn done, void *userdata, struct lwa_call **ret_call)
{
    return ask(token_of(lwa, NULL), NULL, done, userdata, ret_call);
}

int lwa_seller(struct lwa *lwa, const char *seller, const struct secret *refresh_token,
               lwa_token_fn done, void *userdata, struct lwa_call **ret_call)
{
    return ask(token_of(lwa, seller), refresh_token, done, userdata, ret_call);
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
            each->expires_boot_usec = 0; /* not wiped: somebody may be about to get it */
}
