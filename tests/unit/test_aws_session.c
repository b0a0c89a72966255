/* SPDX-License-Identifier: MIT */
/* Answers with credentials: what is taken, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/aws/fetch.h"
#include "aws/credentials.h"
#include "base/text.h"

#define STS(inner)                                                                                 \
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"   \
    "<Credentials>" inner "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
#define KEYS                                                                                       \
    "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S&amp;</SecretAccessKey>"                        \
    "<SessionToken>T</SessionToken>"
#define END "<Expiration>2030-01-01T00:00:00Z</Expiration>"

static void refuse(enum session_form form, const char *text, const char *why)
{
    struct aws_session session;
    struct error error = {0};
    assert_true(session_parse(&session, form, text, strlen(text), &error) < 0);
    assert_non_null(strstr(error.text, why));
    assert_null(strstr(error.text, "SECRET"));
    aws_session_clear(&session);
}

static void json_of_programs_and_endpoints(void **state)
{
    (void)state;
    struct aws_session session;
    struct error error = {0};
    static const char process[] = "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\"}";
    assert_int_equal(session_parse(&session, SESSION_PROCESS, process, strlen(process), &error), 0);
    assert_string_equal(session.credentials.access_key_id, "A");
    assert_int_equal(session.expires_usec, 0);
    aws_session_clear(&session);
    refuse(SESSION_PROCESS, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"SECRET\"}",
           "\"Version\": 1");
    refuse(SESSION_CONTAINER, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"SECRET\"}", "no Token");
    refuse(SESSION_CONTAINER, "[]", "no JSON object");
    refuse(SESSION_IMDS, "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}",
           "AssumeRoleUnauthorizedAccess");
    refuse(SESSION_PROCESS,
           "{\"Version\":1,\"AccessKeyId\":\"A B\",\"SecretAccessKey\":\"SECRET\"}", "AccessKeyId");
    refuse(SESSION_PROCESS,
           "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"SECRET\",\"Expiration\":"
           "\"soon\"}",
           "no time");
}

static int parse(const char *text, struct aws_session *ret)
{
    *ret = (struct aws_session){0};
    return sts_session_parse(ret, "AssumeRole", text, strlen(text));
}

static void xml_of_sts(void **state)
{
    (void)state;
    struct aws_session session;
    static const char *const wrong[] = {
        "",
        STS(KEYS),           /* without an end */
        STS(KEYS END) "<x>", /* more than one document */
        "<!DOCTYPE x [<!ENTITY e \"v\">]>" STS(KEYS END),
        STS("<!-- c -->" KEYS END),
        STS("<AccessKeyId>&e;</AccessKeyId>" KEYS END),
        STS("<AccessKeyId>A</SecretAccessKey>" END), /* tags that do not match */
    };
    assert_int_equal(parse(STS(KEYS END), &session), 0);
    assert_int_equal(session.credentials.secret_access_key.size, 2);
    assert_memory_equal(session.credentials.secret_access_key.data, "S&", 2);
    aws_session_clear(&session);
    for (size_t i = 0; i < ELEMENTS(wrong); i++) {
        if (parse(wrong[i], &session) == 0)
            fail_msg("taken: %s", wrong[i]);
        aws_session_clear(&session);
    }
}

static void errors_of_sts_have_its_words_and_a_remedy(void **state)
{
    (void)state;
    struct error error = {0};
    static const char text[] = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: u is "
                               "not authorized</Message></Error></ErrorResponse>";
    sts_error_parse(&error, 403, text, strlen(text));
    assert_non_null(strstr(error.text, "AccessDenied"));
    assert_non_null(strstr(error.text, "User: u is not authorized"));
    sts_error_parse(&error, 500, "<html>", 6);
    assert_non_null(strstr(error.text, "500"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_programs_and_endpoints),
        cmocka_unit_test(xml_of_sts),
        cmocka_unit_test(errors_of_sts_have_its_words_and_a_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
