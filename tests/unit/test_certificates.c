/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/memory.h"
#include "capture.h"
#include "config/certificates.h"
#include "configuring.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "parts.h"
#include "scratch.h"

static sd_event *event;
static struct certificates all;
static unsigned looks;
static char *client, *authority;

static void on_look(const struct certificate *certificate, void *userdata)
{
    (void)certificate, (void)userdata;
    looks++;
}

/* Writes a certificate that ends after `usec` of the fake clock. */
static void write_certificate(const char *path, uint64_t usec)
{
    static EVP_PKEY *key;
    if (!key)
        key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    X509_set_pubkey(certificate, key);
    ASN1_TIME_set(X509_getm_notBefore(certificate), 0);
    ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)((fake_now_usec + usec) / USEC_PER_SEC));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    fclose(file);
    X509_free(certificate);
}

static int begin(void **state)
{
    int r = start(state);
    client = memory_format("%s/client.pem", directory);
    authority = memory_format("%s/ca.pem", directory);
    all = (struct certificates){.looked = on_look};
    looks = 0;
    return r ? r : sd_event_new(&event) < 0;
}

static int finish(void **state)
{
    certificates_clear(&all);
    sd_event_unref(event);
    free(client);
    free(authority);
    return end(state);
}

/* Reads a config whose webhook has both; what was told since `tell`. */
static char *read_config(void)
{
    AUTOFREE char *text = memory_format(GOOD "client_certificate = %s\nclient_key = /k\n"
                                             "ca_file = %s\n",
                                        client, authority);
    expect(text, "");
    capture_start(STDERR_FILENO);
    assert_int_equal(certificates_set(&all, event, config), 0);
    return capture_end(STDERR_FILENO);
}

static char *pass(uint64_t usec)
{
    capture_start(STDERR_FILENO);
    fake_loop_run(event, usec);
    return capture_end(STDERR_FILENO);
}

static void told_when_it_gets_closer(void **state)
{
    (void)state;
    write_certificate(client, 31 * USEC_PER_DAY);
    write_certificate(authority, 900 * USEC_PER_DAY);
    AUTOFREE char *at_start = read_config();
    assert_string_equal(at_start, "");
    assert_int_equal(looks, 2);
    AUTOFREE char *month = pass(2 * USEC_PER_DAY);
    assert_part(month, "webhook wms: the client certificate ends in 30d");
    assert_int_equal(count_parts(month, "webhook wms"), 1);
    AUTOFREE char *nothing = pass(21 * USEC_PER_DAY);
    assert_string_equal(nothing, "");
    AUTOFREE char *week = pass(2 * USEC_PER_DAY);
    assert_part(week, "ends in 7d");
    AUTOFREE char *day = pass(6 * USEC_PER_DAY - USEC_PER_HOUR);
    assert_part(day, "ends in 1d");
    assert_int_equal(count_parts(day, "webhook wms"), 1);
    /* To the second, not at the end of the day. */
    AUTOFREE char *ended = pass(USEC_PER_HOUR + 2 * USEC_PER_SEC);
    assert_part(ended, "webhook wms: the client certificate has ended");
    AUTOFREE char *once = pass(3 * USEC_PER_DAY);
    assert_string_equal(once, "");
    assert_int_equal(all.list[0].state, CERTIFICATE_EXPIRED);

    write_certificate(client, 90 * USEC_PER_DAY);
    AUTOFREE char *renewed = pass(USEC_PER_DAY);
    assert_part(renewed, "the client certificate is good again, until 2016-01-0");
    assert_int_equal(count_parts(renewed, "webhook wms"), 1);
}

static void a_reload_repeats_nothing(void **state)
{
    (void)state;
    write_certificate(client, 5 * USEC_PER_DAY);
    write_certificate(authority, 2 * USEC_PER_DAY);
    AUTOFREE char *first = read_config();
    assert_part(first, "the client certificate ends in 5d");
    assert_part(first, "the authority in ca_file ends in 2d");
    AUTOFREE char *again = read_config();
    assert_string_equal(again, "");
    assert_int_equal(looks, 4);
    expect(GOOD, "");
    assert_int_equal(certificates_set(&all, event, config), 0);
    assert_null(certificates_find(&all, "wms", CERTIFICATE_CLIENT));
    assert_int_equal(fake_loop_next(), UINT64_MAX);
}

static void what_cannot_be_used(void **state)
{
    (void)state;
    write_certificate(authority, 900 * USEC_PER_DAY);
    AUTOFREE char *missing = read_config();
    assert_part(missing, "client.pem cannot be used: it cannot be read: No such file");
    assert_true(certificates_find(&all, "wms", CERTIFICATE_CLIENT)->ends_usec == 0);
    AUTOFREE char *still = pass(2 * USEC_PER_DAY);
    assert_string_equal(still, "");
    write_certificate(client, 90 * USEC_PER_DAY);
    AUTOFREE char *there = pass(USEC_PER_DAY);
    assert_part(there, "is good again");
}

static void check_warns(void **state)
{
    struct config_findings found = {0};
    AUTOTEXT struct text text = {0};
    (void)state;
    write_certificate(client, 29 * USEC_PER_DAY);
    write_certificate(authority, 0);
    free(read_config());
    config_check_certificates(config, &found);
    for (size_t i = 0; i < found.count; i++)
        config_finding_print(&text, &found.findings[i]);
    assert_int_equal(found.errors, 0);
    assert_part(text.data, "dockbell.conf:6: warning: [webhook wms] client_certificate: ");
    assert_part(text.data, "client.pem ends in 29d: renew it");
    assert_part(text.data, "ca.pem has ended: nothing can be delivered with it");
    config_findings_clear(&found);
}

int main(void)
{
#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, begin, finish)
    const struct CMUnitTest tests[] = {
        WITH_FILES(told_when_it_gets_closer),
        WITH_FILES(a_reload_repeats_nothing),
        WITH_FILES(what_cannot_be_used),
        WITH_FILES(check_warns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
