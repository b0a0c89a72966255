/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sqs_answer.h"
#include "aws/sqs_arn.h"
#include "base/memory.h"
#include "base/text.h"

static struct sqs_batch *parse(const char *json)
{
    struct sqs_batch *batch = NULL;
    assert_int_equal(sqs_batch_parse(json, strlen(json), &batch), 0);
    return batch;
}

static void reads_messages(void **state)
{
    (void)state;
    struct sqs_batch *batch = parse(
        "{\"Messages\":[{\"MessageId\":\"m1\",\"ReceiptHandle\":\"r1\","
        "\"MD5OfBody\":\"5d41402abc4b2a76b9719d911017c592\",\"Body\":\"hello\","
        "\"Attributes\":{\"SentTimestamp\":\"1743767140123\",\"ApproximateReceiveCount\":\"3\"},"
        "\"Unknown\":{\"x\":[1]}},"
        "{\"MessageId\":\"m2\",\"ReceiptHandle\":\"r2\",\"Body\":\"{\\\"a\\\":\\\"\\u00e4\\\"}\"}]"
        "}");
    assert_int_equal(batch->count, 2);
    assert_int_equal(batch->damaged, 0);
    assert_string_equal(batch->messages[0].id, "m1");
    assert_string_equal(batch->messages[0].receipt, "r1");
    assert_string_equal(batch->messages[0].body, "hello");
    assert_int_equal(batch->messages[0].body_size, 5);
    assert_int_equal(batch->messages[0].sent_usec, 1743767140123000);
    assert_int_equal(batch->messages[0].receive_count, 3);
    assert_string_equal(batch->messages[1].body, "{\"a\":\"\xc3\xa4\"}");
    assert_int_equal(batch->messages[1].body_size, 10);
    assert_int_equal(batch->messages[1].sent_usec, 0);
    sqs_batch_free(batch);
    sqs_batch_free(NULL);
}

static void an_empty_answer_has_no_messages(void **state)
{
    (void)state;
    static const char *const empty[] = {"{}", "{\"Messages\":null}", "{\"Messages\":[]}"};
    for (size_t i = 0; i < ELEMENTS(empty); i++) {
        struct sqs_batch *batch = parse(empty[i]);
        assert_int_equal(batch->count + batch->damaged, 0);
        sqs_batch_free(batch);
    }
}

static void leaves_out_what_is_damaged(void **state)
{
    (void)state;
    struct sqs_batch *batch =
        parse("{\"Messages\":["
              "{\"MessageId\":\"m1\",\"ReceiptHandle\":\"r1\",\"Body\":\"hellO\","
              "\"MD5OfBody\":\"5d41402abc4b2a76b9719d911017c592\"},"
              "{\"ReceiptHandle\":\"r2\",\"Body\":\"x\"},{\"MessageId\":\"m3\",\"Body\":\"x\"},"
              "{\"MessageId\":\"m4\",\"ReceiptHandle\":\"r4\"},7,"
              "{\"MessageId\":\"m5\",\"ReceiptHandle\":\"r5\",\"Body\":\"x\"}]}");
    assert_int_equal(batch->count, 1);
    assert_int_equal(batch->damaged, 5);
    assert_string_equal(batch->messages[0].id, "m5");
    sqs_batch_free(batch);
}

static void refuses_what_is_no_batch(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "[]",
        "7",
        "<html></html>",
        "{\"Messages\":{}}",
        "{\"Messages\":7}",
        "{\"Messages\":[{}",
        "{}x",
        "{\"Messages\":[1,2,3,4,5,6,7,8,9,10,11]}",
    };
    struct sqs_batch *batch = NULL;
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        if (sqs_batch_parse(bad[i], strlen(bad[i]), &batch) != -EBADMSG)
            fail_msg("%s was read", bad[i]);
    assert_null(batch);
}

static void reads_results_by_position(void **state)
{
    (void)state;
    static const char json[] =
        "{\"Successful\":[{\"Id\":\"2\"},{\"Id\":\"0\"},{\"Id\":\"9\"},{\"Id\":\"x\"},{}],"
        "\"Failed\":[{\"Id\":\"1\",\"SenderFault\":true,\"Code\":\"ReceiptHandleIsInvalid\"},"
        "{\"Id\":\"3\",\"SenderFault\":false,\"Code\":\"InternalError\"}]}";
    struct sqs_entry_result results[5];
    assert_int_equal(sqs_results_parse(json, strlen(json), results, 5), 0);
    assert_true(results[0].ok);
    assert_false(results[1].ok);
    assert_false(results[1].retry);
    assert_string_equal(results[1].code, "ReceiptHandleIsInvalid");
    assert_true(results[2].ok);
    assert_true(results[3].retry);
    assert_string_equal(results[3].code, "InternalError");
    assert_false(results[4].ok); /* in neither list */
    assert_true(results[4].retry);
    assert_int_equal(sqs_results_parse("[]", 2, results, 5), -EBADMSG);
    assert_int_equal(sqs_results_parse("x", 1, results, 5), -EBADMSG);
}

/* AWS JSON leaves out what is empty, up to the whole answer; its SDKs read that as {}. */
static void an_answer_without_content_has_no_members(void **state)
{
    (void)state;
    static const char *const empty[] = {"", " ", "\r\n", "{}"};
    for (size_t i = 0; i < ELEMENTS(empty); i++) {
        size_t size = strlen(empty[i]);
        struct sqs_batch *batch = parse(empty[i]);
        assert_int_equal(batch->count + batch->damaged, 0);
        sqs_batch_free(batch);
        struct sqs_entry_result result;
        assert_int_equal(sqs_results_parse(empty[i], size, &result, 1), 0);
        assert_false(result.ok);
        assert_true(result.retry);
        struct sqs_queue_attributes a;
        assert_int_equal(sqs_attributes_parse(empty[i], size, &a), 0);
        assert_int_equal(a.depth + a.retention_s, 0);
        sqs_queue_attributes_clear(&a);
        assert_null(sqs_url_parse(empty[i], size));
    }
    struct sqs_batch *batch = NULL;
    assert_int_equal(sqs_batch_parse("\0", 1, &batch), -EBADMSG);
}

static void reads_attributes(void **state)
{
    (void)state;
    static const char json[] =
        "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"12\","
        "\"ApproximateNumberOfMessagesNotVisible\":\"3\",\"ApproximateNumberOfMessagesDelayed\":"
        "\"4\",\"VisibilityTimeout\":\"30\",\"MessageRetentionPeriod\":345600,"
        "\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:eu-west-1:1:dlq\\\","
        "\\\"maxReceiveCount\\\":5}\",\"Policy\":\"{\\\"Version\\\":1}\","
        "\"KmsMasterKeyId\":\"alias/x\"}}";
    struct sqs_queue_attributes a;
    assert_int_equal(sqs_attributes_parse(json, strlen(json), &a), 0);
    assert_int_equal(a.depth, 12);
    assert_int_equal(a.not_visible, 3);
    assert_int_equal(a.delayed, 4);
    assert_int_equal(a.visibility_s, 30);
    assert_int_equal(a.retention_s, 345600);
    assert_int_equal(a.max_receive_count, 5);
    assert_string_equal(a.dead_letter_arn, "arn:aws:sqs:eu-west-1:1:dlq");
    assert_string_equal(a.policy, "{\"Version\":1}");
    assert_non_null(a.kms_key);
    assert_false(a.fifo);
    sqs_queue_attributes_clear(&a);

    static const char bare[] = "{\"Attributes\":{\"FifoQueue\":\"true\",\"RedrivePolicy\":\"{\"}}";
    assert_int_equal(sqs_attributes_parse(bare, strlen(bare), &a), 0);
    assert_true(a.fifo);
    assert_null(a.kms_key);
    assert_int_equal(a.max_receive_count, 0);
    assert_string_equal(a.dead_letter_arn, "");
    assert_null(a.policy);
    sqs_queue_attributes_clear(&a);
    assert_int_equal(sqs_attributes_parse("[]", 2, &a), -EBADMSG);
}

static void reads_the_url(void **state)
{
    (void)state;
    static const char json[] = "{\"QueueUrl\":\"https://sqs/1/q\"}";
    char *url = sqs_url_parse(json, strlen(json));
    assert_string_equal(url, "https://sqs/1/q");
    free(url);
    assert_null(sqs_url_parse("{}", 2));
    assert_null(sqs_url_parse("", 0));
}

static void tells_refusals_apart(void **state)
{
    (void)state;
    static const struct {
        const char *body, *query_error;
        int status;
        enum error_kind kind;
        const char *code;
    } cases[] = {
        {"{\"__type\":\"com.amazonaws.sqs#RequestThrottled\",\"message\":\"x\"}", "", 403,
         ERROR_THROTTLED, "RequestThrottled"},
        {"{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"x\"}",
         "AWS.SimpleQueueService.NonExistentQueue;Sender", 400, ERROR_REFUSED, "QueueDoesNotExist"},
        {"<html>", "AWS.SimpleQueueService.NonExistentQueue;Sender", 400, ERROR_REFUSED,
         "NonExistentQueue"},
        {"{\"__type\":\"com.amazon.coral.service#ExpiredTokenException:http://x/\"}", "", 403,
         ERROR_CREDENTIALS, "ExpiredTokenException"},
        {"{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"no\"}", "",
         400, ERROR_REFUSED, "AccessDeniedException"},
        {"{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired: "
         "20150830T120000Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)\"}",
         "", 403, ERROR_CLOCK, "InvalidSignatureException"},
        {"{\"__type\":\"SignatureDoesNotMatch\",\"message\":\"does not match\"}", "", 403,
         ERROR_CREDENTIALS, "SignatureDoesNotMatch"},
        {"{\"__type\":\"RequestExpired\"}", "", 400, ERROR_CLOCK, "RequestExpired"},
        {"{\"__type\":\"x#KmsNotFound\"}", "", 400, ERROR_REFUSED, "KmsNotFound"},
        {"{\"__type\":\"x#KmsThrottled\"}", "", 400, ERROR_THROTTLED, "KmsThrottled"},
        {"{\"__type\":\"x#OverLimit\"}", "", 403, ERROR_THROTTLED, "OverLimit"},
        {"{\"__type\":\"x#ReceiptHandleIsInvalid\"}", "", 400, ERROR_REFUSED,
         "ReceiptHandleIsInvalid"},
        {"", "", 503, ERROR_STATUS, ""},
        {"", "", 429, ERROR_THROTTLED, ""},
        {"", "", 403, ERROR_CREDENTIALS, ""},
        {"{}", "", 302, ERROR_PROTOCOL, ""},
        {"{\"__type\":\"x#InternalError\"}", "", 500, ERROR_STATUS, "InternalError"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        struct error error;
        sqs_error_parse(cases[i].body, strlen(cases[i].body), cases[i].status, cases[i].query_error,
                        &error);
        if (error.kind != cases[i].kind || strcmp(error.code, cases[i].code) != 0)
            fail_msg("%s: %s %s", cases[i].body, error_kind_name(error.kind), error.code);
        assert_int_equal(error.status, cases[i].status);
    }
}

/* Of the older protocol, as load balancers and emulators speak it. */
static void reads_errors_in_xml(void **state)
{
    (void)state;
    static const char xml[] = "<?xml version=\"1.0\"?><ErrorResponse><Error><Code>AccessDenied"
                              "</Code><Message>No access.</Message></Error></ErrorResponse>";
    struct error error;
    sqs_error_parse(xml, strlen(xml), 403, "", &error);
    assert_int_equal(error.kind, ERROR_REFUSED);
    assert_string_equal(error.code, "AccessDenied");
    assert_string_equal(error.text, "AccessDenied: No access. (allow the key's user this action on "
                                    "the queue)");
    sqs_error_parse(xml, strlen(xml), 403, "ExpiredToken;Sender", &error);
    assert_string_equal(error.code, "ExpiredToken");
    sqs_error_parse("<Code>cut", 9, 500, "", &error);
    assert_string_equal(error.text, "status 500");
}

static void texts_are_safe_and_helpful(void **state)
{
    (void)state;
    static const char json[] = "{\"__type\":\"x#QueueDoesNotExist\",\"message\":\"no\\u001b[31m\"}";
    struct error error;
    sqs_error_parse(json, strlen(json), 400, "", &error);
    assert_string_equal(error.text, "QueueDoesNotExist: no\\x1b[31m (check the queue's arn: "
                                    "region, account, name)");
    sqs_error_parse(NULL, 0, 503, "", &error);
    assert_string_equal(error.text, "status 503");
    char long_code[400] = "{\"__type\":\"";
    memset(long_code + 11, 'A', 300);
    strcpy(long_code + 311, "\"}");
    sqs_error_parse(long_code, strlen(long_code), 400, "", &error);
    assert_int_equal(strlen(error.code), sizeof(error.code) - 1);
}

static void checks_arns(void **state)
{
    (void)state;
    struct sqs_arn arn;
    struct error error;
    assert_int_equal(sqs_arn_split("arn:aws:sqs:eu-west-1:444455556666:amazon-orders", &arn, NULL),
                     0);
    assert_string_equal(arn.region, "eu-west-1");
    assert_string_equal(arn.account, "444455556666");
    assert_string_equal(arn.name, "amazon-orders");
    static const struct {
        const char *arn, *why;
    } bad[] = {
        {"", "is not the ARN of an SQS queue"},
        {"arn:aws-cn:sqs:cn-north-1:444455556666:q", "is not the ARN of an SQS queue"},
        {"arn:aws:sns:eu-west-1:444455556666:q", "is not the ARN of an SQS queue"},
        {"https://sqs.eu-west-1.amazonaws.com/444455556666/q", "is not the ARN of an SQS queue"},
        {"arn:aws:sqs:eu-west-1:444455556666", "is not a complete SQS ARN"},
        {"arn:aws:sqs:eu-west-1:444455556666:", "is not a complete SQS ARN"},
        {"arn:aws:sqs::444455556666:q", "is not a complete SQS ARN"},
        {"arn:aws:sqs:eu-west-1:me:q", "is not a complete SQS ARN"},
        {"arn:aws:sqs:eu-west-1:444455556666:q/x", "is not a complete SQS ARN"},
        {"arn:aws:sqs:eu-west-1:444455556666:q\n", "q\\n\" is not a complete SQS ARN"},
        {"arn:aws:sqs:eu-west-1:444455556666:q.fifo", "is a FIFO queue"},
        {"arn:aws:sqs:eu-west-1:444455556666:q.x", "has a dot"},
    };
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        assert_int_equal(sqs_arn_check(bad[i].arn, &error), -EIO);
        assert_int_equal(error.kind, ERROR_CONFIG);
        if (!strstr(error.text, bad[i].why))
            fail_msg("%s: %s", bad[i].arn, error.text);
    }
    AUTOTEXT struct text long_arn = {0};
    text_append_string(&long_arn, "arn:aws:sqs:eu-west-1:444455556666:");
    for (int i = 0; i < 2000; i++)
        text_append_char(&long_arn, 'q');
    assert_int_equal(sqs_arn_check(long_arn.data, &error), -EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_messages),
        cmocka_unit_test(an_empty_answer_has_no_messages),
        cmocka_unit_test(leaves_out_what_is_damaged),
        cmocka_unit_test(refuses_what_is_no_batch),
        cmocka_unit_test(reads_results_by_position),
        cmocka_unit_test(reads_attributes),
        cmocka_unit_test(reads_the_url),
        cmocka_unit_test(tells_refusals_apart),
        cmocka_unit_test(reads_errors_in_xml),
        cmocka_unit_test(an_answer_without_content_has_no_members),
        cmocka_unit_test(texts_are_safe_and_helpful),
        cmocka_unit_test(checks_arns),
    };
    return cmocka_run_group_tests_name("sqs_answer", tests, NULL, NULL);
}
