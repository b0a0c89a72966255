/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fake_clock.h"
#include "parts.h"
#include "register/secret_keeper.h"
#include "scratch.h"
#include "scripted_http.h"

#define TOKEN   .body = "{\"access_token\":\"Atza|1\",\"expires_in\":3600}"
#define REFUSED .status = 401, .body = "{\"error\":\"invalid_client\"}"

struct world {
    char *directory;
    sd_event *event;
    struct http *http;
    struct secret configured;
    struct secret_keeper *keeper;
    unsigned done;
    struct secret_outcome outcome;
    char *why;
};

static int setup(void **state)
{
    struct world *w = NEW(struct world);
    w->directory = scratch_new();
    assert_int_equal(sd_event_new(&w->event), 0);
    assert_int_equal(http_new(&w->http, w->event), 0);
    secret_set(&w->configured, "configured", 10);
    assert_int_equal(secret_keeper_new(&w->keeper,
                                       &(struct secret_keeper_options){
                                           .event = w->event,
                                           .http = w->http,
                                           .client_id = "ours",
                                           .replaced = &w->configured,
                                           .directory = w->directory,
                                       }),
                     0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    secret_keeper_free(w->keeper);
    http_free(w->http);
    sd_event_unref(w->event);
    secret_clear(&w->configured);
    scratch_remove(w->directory);
    free(w->why);
    free(w);
    return 0;
}

static void on_outcome(const struct secret_outcome *outcome, void *userdata)
{
    struct world *w = userdata;
    w->done++;
    w->outcome = *outcome;
    free(w->why);
    w->why = memory_string(outcome->why);
}

/* Offers a secret that was issued so many seconds after the beginning. */
static int begin(struct world *w, const char *client, const char *secret, unsigned issued_s)
{
    struct new_client_secret offered = {
        .issued_usec = (1000 + issued_s) * USEC_PER_SEC,
        .expires_usec = clock_now_usec() + 180 * USEC_PER_DAY,
        .old_expires_usec = clock_now_usec() + 7 * USEC_PER_DAY,
    };
    text_copy(offered.client_id, sizeof(offered.client_id), client);
    secret_set(&offered.secret, secret, strlen(secret));
    int r = secret_keeper_offer(w->keeper, &offered, on_outcome, w);
    assert_null(offered.secret.data);
    return r;
}

static void offer(struct world *w, const char *client, const char *secret, unsigned issued_s)
{
    unsigned before = w->done;
    assert_int_equal(begin(w, client, secret, issued_s), 0);
    while (sd_event_run(w->event, 0) > 0)
        continue;
    assert_int_equal(w->done, before + 1);
}

static void assert_file(const struct world *w, const char *secret, const char *old)
{
    struct secret_file file;
    struct error error;
    assert_int_equal(secret_file_read(&file, w->directory, &w->configured, &error), 0);
    assert_string_equal(file.client_id, "ours");
    assert_string_equal(file.secret.data, secret);
    if (old)
        assert_string_equal(file.old.data, old);
    else
        assert_null(file.old.data);
    secret_file_clear(&file);
}

static void assert_no_file(const struct world *w)
{
    struct secret_file file;
    struct error error;
    assert_int_equal(secret_file_read(&file, w->directory, &w->configured, &error), 1);
}

static void proves_keeps_and_then_deletes(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .expect = "client_id=ours&client_secret=first", TOKEN);
    scripted_rule(w->http, .expect = "client_secret=second", TOKEN);
    offer(w, "ours", "first", 0);
    assert_true(w->outcome.kept);
    assert_int_equal(w->outcome.hide_s, 0);
    assert_file(w, "first", "configured");
    offer(w, "ours", "second", 1);
    assert_true(w->outcome.kept);
    assert_file(w, "second", "first");
}

static void of_another_application_is_left(void **state)
{
    struct world *w = *state;
    offer(w, "theirs", "x", 0);
    assert_int_equal(w->outcome.hide_s, SECRET_KEEPER_AGAIN_MAX_S);
    assert_part(w->why, "of another application, theirs");
    assert_int_equal(scripted_request_count(w->http), 0);
    assert_no_file(w);
}

static void what_is_refused_is_left_for_longer_and_longer(void **state)
{
    struct world *w = *state;
    unsigned hidden[] = {600, 1200, 2400, 4800, 9600, 19200, 38400, 43200, 43200};
    for (size_t i = 0; i < ELEMENTS(hidden); i++) {
        scripted_rule(w->http, REFUSED);
        offer(w, "ours", "first", 0);
        assert_int_equal(w->outcome.hide_s, hidden[i]);
    }
    assert_part(w->why, "could not be proved that it works: Login with Amazon refuses");
    assert_no_part(w->why, "first");
    assert_no_file(w);
    scripted_rule(w->http, .fail = ERROR_DNS);
    offer(w, "ours", "first", 0);
    assert_part(w->why, "scripted dns");
    scripted_rule(w->http, TOKEN);
    offer(w, "ours", "first", 0);
    assert_file(w, "first", "configured");
}

static void many_bad_ones_cost_one_proof(void **state)
{
    struct world *w = *state;
    secret_keeper_free(w->keeper);
    assert_int_equal(secret_keeper_new(&w->keeper,
                                       &(struct secret_keeper_options){
                                           .pause_usec = SECRET_KEEPER_PAUSE_USEC,
                                           .event = w->event,
                                           .http = w->http,
                                           .client_id = "ours",
                                           .replaced = &w->configured,
                                           .directory = w->directory,
                                       }),
                     0);
    scripted_rule(w->http, REFUSED);
    offer(w, "ours", "forged", 0);
    assert_int_equal(w->outcome.hide_s, 600);
    for (unsigned i = 1; i < 20; i++) {
        offer(w, "ours", "forged too", i);
        assert_in_range(w->outcome.hide_s, 1, 60);
        assert_part(w->why, "Login with Amazon refuses");
    }
    assert_int_equal(scripted_request_count(w->http), 1);
    assert_no_file(w);
}

static void a_copy_is_deleted_without_asking(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, TOKEN);
    offer(w, "ours", "first", 5);
    offer(w, "ours", "first", 5);
    assert_int_equal(w->outcome.hide_s, 0);
    assert_true(w->outcome.kept); /* written once more, to be certain */
    assert_int_equal(scripted_request_count(w->http), 1);
    assert_file(w, "first", "configured");
}

static void an_old_message_undoes_nothing(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, TOKEN);
    offer(w, "ours", "second", 5);
    offer(w, "ours", "first", 4);
    assert_false(w->outcome.kept);
    assert_int_equal(w->outcome.hide_s, 0);
    assert_int_equal(scripted_request_count(w->http), 1);
    assert_file(w, "second", "configured");
}

static void what_cannot_be_written_is_left(void **state)
{
    struct world *w = *state;
    free(scratch_write(w->directory, SECRET_FILE_NAME ".new/file", ""));
    scripted_rule(w->http, TOKEN);
    offer(w, "ours", "first", 0);
    assert_false(w->outcome.kept);
    assert_int_equal(w->outcome.hide_s, 60);
    assert_part(w->why, "cannot be written");
    assert_no_file(w);
}

static void a_damaged_file_is_replaced(void **state)
{
    struct world *w = *state;
    free(scratch_write(w->directory, SECRET_FILE_NAME, "garbage"));
    scripted_rule(w->http, TOKEN);
    offer(w, "ours", "first", 0);
    assert_true(w->outcome.kept);
    assert_file(w, "first", "configured");
}

static void one_at_a_time(void **state)
{
    struct world *w = *state;
    assert_int_equal(begin(w, "ours", "first", 0), 0);
    assert_int_equal(begin(w, "ours", "second", 1), -EBUSY);
    while (sd_event_run(w->event, 0) > 0)
        continue;
    assert_int_equal(w->done, 0);
    secret_keeper_free(TAKE(w->keeper));
    assert_int_equal(w->done, 0);
    assert_int_equal(http_in_flight(w->http), 0);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(proves_keeps_and_then_deletes),
        IN_WORLD(of_another_application_is_left),
        IN_WORLD(what_is_refused_is_left_for_longer_and_longer),
        IN_WORLD(many_bad_ones_cost_one_proof),
        IN_WORLD(a_copy_is_deleted_without_asking),
        IN_WORLD(an_old_message_undoes_nothing),
        IN_WORLD(what_cannot_be_written_is_left),
        IN_WORLD(a_damaged_file_is_replaced),
        IN_WORLD(one_at_a_time),
    };
    return cmocka_run_group_tests_name("secret_keeper", tests, NULL, NULL);
}
