/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/queue_policy.h"
#include "base/json.h"
#include "base/memory.h"

#define ARN   "arn:aws:sqs:eu-west-1:444455556666:orders"
#define US    "\"Principal\":{\"AWS\":\"arn:aws:iam::437568002678:root\"}"
#define BOTH  "\"Action\":[\"sqs:SendMessage\",\"sqs:GetQueueAttributes\"]"
#define HERE  "\"Resource\":\"" ARN "\""
#define ALLOW "{\"Effect\":\"Allow\"," US "," BOTH "," HERE "}"

static const char *const words[] = {"allows", "depends", "silent", "denies", "unreadable"};

/* The verdict on both actions, which must agree. */
static void expect(const char *statements, const char *verdict, const char *text)
{
    AUTOFREE char *policy = memory_format("{\"Statement\":%s}", statements);
    struct queue_policy_judgement send = queue_policy_judge(policy, QUEUE_POLICY_SEND, ARN);
    struct queue_policy_judgement look = queue_policy_judge(policy, QUEUE_POLICY_LOOK, ARN);
    assert_string_equal(words[send.verdict], verdict);
    assert_string_equal(words[look.verdict], verdict);
    if (text)
        assert_string_equal(send.text, text);
}

/* One Allow with these elements. */
static void expect_allow(const char *elements, const char *verdict)
{
    AUTOFREE char *statement = memory_format("[{\"Effect\":\"Allow\",%s}]", elements);
    expect(statement, verdict, NULL);
}

static void the_publisher_has_many_names(void **state)
{
    (void)state;
    expect("[" ALLOW "]", "allows", "statement number 1 allows it");
    expect(ALLOW, "allows", NULL);
    expect_allow("\"Principal\":\"*\"," BOTH "," HERE, "allows");
    expect_allow("\"Principal\":{\"AWS\":\"*\"}," BOTH "," HERE, "allows");
    expect_allow("\"Principal\":{\"AWS\":\"437568002678\"}," BOTH "," HERE, "allows");
    expect_allow("\"Principal\":{\"AWS\":[\"111122223333\",\"437568002678\"]}," BOTH "," HERE,
                 "allows");
    expect_allow("\"Principal\":{\"AWS\":\"111122223333\"}," BOTH "," HERE, "silent");
    /* Not a wildcard within a principal, and not a user of the account. */
    expect_allow("\"Principal\":{\"AWS\":\"4375*\"}," BOTH "," HERE, "silent");
    expect_allow("\"Principal\":{\"AWS\":\"arn:aws:iam::437568002678:user/x\"}," BOTH "," HERE,
                 "silent");
    expect_allow("\"Principal\":\"437568002678\"," BOTH "," HERE, "silent");
    expect_allow(BOTH "," HERE, "silent");
}

static void a_service_is_not_the_publisher(void **state)
{
    (void)state;
    expect("[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sellingpartnerapi.amazon.com\"},"
           "\"Action\":\"sqs:*\"," HERE "}]",
           "silent",
           "no statement allows it; one names a service, but SP-API publishes as an account");
}

static void actions_have_wildcards_and_no_case(void **state)
{
    (void)state;
    expect_allow(US ",\"Action\":\"*\"," HERE, "allows");
    expect_allow(US ",\"Action\":\"SQS:*\"," HERE, "allows");
    expect_allow(US ",\"Action\":[\"SQS:S?ndM*\",\"sqs:Get*Attributes\"]," HERE, "allows");
    expect_allow(US ",\"Action\":\"sqs:ReceiveMessage\"," HERE, "silent");
    expect_allow(US ",\"NotAction\":\"sqs:ReceiveMessage\"," HERE, "allows");
    expect_allow(US ",\"NotAction\":\"sqs:*\"," HERE, "silent");
    AUTOFREE char *send_only =
        memory_format("{\"Statement\":{\"Effect\":\"Allow\"," US ",\"Action\":\"%s\"," HERE "}}",
                      QUEUE_POLICY_SEND);
    assert_int_equal(queue_policy_judge(send_only, QUEUE_POLICY_SEND, ARN).verdict,
                     QUEUE_POLICY_ALLOWS);
    assert_int_equal(queue_policy_judge(send_only, QUEUE_POLICY_LOOK, ARN).verdict,
                     QUEUE_POLICY_SILENT);
}

static void resources_are_this_queue(void **state)
{
    (void)state;
    expect_allow(US "," BOTH ",\"Resource\":\"*\"", "allows");
    expect_allow(US "," BOTH ",\"Resource\":[\"x\",\"arn:aws:sqs:*:444455556666:ord*\"]", "allows");
    expect_allow(US "," BOTH ",\"Resource\":\"" ARN "-dlq\"", "silent");
    expect_allow(US "," BOTH ",\"Resource\":\"arn:aws:sqs:eu-west-1:444455556666:ORDERS\"",
                 "silent");
    expect_allow(US "," BOTH ",\"NotResource\":\"" ARN "-dlq\"", "allows");
    expect_allow(US "," BOTH, "silent");
}

static void a_deny_wins(void **state)
{
    (void)state;
    expect("[{\"Sid\":\"No\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:*\"," HERE
           "}," ALLOW "]",
           "denies", "statement No denies it");
    expect("[" ALLOW ",{\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":\"111122223333\"},"
           "\"Action\":\"*\",\"Resource\":\"*\"}]",
           "denies", NULL);
    expect("[" ALLOW ",{\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":\"437568002678\"},"
           "\"Action\":\"*\",\"Resource\":\"*\"}]",
           "allows", NULL);
    expect("[" ALLOW ",{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:DeleteQueue\","
           "\"Resource\":\"*\"}]",
           "allows", NULL);
}

static void conditions_are_not_guessed(void **state)
{
    (void)state;
    expect("[{\"Effect\":\"Allow\"," US "," BOTH "," HERE
           ",\"Condition\":{\"StringEquals\":{\"aws:SourceAccount\":\"1\"}}}]",
           "depends", "statement number 1 allows it only under a condition");
    expect("[" ALLOW
           ",{\"Sid\":\"Vpc\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:*\"," HERE
           ",\"Condition\":{\"StringNotEquals\":{\"aws:SourceVpc\":\"vpc-1\"}}}]",
           "depends", "statement Vpc denies it under a condition");
    /* The one that many queues have, and that never hits SP-API. */
    expect("[" ALLOW ",{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:*\"," HERE
           ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]",
           "allows", NULL);
    expect("[{\"Effect\":\"Allow\"," US "," BOTH "," HERE
           ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":true}}}]",
           "allows", NULL);
    expect("[" ALLOW ",{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:*\"," HERE
           ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}}]",
           "denies", NULL);
    expect("[" ALLOW ",{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:*\"," HERE
           ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\",\"x\":\"true\"}}}]",
           "depends", NULL);
}

static void what_is_no_policy_is_said(void **state)
{
    (void)state;
    struct queue_policy_judgement none = queue_policy_judge(NULL, QUEUE_POLICY_SEND, ARN);
    assert_int_equal(none.verdict, QUEUE_POLICY_SILENT);
    assert_string_equal(none.text, "the queue has no access policy");
    assert_int_equal(queue_policy_judge("{", QUEUE_POLICY_SEND, ARN).verdict,
                     QUEUE_POLICY_UNREADABLE);
    expect("1", "unreadable", NULL);
    expect("[]", "silent", "no statement allows it");
    expect("[1,null,\"x\",{}]", "silent", NULL);
}

static void what_is_printed_allows(void **state)
{
    (void)state;
    AUTOTEXT struct text policy = {0}, kms = {0};
    queue_policy_print(&policy, ARN);
    assert_int_equal(queue_policy_judge(policy.data, QUEUE_POLICY_SEND, ARN).verdict,
                     QUEUE_POLICY_ALLOWS);
    assert_int_equal(queue_policy_judge(policy.data, QUEUE_POLICY_LOOK, ARN).verdict,
                     QUEUE_POLICY_ALLOWS);
    /* Nothing but that. */
    assert_int_equal(queue_policy_judge(policy.data, "sqs:ReceiveMessage", ARN).verdict,
                     QUEUE_POLICY_SILENT);
    assert_int_equal(queue_policy_judge(policy.data, QUEUE_POLICY_SEND, ARN "x").verdict,
                     QUEUE_POLICY_SILENT);
    queue_policy_print_kms(&kms);
    AUTOFREE char *key = memory_format("{\"Statement\":[%s]}", kms.data);
    assert_int_equal(queue_policy_judge(key, "kms:GenerateDataKey", ARN).verdict,
                     QUEUE_POLICY_ALLOWS);
    assert_int_equal(queue_policy_judge(key, "kms:Decrypt", ARN).verdict, QUEUE_POLICY_ALLOWS);
}

static void expect_senders(const char *statements, enum queue_policy_senders senders,
                           const char *text)
{
    AUTOFREE char *policy = memory_format("{\"Statement\":%s}", statements);
    struct queue_policy_opening opening = queue_policy_opening(policy, ARN);
    assert_int_equal(opening.senders, senders);
    if (text)
        assert_string_equal(opening.text, text);
}

static void expect_sender(const char *elements, enum queue_policy_senders senders)
{
    AUTOFREE char *statements =
        memory_format("[" ALLOW ",{\"Effect\":\"Allow\",%s," BOTH "," HERE "}]", elements);
    expect_senders(statements, senders, NULL);
}

static void others_who_may_send_are_named(void **state)
{
    (void)state;
    expect_senders("[" ALLOW "]", QUEUE_POLICY_CLOSED, "only Amazon and the queue's own account");
    expect_sender("\"Principal\":\"*\"", QUEUE_POLICY_OPEN);
    expect_sender("\"Principal\":{\"AWS\":\"*\"}", QUEUE_POLICY_OPEN);
    expect_sender("\"Principal\":{\"AWS\":[\"437568002678\",\"*\"]}", QUEUE_POLICY_OPEN);
    expect_sender("\"NotPrincipal\":{\"AWS\":\"111122223333\"}", QUEUE_POLICY_OPEN);
    expect_sender("\"Principal\":{\"AWS\":\"111122223333\"}", QUEUE_POLICY_SHARED);
    expect_sender("\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:role/x\"}",
                  QUEUE_POLICY_SHARED);
    expect_sender("\"Principal\":{\"Service\":\"sns.amazonaws.com\"}", QUEUE_POLICY_SHARED);
    expect_sender("\"Principal\":{\"AWS\":\"arn:aws:iam::444455556666:root\"}",
                  QUEUE_POLICY_CLOSED);
    expect_sender("\"Principal\":{\"AWS\":\"444455556666\"}", QUEUE_POLICY_CLOSED);
    expect_senders("{\"Sid\":\"Open\",\"Effect\":\"Allow\",\"Principal\":\"*\"," BOTH "," HERE "}",
                   QUEUE_POLICY_OPEN, "everybody may send, by statement Open");
}

static void conditions_and_denials_close_it(void **state)
{
    (void)state;
    expect_senders("[{\"Sid\":\"Vpc\",\"Effect\":\"Allow\",\"Principal\":\"*\"," BOTH "," HERE
                   ",\"Condition\":{\"StringEquals\":{\"aws:SourceVpc\":\"v\"}}}]",
                   QUEUE_POLICY_SHARED, "everybody may send, by statement Vpc under a condition");
    expect_senders(
        "[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:ReceiveMessage\"," HERE "}]",
        QUEUE_POLICY_CLOSED, NULL);
    expect_senders("[{\"Effect\":\"Allow\",\"Principal\":\"*\"," BOTH "," HERE
                   "},{\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":\"437568002678\"}," BOTH
                   "," HERE "}]",
                   QUEUE_POLICY_CLOSED, NULL);
    assert_int_equal(queue_policy_opening(NULL, ARN).senders, QUEUE_POLICY_CLOSED);
    assert_int_equal(queue_policy_opening("{", ARN).senders, QUEUE_POLICY_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_publisher_has_many_names),
        cmocka_unit_test(a_service_is_not_the_publisher),
        cmocka_unit_test(actions_have_wildcards_and_no_case),
        cmocka_unit_test(resources_are_this_queue),
        cmocka_unit_test(a_deny_wins),
        cmocka_unit_test(conditions_are_not_guessed),
        cmocka_unit_test(what_is_no_policy_is_said),
        cmocka_unit_test(what_is_printed_allows),
        cmocka_unit_test(others_who_may_send_are_named),
        cmocka_unit_test(conditions_and_denials_close_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
