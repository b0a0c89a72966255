/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "config/application.h"
#include "parts.h"
#include "scratch.h"
#include "scripted_http.h"

#define QUEUES                                                                                     \
    "[queue eu]\narn = arn:aws:sqs:eu-west-1:444455556666:eu-orders\n"                             \
    "[queue na]\narn = arn:aws:sqs:us-east-1:444455556666:na-orders\n"
#define WEBHOOK "[webhook wms]\nurl = https://wms.example.com/\nsecret = env:WMS\n"
#define APPLICATION                                                                                \
    "[application]\nclient_id = amzn1.application-oa2-client.example\nclient_secret = hush\n"
#define SELLER(name, rest)                                                                         \
    "[seller " name "]\nseller_id = ID-" name "\nregion = eu\nqueue = eu\n" rest
#define TOKEN     "refresh_token = Atzr|token\n"
#define SUBSCRIBE "subscribe = ORDER_CHANGE\n"

struct world {
    char *directory;
    sd_event *event;
    struct http *http;
    struct config *config;
    struct application application;
    struct error error;
};

static int setup(void **state)
{
    struct world *w = NEW(struct world);
    w->directory = scratch_new();
    assert_int_equal(sd_event_new(&w->event), 0);
    assert_int_equal(http_new(&w->http, w->event), 0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    application_close(&w->application);
    config_free(w->config);
    http_free(w->http);
    sd_event_unref(w->event);
    scratch_remove(w->directory);
    free(w);
    return 0;
}

static void configure(struct world *w, const char *text)
{
    struct config_findings findings = {0};
    AUTOFREE char *path = scratch_write(w->directory, "dockbell.conf", text);
    config_free(w->config);
    /* Some of these configs have findings; the daemon would not start with them, a command may. */
    config_load(&w->config, path, &findings);
    assert_non_null(w->config);
    config_findings_clear(&findings);
}

static int open_for(struct world *w, const char *const only[])
{
    application_close(&w->application);
    w->error = (struct error){0};
    return application_open(&w->application, w->config, only, w->event, w->http, &w->error);
}

static bool registers(struct world *w, const char *text)
{
    configure(w, text);
    assert_int_equal(w->config->n_sellers, 1);
    return application_registers(w->config, &w->config->sellers[0]);
}

static void who_registers(void **state)
{
    struct world *w = *state;
    assert_true(registers(w, QUEUES WEBHOOK APPLICATION SELLER("acme", TOKEN SUBSCRIBE)));
    assert_false(registers(w, QUEUES WEBHOOK APPLICATION SELLER("acme", TOKEN)));
    assert_false(registers(w, QUEUES WEBHOOK APPLICATION SELLER("acme", SUBSCRIBE)));
    assert_false(registers(w, QUEUES WEBHOOK SELLER("acme", TOKEN SUBSCRIBE)));
    assert_false(registers(w, QUEUES WEBHOOK
                           "[application]\nclient_id = c\n" SELLER("acme", TOKEN SUBSCRIBE)));
    assert_false(registers(w, QUEUES WEBHOOK
                           "[application]\nclient_secret = s\n" SELLER("acme", TOKEN SUBSCRIBE)));
}

static void all_that_can_by_themselves(void **state)
{
    struct world *w = *state;
    configure(w, QUEUES WEBHOOK APPLICATION SELLER("acme", TOKEN SUBSCRIBE) SELLER("silent", "")
                     SELLER("other", "refresh_token = Atzr|2\nsubscribe = "
                                     "ORDER_CHANGE, FEED_PROCESSING_FINISHED\n"
                                     "order_change_types = OrderStatusChange\n"));
    w->config->sellers[2].queue[0] = 'n'; /* na */
    w->config->sellers[2].queue[1] = 'a';
    assert_int_equal(open_for(w, NULL), 0);
    assert_non_null(w->application.lwa);
    assert_int_equal(w->application.n_sellers, 2);
    const struct registrar_seller *acme = &w->application.sellers[0],
                                  *other = &w->application.sellers[1];
    assert_string_equal(acme->name, "acme");
    assert_string_equal(acme->region, "eu");
    assert_string_equal(acme->arn, "arn:aws:sqs:eu-west-1:444455556666:eu-orders");
    assert_string_equal(acme->refresh_token->data, "Atzr|token");
    assert_null(acme->order_change_types);
    assert_string_equal(other->name, "other");
    assert_string_equal(other->arn, "arn:aws:sqs:us-east-1:444455556666:na-orders");
    assert_string_equal(other->refresh_token->data, "Atzr|2");
    assert_string_equal(other->types[1], "FEED_PROCESSING_FINISHED");
    assert_string_equal(other->order_change_types[0], "OrderStatusChange");
}

static void only_who_was_named(void **state)
{
    struct world *w = *state;
    configure(w,
              QUEUES WEBHOOK APPLICATION SELLER("acme", "refresh_token = file:/nowhere\n" SUBSCRIBE)
                  SELLER("other", TOKEN SUBSCRIBE));
    assert_int_equal(open_for(w, (const char *const[]){"other", NULL}), 0);
    assert_int_equal(w->application.n_sellers, 1);
    assert_string_equal(w->application.sellers[0].name, "other");
}

static void who_was_named_and_cannot_is_told_what_is_missing(void **state)
{
    struct world *w = *state;
    configure(w, QUEUES WEBHOOK APPLICATION SELLER("acme", TOKEN SUBSCRIBE) SELLER("silent", ""));
    assert_int_equal(open_for(w, (const char *const[]){"acme", "silent", NULL}), -EIO);
    assert_int_equal(w->error.kind, ERROR_CONFIG);
    assert_string_equal(w->error.text,
                        "seller silent: registering needs refresh_token and subscribe in [seller "
                        "silent]");
    configure(w, QUEUES WEBHOOK SELLER("acme", TOKEN SUBSCRIBE));
    assert_int_equal(open_for(w, (const char *const[]){"acme", NULL}), -EIO);
    assert_string_equal(w->error.text, "seller acme: registering needs client_id and "
                                       "client_secret in [application]");
    configure(w, QUEUES WEBHOOK "[application]\nclient_id = c\n" SELLER("acme", TOKEN));
    assert_int_equal(open_for(w, (const char *const[]){"acme", NULL}), -EIO);
    assert_string_equal(w->error.text, "seller acme: registering needs client_secret in "
                                       "[application] and subscribe in [seller acme]");
}

/* Nobody to register: no secret is touched. */
static void nobody_is_fine(void **state)
{
    struct world *w = *state;
    configure(w, QUEUES WEBHOOK
              "[application]\nclient_id = c\nclient_secret = file:/nowhere\n" SELLER("silent", ""));
    assert_int_equal(open_for(w, NULL), 0);
    assert_int_equal(w->application.n_sellers, 0);
    assert_null(w->application.lwa);
}

static void a_secret_that_is_not_there_is_named(void **state)
{
    struct world *w = *state;
    configure(w, QUEUES WEBHOOK APPLICATION SELLER("acme", TOKEN SUBSCRIBE)
                     SELLER("other", "refresh_token = file:/nowhere/token\n" SUBSCRIBE));
    /* One seller's is nobody else's. */
    assert_int_equal(open_for(w, NULL), 0);
    assert_int_equal(w->application.n_sellers, 2);
    assert_null(w->application.sellers[0].broken);
    assert_part(w->application.sellers[1].broken->text, "dockbell.conf:");
    assert_part(w->application.sellers[1].broken->text, "file:/nowhere/token");
    configure(w, QUEUES WEBHOOK
              "[application]\nclient_id = c\nclient_secret = env:NO_SUCH_NAME\n" SELLER(
                  "acme", TOKEN SUBSCRIBE));
    assert_int_equal(open_for(w, NULL), -EIO);
    assert_part(w->error.text, "env:NO_SUCH_NAME");
}

/* ---- client secrets ---- */

static void assert_secrets(struct world *w, const char *expected)
{
    struct application_secrets secrets;
    AUTOTEXT struct text order = {0};
    assert_int_equal(application_secrets_load(&secrets, w->config, &w->error), 0);
    for (size_t i = 0; i < secrets.count; i++)
        text_appendf(&order, "%s=%s ", application_source_name(secrets.sources[i]),
                     secrets.secrets[i].data);
    assert_string_equal(order.data, expected);
    application_secrets_clear(&secrets);
}

static void configure_with_state(struct world *w)
{
    AUTOFREE char *text =
        memory_format("[daemon]\nstate_directory = %s\n" QUEUES WEBHOOK APPLICATION SELLER(
                          "acme", TOKEN SUBSCRIBE),
                      w->directory);
    configure(w, text);
}

#define CLIENT "client_id=amzn1.application-oa2-client.example\n"
#define ISSUED "issued=2026-01-11T00:09:53.109Z\n"
#define OLD    "old_secret=before\nold_expires=2026-01-18T00:09:53.109Z\n"

static void the_secret_that_amazon_sent_comes_first(void **state)
{
    struct world *w = *state;
    configure_with_state(w);
    assert_secrets(w, "config=hush ");
    free(scratch_write(w->directory, "client_secret", CLIENT "secret=sent\n" ISSUED OLD));
    assert_secrets(w, "file=sent config=hush old=before ");
    free(scratch_write(w->directory, "client_secret", CLIENT "secret=hush\n" ISSUED));
    assert_secrets(w, "file=hush ");
    free(scratch_write(w->directory, "client_secret", "client_id=x\nsecret=sent\n" ISSUED OLD));
    assert_secrets(w, "config=hush ");
}

static void a_damaged_secret_file_is_named(void **state)
{
    struct world *w = *state;
    configure_with_state(w);
    free(scratch_write(w->directory, "client_secret", CLIENT "secret=sent"));
    assert_int_equal(open_for(w, NULL), -EIO);
    assert_part(w->error.text, "/client_secret, the client secret that Amazon sent, is damaged");
}

static void a_secret_that_comes_later_is_used(void **state)
{
    struct world *w = *state;
    configure_with_state(w);
    assert_int_equal(open_for(w, NULL), 0);
    free(scratch_write(w->directory, "client_secret", CLIENT "secret=sent\n" ISSUED));
    assert_int_equal(application_reload_secrets(&w->application, w->config, &w->error), 0);
    assert_string_equal(w->application.secrets.secrets[0].data, "sent");
    free(scratch_write(w->directory, "client_secret", "garbage"));
    assert_int_equal(application_reload_secrets(&w->application, w->config, &w->error), -EIO);
    assert_string_equal(w->application.secrets.secrets[0].data, "sent");
}

static void an_endpoint_for_the_application(void **state)
{
    struct world *w = *state;
    configure_with_state(w);
    assert_string_equal(application_endpoint(w->config), "https://sellingpartnerapi-eu.amazon.com");
    configure(w, QUEUES WEBHOOK APPLICATION);
    assert_string_equal(application_endpoint(w->config), "https://sellingpartnerapi-na.amazon.com");
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(who_registers),
        IN_WORLD(all_that_can_by_themselves),
        IN_WORLD(only_who_was_named),
        IN_WORLD(who_was_named_and_cannot_is_told_what_is_missing),
        IN_WORLD(nobody_is_fine),
        IN_WORLD(a_secret_that_is_not_there_is_named),
        IN_WORLD(the_secret_that_amazon_sent_comes_first),
        IN_WORLD(a_damaged_secret_file_is_named),
        IN_WORLD(a_secret_that_comes_later_is_used),
        IN_WORLD(an_endpoint_for_the_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
