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
#include "config/config.h"
#include "configuring.h"
#include "journal/events.h"
#include "receive/receiver.h"
#include "scratch.h"

static void defaults_are_those_of_the_manual(void **state)
{
    (void)state;
    expect(GOOD, "");
    assert_string_equal(config->state_directory, "/var/lib/dockbell");
    assert_int_equal(config->log_level, EVENT_INFO);
    assert_true(config->keep_delivered_usec == 30 * USEC_PER_DAY);
    assert_true(config->keep_bodies_usec == 7 * USEC_PER_DAY);
    assert_true(config->keep_dead_usec == 30 * USEC_PER_DAY);
    assert_true(config->keep_held_usec == 30 * USEC_PER_DAY);
    assert_true(config->max_history == 4ULL << 30);
    assert_true(config->max_backlog == 1000000);
    assert_true(config->min_free_disk == 256 << 20);
    assert_int_equal(config->unknown_seller, UNKNOWN_HOLD);
    assert_int_equal(config->max_unknown, 1000);
    assert_int_equal(config->max_unknown_size, 16 << 20);
    assert_int_equal(config->keep_unknown_usec, 14 * USEC_PER_DAY);
    assert_true(config->queues[0].wait_usec == 20 * USEC_PER_SEC);
    assert_int_equal(config->queues[0].max_pollers, 32);
    assert_null(config->queues[0].endpoint);
    assert_int_equal(config->webhooks[0].concurrency, 64);
    assert_int_equal(config->webhooks[0].max_attempts, 20);
    assert_true(config->webhooks[0].timeout_usec == 20 * USEC_PER_SEC);
    assert_true(config->webhooks[0].max_age_usec == 7 * USEC_PER_DAY);
    assert_null(config->webhooks[0].sellers);
    assert_int_equal(config->webhooks[0].format, WEBHOOK_STANDARD);
    assert_null(config->client_id);
}

static void every_key_reaches_its_place(void **state)
{
    (void)state;
    expect("[daemon]\nstate_directory=/s\nlog_level=debug\nkeep_delivered=20d\nkeep_bodies=12h\n"
           "max_history=64M\nkeep_dead=90d\nkeep_held=forever\nmax_backlog=5000\nmin_free_disk=0\n"
           "unknown_seller=forward\nmax_unknown=5\nmax_unknown_size=1M\nkeep_unknown=3d\n"
           "[application]\nclient_id=c\nclient_secret=env:S\n"
           "lwa_endpoint=http://127.0.0.1:8080/auth/o2/token\nendpoint=http://localhost:8080/\n"
           "[aws]\naccess_key_id=AK\nsecret_access_key=env:K\nsession_token=env:T\n"
           "[queue q]\n" ARN "endpoint=http://[::1]:9/\nwait=5s\nmax_pollers=1\n"
           "[seller s]\nseller_id=A1\nregion=fe\nrefresh_token=env:R\nqueue=q\n"
           "subscribe=ORDER_CHANGE, B2B_ANY_OFFER_CHANGED\nsubscriptions=a-1, "
           "b-2\norder_change_types=OrderStatusChange\n"
           "[webhook w]\nurl=https://w/x?y=z\nsecret=env:W\nsellers=s\ntypes=ORDER_CHANGE,\\\n"
           "  B2B_ANY_OFFER_CHANGED\nconcurrency=256\ntimeout=5m\nmax_attempts=3\nmax_age=2d\n"
           "format=cloudevents\n",
           "dockbell.conf:11: warning: [daemon] unknown_seller: forward signs and delivers what "
           "anybody publishes to a queue; hold keeps it for a look\n");
    assert_string_equal(config->state_directory, "/s");
    assert_true(config->keep_dead_usec == 90 * USEC_PER_DAY);
    assert_true(config->keep_held_usec == 0);
    assert_true(config->max_history == 64 << 20);
    assert_true(config->min_free_disk == 0);
    assert_int_equal(config->unknown_seller, UNKNOWN_FORWARD);
    assert_int_equal(config->max_unknown, 5);
    assert_int_equal(config->max_unknown_size, 1 << 20);
    assert_int_equal(config->keep_unknown_usec, 3 * USEC_PER_DAY);
    assert_string_equal(config->sellers[0].subscriptions[1], "b-2");
    assert_string_equal(config->endpoint, "http://localhost:8080");
    assert_string_equal(config->session_token.reference, "env:T");
    assert_int_equal(config->session_token.place.line, 23);
    assert_string_equal(config->queues[0].endpoint, "http://[::1]:9");
    assert_int_equal(config->queues[0].max_pollers, 1);
    assert_string_equal(config->sellers[0].region, "fe");
    assert_int_equal(text_list_size(config->sellers[0].subscribe), 2);
    assert_int_equal(text_list_size(config->webhooks[0].types), 2);
    assert_string_equal(config->webhooks[0].types[1], "B2B_ANY_OFFER_CHANGED");
    assert_int_equal(config->webhooks[0].max_attempts, 3);
    assert_int_equal(config->webhooks[0].format, WEBHOOK_CLOUDEVENTS);
    assert_int_equal(config->webhooks[0].place.line, 37);
}

static void syntax_is_that_of_systemd(void **state)
{
    (void)state;
    expect("\xef\xbb\xbf# a comment\r\n ; another = one\r\n\n  [queue q]  \r\n"
           "arn = arn:aws:sqs:eu-west-1:\\\n# between\nfails\n",
           "dockbell.conf:4: warning: [queue q]: no seller has this queue: everything that comes "
           "is from an unknown sender\n"
           "dockbell.conf:5: [queue q] arn: \"arn:aws:sqs:eu-west-1: fails\" is not a complete SQS "
           "ARN: arn:aws:sqs:REGION:ACCOUNT:NAME is\n");
    expect(GOOD "types = A, \\\n  B,\\\n\nsellers = acme\n", "");
    assert_int_equal(text_list_size(config->webhooks[0].types), 2);
    expect(GOOD "timeout = 5s \\\n",
           "dockbell.conf:9: the file ends in a line that is continued with \\\n");
    expect(GOOD "timeout\n=5s\n[webhook\n[a]b]\nurl = x\n",
           "dockbell.conf:9: neither a section nor key = value (a comment begins with #)\n"
           "dockbell.conf:10: there is no key before the =\n"
           "dockbell.conf:11: a section begins with [kind] or [kind name] on its own line\n"
           "dockbell.conf:12: unknown section [a]b]\n");
    expect("a = b\n" GOOD, "dockbell.conf:1: the key a is before the first section of this "
                           "file\n");
    expect(GOOD "max_age = 3\xff\n", "dockbell.conf:9: the value is not valid UTF-8\n");
}

static void limits_are_errors_and_cut_nothing(void **state)
{
    (void)state;
    size_t room = CONFIG_LINE_MAX + 100;
    AUTOFREE char *line = memory_new(room + 1);
    memset(line, 'x', room);
    memcpy(line, "secret = ", 9);
    line[CONFIG_LINE_MAX] = '\0';
    AUTOFREE char *fits =
        memory_format("[queue q]\n" ARN
                      "[seller s]\nseller_id = A1\nqueue = q\n[webhook w]\nurl = https://w\n%s\n",
                      line);
    expect(fits, "");
    assert_int_equal(strlen(config->webhooks[0].secret.reference), CONFIG_LINE_MAX - 9);
    line[CONFIG_LINE_MAX] = 'x';
    AUTOFREE char *too_long = memory_format("%s\n", line);
    expect(too_long, "dockbell.conf:1: the line is too long (64 K at most)\n");
    line[60000] = '\0';
    AUTOFREE char *chain = memory_format("%s\\\n%s\n[aws]\n", line, line);
    expect(chain, "dockbell.conf:1: a line that is continued gets too long (64 K at most)\n");
}

static void unknown_words_name_their_neighbours(void **state)
{
    (void)state;
    expect_webhook("tiemout = 5s",
                   "dockbell.conf:9: [webhook wms] tiemout: unknown key; is timeout meant?\n");
    expect_webhook(
        "refresh_token = x",
        "dockbell.conf:9: [webhook wms] refresh_token: unknown key; it belongs to [seller]\n");
    expect_webhook("colour = red", "dockbell.conf:9: [webhook wms] colour: unknown key\n");
    expect_webhook("[webhok b]",
                   "dockbell.conf:9: unknown section [webhok]; is [webhook] meant?\n");
    expect_webhook("[admni]\nlisten = 127.0.0.1:9464",
                   "dockbell.conf:9: unknown section [admni]; is [admin] meant?\n");
    expect_webhook("[queue]", "dockbell.conf:9: [queue] needs a name: [queue NAME]\n");
    expect_webhook("[daemon x]", "dockbell.conf:9: [daemon] has no name\n");
    expect_webhook("[seller -x]",
                   "dockbell.conf:9: \"-x\" cannot be a name: letters, digits, dots, dashes and "
                   "underscores, starting with a letter or digit, at most 64\n");
}

static void authentication_is_whole_and_takes_no_header_of_ours(void **state)
{
    (void)state;
    expect_webhook("user = u", "dockbell.conf:9: [webhook wms] user: needs password as well\n");
    expect_webhook("user = u\npassword = p\nbearer = t",
                   "dockbell.conf:11: [webhook wms] bearer: cannot be with user at "
                   "dockbell.conf:9: it is one or the other\n");
    expect_webhook(
        "hmac_secret = x\nhmac_encoding = b\nhmac_header = Webhook-Id",
        "dockbell.conf:10: [webhook wms] hmac_encoding: \"b\" is neither hex nor base64\n"
        "dockbell.conf:11: [webhook wms] hmac_header: Webhook-Id is a header that the "
        "request has already\n");
    expect_webhook("accept = 200, 302", "dockbell.conf:9: [webhook wms] accept: \"302\" is not an "
                                        "HTTP status of 2xx, 4xx or 5xx\n");
}

static void values_say_what_they_should_be(void **state)
{
    (void)state;
    expect_webhook("format = json", "dockbell.conf:9: [webhook wms] format: \"json\" is not one of "
                                    "standard, raw, cloudevents\n");
    expect_webhook("timeout = 20",
                   "dockbell.conf:9: [webhook wms] timeout: \"20\" has no unit: is 20s meant?\n");
    expect_webhook("timeout = 6m",
                   "dockbell.conf:9: [webhook wms] timeout: 6m is not between 1s and 5m\n");
    expect_webhook(
        "timeout = 99999999999999999999s",
        "dockbell.conf:9: [webhook wms] timeout: 99999999999999999999s is not between 1s and 5m\n");
    expect_webhook(
        "timeout = 18446744073709551615d",
        "dockbell.conf:9: [webhook wms] timeout: 18446744073709551615d is not between 1s and 5m\n");
    expect_webhook("concurrency = 257",
                   "dockbell.conf:9: [webhook wms] concurrency: 257 is not between 1 and 256\n");
    expect_webhook("concurrency = -1",
                   "dockbell.conf:9: [webhook wms] concurrency: \"-1\" is not a number\n");
    expect_webhook("concurrency =", "dockbell.conf:9: [webhook wms] concurrency: has no value; "
                                    "without the line the default holds\n");
    expect_webhook("timeout = \"5s\"",
                   "dockbell.conf:9: [webhook wms] timeout: do not quote values\n");
    expect_webhook("types = ORDER-CHANGE", "dockbell.conf:9: [webhook wms] types: \"ORDER-CHANGE\" "
                                           "is not a notification type such as ORDER_CHANGE\n");
    expect_webhook("types = ,",
                   "dockbell.conf:9: [webhook wms] types: there is nothing between the commas\n");
    expect(GOOD
           "marketplaces = A1PA6795UKMFR9\nfulfillments = MFN, AFN\nstatuses = Unshipped, OUT-1\n"
           "changes = OrderStatusChange\n",
           "");
    expect(GOOD "coalesce = yes\n", "");
    expect_webhook("coalesce = maybe",
                   "dockbell.conf:9: [webhook wms] coalesce: \"maybe\" is neither yes nor no\n");
    expect_webhook("statuses = Un shipped",
                   "dockbell.conf:9: [webhook wms] statuses: \"Un shipped\" "
                   "has other characters than letters, digits, _ and -\n");
    expect_webhook("types = A, A",
                   "dockbell.conf:9: [webhook wms] types: \"A\" is in the list twice\n");
    expect_webhook("[daemon]\nkeep_delivered = 13d",
                   "dockbell.conf:10: [daemon] keep_delivered: 13d is not between 14d and 3650d\n");
    expect_webhook("[daemon]\nkeep_dead = never",
                   "dockbell.conf:10: [daemon] keep_dead: \"never\" is "
                   "not \"forever\" or a duration such as 90d\n");
    expect_webhook(
        "[daemon]\nmax_history = 4T",
        "dockbell.conf:10: [daemon] max_history: \"4T\" is not a size such as 64K, 256M or 4G\n");
    expect_webhook("[daemon]\nlog_level = warn",
                   "dockbell.conf:10: [daemon] log_level: \"warn\" is not one of error, warning, "
                   "notice, info, debug\n");
    expect_webhook(
        "[daemon]\nstate_directory = state",
        "dockbell.conf:10: [daemon] state_directory: \"state\" is not an absolute path\n");
    expect_webhook(
        "[daemon]\nunknown_seller = keep",
        "dockbell.conf:10: [daemon] unknown_seller: \"keep\" is not hold, drop or forward\n");
    expect_webhook(
        "[queue b]\narn = arn:aws:sqs:eu-west-1:444455556666:a.fifo\n[seller b]\nseller_id = "
        "B\nqueue = b",
        "dockbell.conf:10: [queue b] arn: \"arn:aws:sqs:eu-west-1:444455556666:a.fifo\" is a FIFO "
        "queue; Amazon publishes to standard queues only, make one\n");
}

static const char *url_finding(const char *url)
{
    AUTOFREE char *content = memory_format(
        "[queue q]\n" ARN
        "[seller acme]\nseller_id = A1\nqueue = q\n[webhook wms]\nsecret = env:X\nurl = %s\n",
        url);
    load(content);
    const char *text = strstr(findings, "url: ");
    return text ? text + 5 : findings;
}

static void urls_are_https_except_to_this_machine(void **state)
{
    (void)state;
    static const char *const good[] = {"https://wms.example.com", "https://wms:8443/a?b=c",
                                       "http://127.0.0.1:1/",     "http://127.9.9.9/",
                                       "http://localhost/x",      "http://[::1]:80/"};
    static const char *const bad[] = {"http://wms/",
                                      "http://127.0.0.1.example.com/",
                                      "http://localhost.example.com/",
                                      "http://[::2]/",
                                      "http://10.0.0.1/",
                                      "ftp://127.0.0.1/",
                                      "gopher://x/"};
    for (size_t i = 0; i < ELEMENTS(good); i++)
        assert_string_equal(url_finding(good[i]), "");
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        assert_true(text_starts(url_finding(bad[i]), "must begin with https://"));
    assert_non_null(strstr(url_finding("wms.example.com"), "https:// is missing"));
    assert_non_null(strstr(url_finding("https://u:p@wms/"), "user or password"));
    assert_non_null(strstr(url_finding("https://wms/#x"), "with a #"));
    assert_non_null(strstr(url_finding("https://wms/a b"), "no blanks"));
    assert_non_null(strstr(url_finding("https://w\xc3\xa4rehouse/"), "ASCII"));
    assert_non_null(strstr(url_finding("https://"), "URL"));
}

static void lists_append_and_others_do_not_repeat(void **state)
{
    (void)state;
    expect(GOOD "types = A\ntypes = B, C\n", "");
    assert_int_equal(text_list_size(config->webhooks[0].types), 3);
    expect(GOOD "types = A\ntypes =\ntypes = B\n", "");
    assert_int_equal(text_list_size(config->webhooks[0].types), 1);
    expect(GOOD "types = A\ntypes =\n", "");
    assert_null(config->webhooks[0].types);
    expect_webhook("timeout = 5s\ntimeout = 6s",
                   "dockbell.conf:10: [webhook wms] timeout: given at dockbell.conf:9 already\n");
}

static void files_are_read_in_the_order_of_their_names(void **state)
{
    (void)state;
    free(scratch_write(directory, "conf.d/20-b.conf", "[seller b]\nseller_id = A2\nqueue = q\n"));
    free(scratch_write(directory, "conf.d/10-a.conf", "[daemon]\nlog_level = debug\n[daemon]\n"));
    free(scratch_write(directory, "conf.d/.hidden.conf", "broken"));
    free(scratch_write(directory, "conf.d/30-old.conf.bak", "broken"));
    expect(GOOD, "conf.d/10-a.conf:3: [daemon]: this section is at conf.d/10-a.conf:1 already\n");
    assert_int_equal(text_list_size(config->files), 3);
    free(scratch_write(directory, "conf.d/10-a.conf", "[daemon]\nlog_level = debug\n"));
    expect(GOOD, "");
    assert_int_equal(config->log_level, EVENT_DEBUG);
    assert_int_equal(config->n_sellers, 2);
    assert_non_null(strstr(config->sellers[1].place.file, "conf.d/20-b.conf"));
    AUTOFREE char *taken = memory_format("%s/conf.d/40-dir.conf", directory);
    assert_int_equal(mkdir(taken, 0700), 0);
    expect(GOOD, "conf.d/40-dir.conf: cannot be read: Is a directory\n");
}

static void no_file_is_an_error_and_no_config(void **state)
{
    (void)state;
    assert_int_equal(load_file(), -EINVAL);
    assert_null(config);
    assert_string_equal(findings, "dockbell.conf: cannot be read: No such file or directory\n");
}

static void the_state_directory_may_come_from_systemd(void **state)
{
    (void)state;
    setenv("STATE_DIRECTORY", "/var/lib/private/dockbell:/other", 1);
    load(GOOD);
    assert_string_equal(config->state_directory, "/var/lib/private/dockbell");
    load("[daemon]\nstate_directory = /mine\n" GOOD);
    assert_string_equal(config->state_directory, "/mine");
    unsetenv("STATE_DIRECTORY");
}

static void sections_fit_together(void **state)
{
    (void)state;
    expect("[queue q]\n[seller s]\n[webhook w]\nsecret = env:X\n",
           "dockbell.conf:1: [queue q] arn: is missing: the queue's ARN, "
           "arn:aws:sqs:REGION:ACCOUNT:NAME\n"
           "dockbell.conf:1: warning: [queue q]: no seller has this queue: everything that comes "
           "is from an unknown sender\n"
           "dockbell.conf:2: [seller s] queue: is missing: the [queue] section that brings the "
           "seller's notifications\n"
           "dockbell.conf:3: [webhook w] url: is missing: where notifications are sent to\n");
    expect_webhook(
        "[queue r]\n" ARN "[seller b]\nseller_id = B\nqueue = r",
        "dockbell.conf:10: [queue r] arn: is that of [queue q] at dockbell.conf:1 already\n");
    expect_webhook("[seller b]\nqueue = p",
                   "dockbell.conf:10: [seller b] queue: there is no [queue p]\n");
    expect_webhook("[seller b]\nseller_id = A1\nqueue = q",
                   "dockbell.conf:10: [seller b] seller_id: [seller acme] at dockbell.conf:3 has "
                   "the same seller_id and queue\n");
    expect_webhook("[seller b]\nqueue = q",
                   "dockbell.conf:9: [seller b] seller_id: is missing: several sellers have the "
                   "queue q, so each needs its own\n");
    expect_webhook("sellers = acme, nobody",
                   "dockbell.conf:9: [webhook wms] sellers: there is no [seller nobody]\n");
    expect_webhook("[aws]\naccess_key_id = A",
                   "dockbell.conf:10: [aws] access_key_id: needs secret_access_key as well\n");
    expect_webhook("[aws]\nsession_token = env:A",
                   "dockbell.conf:10: [aws] session_token: needs access_key_id as well\n");
    expect_webhook("[application]\nclient_id = c",
                   "dockbell.conf:10: [application] client_id: needs client_secret as well\n");
    expect_webhook("[seller b]\nseller_id = B\nqueue = q\nsubscribe = ORDER_CHANGE",
                   "dockbell.conf:9: [seller b] region: is missing: subscribe needs it to know "
                   "where to register (na, eu or fe)\n"
                   "dockbell.conf:9: [seller b] refresh_token: is missing: subscribe needs it to "
                   "register in the seller's name\n"
                   "dockbell.conf:12: [seller b] subscribe: registering needs client_id and "
                   "client_secret in [application]\n");
}

static void a_seller_without_an_id_is_a_warning(void **state)
{
    (void)state;
    expect(
        "[queue q]\n" ARN "[seller s]\nqueue = q\n[webhook w]\nurl = https://w\nsecret = "
        "env:X\n",
        "dockbell.conf:3: warning: [seller s] seller_id: is missing: anyone who can publish to the "
        "queue q gets notifications signed as this seller's\n");
    expect("[queue q]\n" ARN "[seller s]\nqueue = q\nsubscriptions = x\n[webhook w]\nurl = "
           "https://w\nsecret = env:X\n",
           "dockbell.conf:3: warning: [seller s] seller_id: is missing: until a notification of a "
           "known subscription has shown it, everything else is held\n");
}

static void weak_spots_are_warnings(void **state)
{
    (void)state;
    expect_webhook("max_age = 30m", "dockbell.conf:9: warning: [webhook wms] max_age: is below 1h: "
                                    "a short outage of the webhook makes dead letters\n");
    expect_webhook("[webhook b]\nurl = https://b/",
                   "dockbell.conf:9: warning: [webhook b] secret: is not set: requests go out "
                   "unsigned, anybody can forge one\n");
    expect_webhook("types = X\n[seller b]\nseller_id = B\nqueue = q\nregion = eu\nrefresh_token = "
                   "env:R\nsubscribe = PRICING_HEALTH\n"
                   "[application]\nclient_id = c\nclient_secret = env:S\n[webhook x]\nurl = "
                   "https://x/\nsecret = env:S\nsellers = b\ntypes = X",
                   "dockbell.conf:15: warning: [seller b] subscribe: no webhook takes "
                   "PRICING_HEALTH of this seller: it is received and goes nowhere\n"
                   "dockbell.conf:23: warning: [webhook x] types: nothing will come: none of its "
                   "sellers subscribes to one of its types\n");
    expect_webhook("[daemon]\nkeep_bodies = 31d",
                   "dockbell.conf:10: warning: [daemon] keep_bodies: is longer than "
                   "keep_delivered, with which bodies are removed as well\n");
}

/* A seller that can register, with one more line. */
static void the_admin_endpoint_is_for_this_machine(void **state)
{
    (void)state;
    expect_webhook("[admin]\nlisten = 127.0.0.1:9464\ntoken_key = env:K", "");
    assert_string_equal(config->admin_listen, "127.0.0.1:9464");
    assert_string_equal(config->admin_token_key.reference, "env:K");
    assert_false(config->admin_allow_remote);
    expect_webhook("[admin]\nlisten = [::1]:0", "");
    expect_webhook("[admin]\nlisten = unix:/run/dockbell/admin.sock", "");
    expect_webhook("[admin]\nlisten = /run/dockbell/admin.sock", "");
    expect_webhook("[admin]\nlisten = 0.0.0.0:9464\nallow_remote = yes", "");
    assert_true(config->admin_allow_remote);
    expect_webhook("[admin]\nlisten = 0.0.0.0:9464",
                   "dockbell.conf:10: [admin] listen: can be reached from other machines, and "
                   "nothing is encrypted: listen on 127.0.0.1 behind a proxy that speaks TLS, or "
                   "say allow_remote = yes\n");
    expect_webhook("[admin]\nlisten = localhost:9464\nallow_remote = maybe",
                   "dockbell.conf:10: [admin] listen: \"localhost:9464\" is not an address and a "
                   "port such as 127.0.0.1:9464 or [::1]:9464, nor a Unix socket such as "
                   "unix:/run/dockbell/admin.sock\n"
                   "dockbell.conf:11: [admin] allow_remote: \"maybe\" is neither yes nor no\n");
}

static void only_the_daemon_needs_queues_and_webhooks(void **state)
{
    (void)state;
    struct config_findings found = {0};
    assert_int_equal(load("[daemon]\n"), 0);
    assert_int_equal(config_check_complete(config, &found), -EINVAL);
    assert_int_equal(found.errors, 2);
    config_findings_clear(&found);
    assert_int_equal(load(GOOD), 0);
    assert_int_equal(config_check_complete(config, &found), 0);
    assert_int_equal(found.count, 0);
}

static void findings_are_bounded_and_still_counted(void **state)
{
    (void)state;
    AUTOTEXT struct text many = {0};
    struct config_findings found = {0};
    for (int i = 0; i < 3 * CONFIG_FINDINGS_MAX; i++)
        text_append_string(&many, "x\n");
    AUTOFREE char *path = scratch_write(directory, "dockbell.conf", many.data);
    assert_int_equal(config_load(&config, path, &found), -EINVAL);
    assert_int_equal(found.errors, 3 * CONFIG_FINDINGS_MAX);
    assert_int_equal(found.count, CONFIG_FINDINGS_MAX + 1);
    assert_string_equal(found.findings[CONFIG_FINDINGS_MAX].text,
                        "there is more, which is not listed");
    config_findings_clear(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(defaults_are_those_of_the_manual),
        IN_DIRECTORY(every_key_reaches_its_place),
        IN_DIRECTORY(syntax_is_that_of_systemd),
        IN_DIRECTORY(limits_are_errors_and_cut_nothing),
        IN_DIRECTORY(unknown_words_name_their_neighbours),
        IN_DIRECTORY(authentication_is_whole_and_takes_no_header_of_ours),
        IN_DIRECTORY(values_say_what_they_should_be),
        IN_DIRECTORY(urls_are_https_except_to_this_machine),
        IN_DIRECTORY(lists_append_and_others_do_not_repeat),
        IN_DIRECTORY(files_are_read_in_the_order_of_their_names),
        IN_DIRECTORY(no_file_is_an_error_and_no_config),
        IN_DIRECTORY(the_state_directory_may_come_from_systemd),
        IN_DIRECTORY(sections_fit_together),
        IN_DIRECTORY(a_seller_without_an_id_is_a_warning),
        IN_DIRECTORY(weak_spots_are_warnings),
        IN_DIRECTORY(the_admin_endpoint_is_for_this_machine),
        IN_DIRECTORY(only_the_daemon_needs_queues_and_webhooks),
        IN_DIRECTORY(findings_are_bounded_and_still_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
