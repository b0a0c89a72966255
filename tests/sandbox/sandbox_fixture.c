/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox_fixture.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "identity.h"

#define DEADLINE_USEC (10 * USEC_PER_SEC)

static void done(struct http_answer *answer, void *userdata)
{
    struct fixture *f = userdata;
    assert_int_equal(answer->error.kind, ERROR_NONE);
    f->done = true;
    f->status = answer->status;
    text_reset(&f->body);
    text_append(&f->body, answer->body, answer->body_size);
    memcpy(f->request_id, answer->request_id, sizeof(f->request_id));
    memcpy(f->rate_limit, answer->rate_limit, sizeof(f->rate_limit));
    memcpy(f->query_error, answer->query_error, sizeof(f->query_error));
}

void fixture_call(struct fixture *f, const char *method, const char *path,
                  const char *const *headers, const char *body)
{
    AUTOFREE char *url = memory_format("http://%s%s", f->host, path);
    struct http_request request = {.method = method,
                                   .url = url,
                                   .headers = headers,
                                   .body = body,
                                   .body_size = body ? strlen(body) : 0};
    uint64_t give_up_usec = clock_boot_usec() + DEADLINE_USEC;
    f->done = false;
    assert_int_equal(http_call(f->http, &request, done, f, NULL), 0);
    while (!f->done) {
        assert_true(clock_boot_usec() < give_up_usec);
        assert_true(sd_event_run(f->event, 10 * USEC_PER_MSEC) >= 0);
    }
}

void fixture_token_call(struct fixture *f, const char *form)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
    fixture_call(f, "POST", "/auth/o2/token", headers, form);
}

void fixture_sp_call(struct fixture *f, const char *method, const char *path, const char *token,
                     const char *body)
{
    AUTOFREE char *header = memory_format("x-amz-access-token: %s", token);
    AUTOFREE char *full = memory_format("/notifications/v1/%s", path);
    const char *headers[] = {"Content-Type: application/json", header, NULL};
    fixture_call(f, method, full, headers, body);
}

void fixture_get_token(struct fixture *f, const char *form, char *out, size_t size)
{
    fixture_token_call(f, form);
    assert_int_equal(f->status, 200);
    AUTOJSON cJSON *json = json_parse(f->body.data, f->body.size, 65536);
    snprintf(out, size, "%s", json_get_string(json, "access_token"));
}

int fixture_setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    struct sandbox_options options = {.listen = "127.0.0.1:0"};
    assert_true(sd_event_new(&f->event) >= 0);
    assert_int_equal(sandbox_new(&f->sandbox, f->event, &options), 0);
    assert_int_equal(http_new(&f->http, f->event), 0);
    snprintf(f->host, sizeof(f->host), "127.0.0.1:%u", server_port(f->sandbox->server));
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    http_free(f->http);
    sandbox_free(f->sandbox);
    text_clear(&f->body);
    sd_event_unref(f->event);
    free(f);
    return 0;
}

/* The answer has this status and holds this text. */
void fixture_expect(struct fixture *f, int status, const char *text)
{
    if (f->status != status || !strstr(f->body.data, text))
        fail_msg("wanted %d with %s; got %d: %s", status, text, f->status, f->body.data);
    assert_true(f->request_id[0]);
}

void fixture_make_tokens(struct fixture *f)
{
    AUTOFREE char *form = memory_format("grant_type=refresh_token&refresh_token=%s" FIXTURE_CLIENT,
                                        identity_sellers[0].refresh_token);
    fixture_get_token(f, form, f->seller, sizeof(f->seller));
    fixture_get_token(
        f, "grant_type=client_credentials&scope=sellingpartnerapi::notifications" FIXTURE_CLIENT,
        f->grantless, sizeof(f->grantless));
}

void fixture_make_destination(struct fixture *f)
{
    fixture_make_tokens(f);
    fixture_sp_call(
        f, "POST", "destinations", f->grantless,
        "{\"name\":\"n\",\"resourceSpecification\":{\"sqs\":{\"arn\":\"" IDENTITY_QUEUE_ARN
        "\"}}}");
    AUTOJSON cJSON *json = json_parse(f->body.data, f->body.size, 65536);
    snprintf(f->destination, sizeof(f->destination), "%s",
             json_get_string(json_get_object(json, "payload"), "destinationId"));
}
