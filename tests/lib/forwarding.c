/* SPDX-License-Identifier: MIT */
#include "forwarding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

const struct schedule forwarding_schedule = {
    .retry_first_usec = 5 * USEC_PER_SEC,
    .retry_longest_usec = 15 * USEC_PER_MIN,
    .refused = {.usec = {USEC_PER_MIN, 10 * USEC_PER_MIN}, .count = 2},
    .probe_first_usec = 5 * USEC_PER_SEC,
    .probe_longest_usec = 30 * USEC_PER_SEC,
    .retry_after_longest_usec = USEC_PER_DAY,
    .breaker_faults = 5,
};

static int on_decide(struct store *store, void *userdata)
{
    struct forwarding *f = userdata;
    int r = f->older ? forwarder_decide(f->older, store) : 0;
    return !r && f->forwarder ? forwarder_decide(f->forwarder, store) : r;
}

static int on_claim(struct store *store, void *userdata)
{
    struct forwarding *f = userdata;
    int r = f->older ? forwarder_claim(f->older, store) : 0;
    if (!r && f->forwarder)
        r = forwarder_claim(f->forwarder, store);
    return r ? r : f->claim_result;
}

static int on_write_facts(struct store *store, void *userdata)
{
    struct forwarding *f = userdata;
    int r = f->older ? forwarder_write_facts(f->older, store) : 0;
    return !r && f->forwarder ? forwarder_write_facts(f->forwarder, store) : r;
}

static void on_committed(bool elsewhere, void *userdata)
{
    struct forwarding *f = userdata;
    if (f->forwarder)
        forwarder_committed(f->forwarder, elsewhere);
    if (f->older)
        forwarder_committed(f->older, elsewhere);
}

static void on_failed(int result, const char *why, void *userdata)
{
    struct forwarding *f = userdata;
    (void)result;
    (void)why;
    if (f->forwarder)
        forwarder_void(f->forwarder);
    if (f->older)
        forwarder_void(f->older);
}

int forwarding_setup(void **state)
{
    struct forwarding *f = NEW(struct forwarding);
    workshop_open(&f->shop, &(struct turn_hooks){on_decide, on_claim, on_write_facts, on_committed,
                                                 on_failed, NULL, f});
    f->schedule = forwarding_schedule;
    forwarding_limits(f, 64, 20);
    *state = f;
    return 0;
}

int forwarding_teardown(void **state)
{
    struct forwarding *f = *state;
    forwarder_free(f->forwarder);
    forwarder_free(f->older);
    workshop_close(&f->shop);
    free(f);
    return 0;
}

static struct webhook_auth auth_of(const struct forwarding *f)
{
    struct webhook_auth auth = {0};
    if (!f->client_secret)
        return auth;
    auth.oauth = (struct webhook_oauth){
        .url = memory_string("https://auth.example/token"),
        .client_id = memory_string("dockbell"),
        .scope = memory_string("orders"),
    };
    secret_set(&auth.oauth.client_secret, f->client_secret, strlen(f->client_secret));
    return auth;
}

static struct forwarder *make(struct forwarding *f, unsigned concurrency, unsigned max_attempts)
{
    struct forwarder *forwarder = NULL;
    struct webhook_keys keys = {0};
    struct webhook_auth auth = auth_of(f);
    struct secret secret = {0};
    struct error error;
    static const char key[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    secret_set(&secret, key, strlen(key));
    assert_int_equal(webhook_keys_parse(&keys, &secret, &error), 0);
    secret_clear(&secret);
    struct forwarder_options options = {
        .event = f->shop.event,
        .http = f->shop.http,
        .turn = f->shop.turn,
        .webhook = f->shop.webhook,
        .name = "wms",
        .url = "https://wms.example/hook",
        .keys = &keys,
        .auth = &auth,
        .success = f->success,
        .concurrency = concurrency,
        .max_attempts = max_attempts,
        .timeout_usec = 20 * USEC_PER_SEC,
        .schedule = f->schedule,
        .pace = {.rest_longest_usec = USEC_PER_MIN},
    };
    assert_int_equal(forwarder_new(&forwarder, &options), 0);
    assert_int_equal(keys.count, 0);
    return forwarder;
}

void forwarding_limits(struct forwarding *f, unsigned concurrency, unsigned max_attempts)
{
    forwarder_free(f->forwarder);
    f->forwarder = make(f, concurrency, max_attempts);
}

void forwarding_reload(struct forwarding *f)
{
    forwarder_free(f->older);
    f->older = f->forwarder;
    f->forwarder = make(f, 64, 20);
    forwarder_take_over(f->forwarder, f->older);
    forwarder_stop(f->older);
    turn_request(f->shop.turn);
    forwarding_rest(f);
}

void forwarding_oauth(struct forwarding *f, const char *client_secret)
{
    f->client_secret = client_secret;
    forwarding_limits(f, 64, 20);
}

int64_t forwarding_accept(struct forwarding *f, const char *id, const char *order)
{
    int64_t delivery = workshop_accept(&f->shop, id, order);
    turn_request(f->shop.turn);
    return delivery;
}

int64_t forwarding_accept_many(struct forwarding *f, const char *prefix, unsigned count)
{
    int64_t first = 0;
    for (unsigned i = 0; i < count; i++) {
        AUTOFREE char *name = memory_format("%s%u", prefix, i);
        int64_t delivery = forwarding_accept(f, name, name);
        first = first ? first : delivery;
    }
    return first;
}

void forwarding_rest(struct forwarding *f)
{
    fake_loop_rest(f->shop.event);
}

void forwarding_run(struct forwarding *f, uint64_t usec)
{
    fake_loop_run(f->shop.event, usec);
}

struct wanted {
    struct forwarding *f;
    size_t requests;
};

static bool are_made(void *userdata)
{
    const struct wanted *wanted = userdata;
    return scripted_request_count(wanted->f->shop.http) >= wanted->requests;
}

void forwarding_run_to(struct forwarding *f, size_t requests)
{
    struct wanted wanted = {f, requests};
    if (!fake_loop_until(f->shop.event, are_made, &wanted, USEC_PER_HOUR))
        fail_msg("only %zu requests of %zu", scripted_request_count(f->shop.http), requests);
}

const char *forwarding_header(struct forwarding *f, size_t n, const char *name)
{
    static char value[512];
    AUTOFREE char *line = memory_format("\n%s: ", name);
    const char *request = scripted_request(f->shop.http, n);
    assert_non_null(request);
    const char *at = strstr(request, line), *body = strstr(request, "\n\n");
    value[0] = '\0';
    if (at && at < body) {
        at += strlen(line);
        size_t size = strcspn(at, "\n");
        assert_true(size < sizeof(value));
        memcpy(value, at, size);
        value[size] = '\0';
    }
    return value;
}

const char *forwarding_body(struct forwarding *f, size_t n)
{
    return strstr(scripted_request(f->shop.http, n), "\n\n") + 2;
}
