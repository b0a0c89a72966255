/* SPDX-License-Identifier: MIT */
#include "registering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"

static char *order_change[] = {"ORDER_CHANGE", NULL};
char *registering_two_types[] = {"ORDER_CHANGE", "FEED_PROCESSING_FINISHED", NULL};

static void on_report(const struct registration *registration, void *userdata)
{
    struct registering *w = userdata;
    text_appendf(&w->report, "%s: %s %s %s: %s\n", registration->seller,
                 registration_result_name(registration->result),
                 registration->type ? registration->type : "-",
                 registration->id ? registration->id : "-", registration->text);
    if (registration->error)
        w->passes = registration->passes;
    assert_true((registration->error != NULL) == (registration->result == REGISTRATION_FAILED));
}

static void on_finished(unsigned failures, unsigned differences, void *userdata)
{
    struct registering *w = userdata;
    assert_false(w->finished);
    w->finished = true;
    w->failures = failures;
    w->differences = differences;
    /* As the header allows. */
    registrar_free(TAKE(w->registrar));
}

int registering_setup(void **state)
{
    struct registering *w = NEW(struct registering);
    struct secret client_secret = {0};
    assert_int_equal(sd_event_new(&w->event), 0);
    assert_int_equal(http_new(&w->http, w->event), 0);
    secret_set(&client_secret, "secret", 6);
    secret_set(&w->refresh[0], "Atzr|acme", 9);
    secret_set(&w->refresh[1], "Atzr|other", 10);
    assert_int_equal(lwa_new(&w->lwa, &(struct lwa_options){.event = w->event,
                                                            .http = w->http,
                                                            .client_id = "client",
                                                            .client_secret = &client_secret}),
                     0);
    secret_clear(&client_secret);
    w->sellers[0] = (struct registrar_seller){.name = "acme",
                                              .region = "eu",
                                              .arn = ARN,
                                              .refresh_token = &w->refresh[0],
                                              .types = order_change};
    w->sellers[1] = (struct registrar_seller){.name = "other",
                                              .region = "eu",
                                              .arn = ARN,
                                              .refresh_token = &w->refresh[1],
                                              .types = order_change};
    w->options = (struct registrar_options){.event = w->event,
                                            .http = w->http,
                                            .lwa = w->lwa,
                                            .endpoint = "https://sp.example",
                                            .sellers = w->sellers,
                                            .n_sellers = 1,
                                            .report = on_report,
                                            .finished = on_finished,
                                            .userdata = w};
    *state = w;
    return 0;
}

int registering_teardown(void **state)
{
    struct registering *w = *state;
    registrar_free(w->registrar);
    lwa_free(w->lwa);
    http_free(w->http);
    sd_event_unref(w->event);
    secret_clear(&w->refresh[0]);
    secret_clear(&w->refresh[1]);
    text_clear(&w->report);
    free(w);
    return 0;
}

void registering_give_tokens(struct registering *w)
{
    scripted_rule(w->http, .expect = GRANTLESS, .times = -1,
                  .body = "{\"access_token\":\"grantless\",\"expires_in\":3600}");
    scripted_rule(w->http, .expect = "Atzr%7Cacme", .times = -1,
                  .body = "{\"access_token\":\"of-acme\",\"expires_in\":3600}");
    scripted_rule(w->http, .expect = "Atzr%7Cother", .times = -1,
                  .body = "{\"access_token\":\"of-other\",\"expires_in\":3600}");
}

static bool is_finished(void *userdata)
{
    return ((struct registering *)userdata)->finished;
}

void registering_start(struct registering *w)
{
    assert_int_equal(registrar_new(&w->registrar, &w->options), 0);
    registrar_start(w->registrar);
}

void registering_run(struct registering *w)
{
    registering_start(w);
    if (!fake_loop_until(w->event, is_finished, w, USEC_PER_HOUR))
        fail_msg("it does not end:\n%s", w->report.data ? w->report.data : "");
    fake_loop_rest(w->event);
}

void registering_reported(const struct registering *w, const char *expected)
{
    assert_string_equal(w->report.data ? w->report.data : "", expected);
}

void registering_called(const struct registering *w, const char *expected)
{
    AUTOTEXT struct text calls = {0};
    const char *request;
    for (size_t i = 0; (request = scripted_request(w->http, i)); i++) {
        const char *url = strstr(request, API), *end = strchr(request, '\n');
        if (!url || url > end)
            continue;
        const char *token = strstr(request, "x-amz-access-token: ") + 20;
        text_append(&calls, request, (size_t)(url - request));
        text_append(&calls, url + strlen(API), (size_t)(end - url) - strlen(API));
        text_append_string(&calls, " as ");
        text_append(&calls, token, strcspn(token, "\n"));
        text_append_char(&calls, '\n');
    }
    assert_string_equal(calls.data, expected);
}

const char *registering_request(const struct registering *w, const char *part)
{
    const char *request;
    for (size_t i = 0; (request = scripted_request(w->http, i)); i++)
        if (strstr(request, part))
            return request;
    fail_msg("no request with \"%s\"", part);
    return NULL;
}
