/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fake_clock.h"
#include "parts.h"
#include "register/secret_rotator.h"
#include "scratch.h"
#include "scripted_http.h"

#define ROTATE "POST https://sp.example/applications/2023-11-30/clientSecret\n"
#define TOKEN(name)                                                                                \
    .expect = "client_credential%3Arotation",                                                      \
    .body = "{\"access_token\":\"" name "\",\"expires_in\":3600}"
#define REFUSAL(code, message)                                                                     \
    "{\"errors\":[{\"code\":\"" code "\",\"message\":\"" message "\",\"details\":\"\"}]}"
#define NOW_USEC (1700000000 * USEC_PER_SEC)

struct world {
    char *directory;
    sd_event *event;
    struct http *http;
    struct lwa *lwa;
    struct secret_rotator *rotator;
    unsigned done;
    bool asked;
    struct error error;
};

static int setup(void **state)
{
    struct world *w = NEW(struct world);
    struct secret secret = {0};
    w->directory = scratch_new();
    secret_set(&secret, "hush", 4);
    assert_int_equal(sd_event_new(&w->event), 0);
    assert_int_equal(http_new(&w->http, w->event), 0);
    assert_int_equal(lwa_new(&w->lwa, &(struct lwa_options){.event = w->event,
                                                            .http = w->http,
                                                            .client_id = "ours",
                                                            .client_secret = &secret}),
                     0);
    secret_clear(&secret);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    secret_rotator_free(w->rotator);
    lwa_free(w->lwa);
    http_free(w->http);
    sd_event_unref(w->event);
    scratch_remove(w->directory);
    free(w);
    return 0;
}

static void on_done(const struct error *error, bool asked, void *userdata)
{
    struct world *w = userdata;
    w->done++;
    w->asked = asked;
    w->error = *error;
}

static void rotate(struct world *w)
{
    struct secret_rotator_options options = {
        .http = w->http,
        .lwa = w->lwa,
        .endpoint = "https://sp.example/",
        .directory = w->directory,
        .now_usec = NOW_USEC,
        .done = on_done,
        .userdata = w,
    };
    assert_int_equal(secret_rotator_new(&w->rotator, &options), 0);
    while (sd_event_run(w->event, 0) > 0)
        continue;
}

static void asks_and_writes_down_when(void **state)
{
    struct world *w = *state;
    assert_int_equal(secret_rotator_last(w->directory), 0);
    scripted_rule(w->http, TOKEN("Atza|1"));
    scripted_rule(w->http, .expect = ROTATE, .status = 204);
    rotate(w);
    assert_int_equal(w->done, 1);
    assert_int_equal(w->error.kind, ERROR_NONE);
    assert_true(w->asked);
    assert_int_equal(secret_rotator_last(w->directory), NOW_USEC);
    assert_part(scripted_request(w->http, 1), "x-amz-access-token: Atza|1\n");
}

static void one_new_token_and_one_new_try(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, TOKEN("Atza|1"));
    scripted_rule(w->http, TOKEN("Atza|2"));
    scripted_rule(w->http, .expect = ROTATE, .times = 2, .status = 403,
                  .body = REFUSAL("Unauthorized", "The access token you provided has expired."));
    rotate(w);
    assert_int_equal(w->done, 1);
    assert_int_equal(w->error.kind, ERROR_CREDENTIALS);
    assert_part(scripted_request(w->http, 3), "x-amz-access-token: Atza|2\n");
    assert_int_equal(scripted_unused(w->http), 0);
}

static void without_a_token_nothing_is_written_down(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .fail = ERROR_DNS);
    rotate(w);
    assert_int_equal(w->done, 1);
    assert_false(w->asked);
    assert_int_equal(secret_rotator_last(w->directory), 0);
}

static void says_what_to_do_when_not_enrolled(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, TOKEN("Atza|1"));
    scripted_rule(w->http, .expect = ROTATE, .status = 400,
                  .body = REFUSAL("InvalidInput", "Application is not enrolled for rotation "
                                                  "notification. Please update"));
    rotate(w);
    assert_int_equal(w->error.kind, ERROR_REFUSED);
    assert_part(w->error.text, "developer console, under Notification Preferences");
    assert_int_equal(secret_rotator_last(w->directory), NOW_USEC);
}

static void what_cannot_be_written_down_is_not_asked(void **state)
{
    struct world *w = *state;
    free(scratch_write(w->directory, SECRET_ROTATOR_FILE ".new/file", ""));
    scripted_rule(w->http, TOKEN("Atza|1"));
    rotate(w);
    assert_int_equal(w->error.kind, ERROR_STORE);
    assert_int_equal(scripted_request_count(w->http), 1);
}

static void a_damaged_note_is_none(void **state)
{
    struct world *w = *state;
    free(scratch_write(w->directory, SECRET_ROTATOR_FILE, "yesterday\n"));
    assert_int_equal(secret_rotator_last(w->directory), 0);
}

static void may_be_given_up(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, TOKEN("Atza|1"));
    rotate(w);
    assert_int_equal(scripted_request_count(w->http), 2);
    secret_rotator_free(TAKE(w->rotator));
    assert_int_equal(http_in_flight(w->http), 0);
    assert_int_equal(w->done, 0);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(asks_and_writes_down_when),
        IN_WORLD(one_new_token_and_one_new_try),
        IN_WORLD(without_a_token_nothing_is_written_down),
        IN_WORLD(says_what_to_do_when_not_enrolled),
        IN_WORLD(what_cannot_be_written_down_is_not_asked),
        IN_WORLD(a_damaged_note_is_none),
        IN_WORLD(may_be_given_up),
    };
    return cmocka_run_group_tests_name("secret_rotator", tests, NULL, NULL);
}
