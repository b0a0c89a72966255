/* SPDX-License-Identifier: MIT */
/* What each service refuses, and in which words: the sandbox inside this process. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "canonical.h"
#include "identity.h"
#include "sandbox.h"
#include "sandbox_fixture.h"

static void tokens(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *form;
        int status;
        const char *text;
    } cases[] = {
        {"grant_type=refresh_token&client_id=x&client_secret=y", 401, "\"invalid_client\""},
        {"grant_type=refresh_token&client_id=" IDENTITY_CLIENT_ID, 401, "\"invalid_client\""},
        {"grant_type=refresh_token" FIXTURE_CLIENT, 400, "\"invalid_request\""},
        {"a=b" FIXTURE_CLIENT, 400, "\"invalid_request\""},
        {"grant_type=password" FIXTURE_CLIENT, 400, "\"unsupported_grant_type\""},
        {"{\"grant_type\":\"refresh_token\"}", 400, "\"unsupported_grant_type\""},
        {"grant_type=refresh_token&refresh_token=Atzr%7Cx" FIXTURE_CLIENT, 400,
         "\"invalid_grant\""},
        {"grant_type=refresh_token&refresh_token=" IDENTITY_FOREIGN_REFRESH_TOKEN FIXTURE_CLIENT,
         400, "\"unauthorized_client\""},
        {"grant_type=client_credentials&scope=x" FIXTURE_CLIENT, 400, "\"invalid_scope\""},
        {"grant_type=client_credentials&scope=sellingpartnerapi::client_credential:"
         "rotation" FIXTURE_CLIENT,
         200, "\"expires_in\":3600"},
        {"grant_type=client_credentials&scope=sellingpartnerapi::notifications&refresh_token="
         "x" FIXTURE_CLIENT,
         400, "\"invalid_request\""},
        {"grant_type=client_credentials&scope=sellingpartnerapi::notifications" FIXTURE_CLIENT, 200,
         "\"expires_in\":3600"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        fixture_token_call(f, cases[i].form);
        fixture_expect(f, cases[i].status, cases[i].text);
    }
}

#define ROTATION_SCOPE "&scope=sellingpartnerapi::client_credential:rotation"

static void rotate_call(struct fixture *f, const char *token, const char *body)
{
    AUTOFREE char *header = memory_format("x-amz-access-token: %s", token);
    const char *headers[] = {header, NULL};
    fixture_call(f, "POST", ROTATION_PATH, headers, body);
}

static void rotation(void **state)
{
    struct fixture *f = *state;
    struct lwa *lwa = &f->sandbox->lwa;
    char token[1024], replaced[LWA_SECRET_MAX];
    fixture_make_tokens(f);
    fixture_get_token(f, "grant_type=client_credentials" ROTATION_SCOPE FIXTURE_CLIENT, token,
                      sizeof(token));
    rotate_call(f, f->grantless, NULL);
    fixture_expect(f, 403, "Access to requested resource is denied.");
    fixture_sp_call(f, "GET", "destinations", token, NULL);
    fixture_expect(f, 403, "Access to requested resource is denied.");
    rotate_call(f, token, "{}");
    fixture_expect(f, 400, "body must be empty");
    rotate_call(f, token, NULL);
    fixture_expect(f, 400, "not enrolled for rotation notification");
    fixture_call(f, "POST", "/_sandbox/rotation", NULL,
                 "{\"queue\":\"secrets\",\"old_valid_s\":60}");
    assert_int_equal(f->status, 200);
    rotate_call(f, token, NULL);
    assert_int_equal(f->status, 204);
    assert_string_not_equal(lwa->secret, IDENTITY_CLIENT_SECRET);
    assert_int_equal(sqs_find_queue(&f->sandbox->sqs, "secrets")->visible, 1);
    fixture_get_token(f, "grant_type=client_credentials" ROTATION_SCOPE FIXTURE_CLIENT, token,
                      sizeof(token));
    memcpy(replaced, lwa->secret, sizeof(replaced));
    simclock_set_offset(&f->sandbox->clock, 61 * (int64_t)USEC_PER_SEC);
    fixture_token_call(f, "grant_type=client_credentials" ROTATION_SCOPE FIXTURE_CLIENT);
    fixture_expect(f, 401, "\"invalid_client\"");
    AUTOFREE char *form = memory_format("grant_type=client_credentials" ROTATION_SCOPE
                                        "&client_id=" IDENTITY_CLIENT_ID "&client_secret=%s",
                                        replaced);
    fixture_get_token(f, form, token, sizeof(token));
}

static void destinations(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *body;
        int status;
        const char *text;
    } cases[] = {
        {"[]", 400, "InvalidInput"},
        {"{\"resourceSpecification\":{\"sqs\":{\"arn\":\"" IDENTITY_QUEUE_ARN "\"}}}", 400, "name"},
        {"{\"name\":\"n\",\"resourceSpecification\":{}}", 500, "InternalFailure"},
        {"{\"name\":\"n\",\"resourceSpecification\":{\"sqs\":{\"arn\":\"x\"}}}", 400, "ARN"},
        {"{\"name\":\"n\",\"resourceSpecification\":{\"sqs\":{\"arn\":\"arn:aws:sqs::1:q\"}}}", 400,
         "ARN"},
        {"{\"name\":\"n\",\"resourceSpecification\":{\"sqs\":{\"arn\":\"" IDENTITY_QUEUE_ARN
         ".fifo\"}}}",
         400, "FIFO"},
        {"{\"name\":\"n\",\"resourceSpecification\":{\"sqs\":{\"arn\":\"" IDENTITY_QUEUE_ARN
         "\"},\"eventBridge\":{}}}",
         400, "multiple resource types"},
        {"{\"name\":\"n\",\"x\":1,\"resourceSpecification\":{\"sqs\":{\"arn\":\"" IDENTITY_QUEUE_ARN
         "\"}}}",
         400, "Unknown member x"},
        {"{\"name\":\"n\",\"resourceSpecification\":{\"sqs\":{\"arn\":\"" IDENTITY_QUEUE_ARN
         "\"}}}",
         200, "\"eventBridge\":null,\"privateSqs\":null,\"webhook\":null"},
        {"{\"name\":\"n\",\"resourceSpecification\":{\"sqs\":{\"arn\":\"" IDENTITY_QUEUE_ARN
         "\"}}}",
         409, "already exists for the application"},
    };
    fixture_make_tokens(f);
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        fixture_sp_call(f, "POST", "destinations", f->grantless, cases[i].body);
        fixture_expect(f, cases[i].status, cases[i].text);
        bool limit = f->status == 200 || f->status == 400 || f->status == 404;
        assert_string_equal(f->rate_limit, limit ? "1.0" : "");
    }
    fixture_sp_call(f, "POST", "destinations", f->seller, "{}");
    fixture_expect(f, 403, "Access to requested resource is denied.");
    fixture_sp_call(f, "GET", "destinations", "Atza|forged", NULL);
    fixture_expect(f, 403, "revoked, malformed or invalid");
    fixture_sp_call(f, "GET", "destinations/none", f->grantless, NULL);
    fixture_expect(f, 404, "NotFound");
    fixture_sp_call(f, "DELETE", "destinations/none", f->grantless, NULL);
    fixture_expect(f, 404, "NotFound");
}

static void subscriptions(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *type, *rest; /* of the body, after payloadVersion and destinationId */
        int status;
        const char *text;
    } cases[] = {
        {"ORDER_CHANGE", "", 400, "eventFilter must not be empty"},
        {"ORDER_CHANGE", ",\"processingDirective\":{\"filterExpression\":\"\"}", 400,
         "1 to 256 characters"},
        {"ANY_OFFER_CHANGED",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"ANY_OFFER_CHANGED\",\"marketplaceIds\":[7]}}",
         400, "failed to validate"},
        {"ANY_OFFER_CHANGED",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"ANY_OFFER_CHANGED\",\"aggregationSettings\":{\"aggregationTimePeriod\":"
         "\"TenMinutes\",\"x\":1}}}",
         400, "failed to validate"},
        {"ORDER_CHANGE", ",\"x\":1", 400, "Unknown member x"},
        {"ORDER_CHANGE",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"ORDER_CHANGE\"},\"filterExpression\":\"x\"}",
         400, "mutually exclusive"},
        {"ORDER_CHANGE",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"ORDER_CHANGE\",\"marketplaceIds\":[\"A\"]}}",
         400, "failed to validate for notification type ORDER_CHANGE"},
        {"ORDER_CHANGE",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"ANY_OFFER_CHANGED\"}}",
         400, "failed to validate"},
        {"ORDER_CHANGE",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"ORDER_CHANGE\",\"orderChangeTypes\":[\"Nonsense\"]}}",
         400, "failed to validate"},
        {"REPORT_PROCESSING_FINISHED", "", 400, "Payload version"},
        {"BRANDED_ITEM_CONTENT_CHANGE", "", 400, "EventBridge"},
        {"NONSENSE", "", 400, "not supported"},
        {"FEE_PROMOTION",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"FEE_PROMOTION\"}}",
         400, "not supported"},
        {"ORDER_CHANGE",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"ORDER_CHANGE\",\"orderChangeTypes\":[\"OrderStatusChange\"]}}",
         200, "\"orderChangeTypes\":[\"OrderStatusChange\"]"},
        {"ORDER_CHANGE",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
         "\"ORDER_CHANGE\"}}",
         409, "StateConflict"},
        {"ORDER_CHANGE", ",\"processingDirective\":{\"filterExpression\":\"x\"}", 409,
         "StateConflict"},
        {"FBA_OUTBOUND_SHIPMENT_STATUS", "", 200, "subscriptionId"},
    };
    fixture_make_destination(f);
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        AUTOFREE char *path = memory_format("subscriptions/%s", cases[i].type);
        AUTOFREE char *body =
            memory_format("{\"payloadVersion\":\"1.0\",\"destinationId\":\"%s\"%s}", f->destination,
                          cases[i].rest);
        fixture_sp_call(f, "POST", path, f->seller, body);
        fixture_expect(f, cases[i].status, cases[i].text);
    }
    fixture_sp_call(f, "GET", "subscriptions/ORDER_CHANGE", f->grantless, NULL);
    fixture_expect(f, 403, "Unauthorized");
    fixture_sp_call(f, "GET", "subscriptions/FEE_PROMOTION", f->seller, NULL);
    fixture_expect(f, 404, "NotFound");
    fixture_sp_call(f, "POST", "subscriptions/ORDER_CHANGE", f->seller,
                    "{\"payloadVersion\":\"1.0\",\"destinationId\":\"x\"}");
    fixture_expect(f, 400, "No destination with id x");
    AUTOFREE char *path = memory_format("destinations/%s", f->destination);
    fixture_sp_call(f, "DELETE", path, f->grantless, NULL);
    fixture_expect(f, 403, "Destination has subscriptions");
}

/* Some types can be deleted with the seller's token only. */
static void deletion_wants_the_right_token(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *type, *rest;
        bool seller;
    } cases[] = {
        {"ORDER_CHANGE",
         ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":\"ORDER_CHANGE\"}}",
         false},
        {"FULFILLMENT_ORDER_STATUS", "", true},
    };
    fixture_make_destination(f);
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        AUTOFREE char *path = memory_format("subscriptions/%s", cases[i].type);
        AUTOFREE char *body =
            memory_format("{\"payloadVersion\":\"1.0\",\"destinationId\":\"%s\"%s}", f->destination,
                          cases[i].rest);
        fixture_sp_call(f, "POST", path, f->seller, body);
        AUTOJSON cJSON *json = json_parse(f->body.data, f->body.size, 65536);
        AUTOFREE char *one = memory_format(
            "%s/%s", path, json_get_string(json_get_object(json, "payload"), "subscriptionId"));
        fixture_sp_call(f, "DELETE", one, cases[i].seller ? f->grantless : f->seller, NULL);
        fixture_expect(f, 403, "denied");
        fixture_sp_call(f, "DELETE", one, cases[i].seller ? f->seller : f->grantless, NULL);
        fixture_expect(f, 200, "{}");
        fixture_sp_call(f, "GET", one, f->grantless, NULL);
        fixture_expect(f, 404, "NotFound");
    }
}

/* Just enough of a signer for requests to SQS. */
struct signed_headers {
    const char *host, *date, *target;
};

static const char *signed_header(void *userdata, const char *name)
{
    const struct signed_headers *headers = userdata;
    if (strcmp(name, "host") == 0)
        return headers->host;
    return strcmp(name, "x-amz-date") == 0 ? headers->date : headers->target;
}

static void hmac(unsigned char out[32], const void *key, size_t size, const char *text)
{
    assert_non_null(
        HMAC(EVP_sha256(), key, (int)size, (const unsigned char *)text, strlen(text), out, NULL));
}

#define SCOPE_END "/" IDENTITY_REGION "/sqs/aws4_request"
#define NAMES     "host;x-amz-date;x-amz-target"

static void sqs_call(struct fixture *f, const char *op, const char *body)
{
    char date[17], day[9] = "";
    unsigned char key[32];
    char hex[65];
    clock_aws_stamp(date, clock_now_usec());
    memcpy(day, date, 8);
    AUTOFREE char *target = memory_format("AmazonSQS.%s", op);
    struct signed_headers headers = {f->host, date, target};
    struct canonical_request canonical = {"POST", "/",  signed_header, &headers,
                                          NAMES,  body, strlen(body)};
    AUTOTEXT struct text request = {0}, to_sign = {0};
    assert_int_equal(canonical_write(&request, &canonical), 0);
    text_appendf(&to_sign, "AWS4-HMAC-SHA256\n%s\n%s" SCOPE_END "\n", date, day);
    canonical_hash(&to_sign, request.data, request.size);
    hmac(key, "AWS4" IDENTITY_SECRET_ACCESS_KEY, strlen("AWS4" IDENTITY_SECRET_ACCESS_KEY), day);
    hmac(key, key, 32, IDENTITY_REGION);
    hmac(key, key, 32, "sqs");
    hmac(key, key, 32, "aws4_request");
    hmac(key, key, 32, to_sign.data);
    text_hex(hex, key, 32);
    AUTOFREE char *authorization =
        memory_format("Authorization: AWS4-HMAC-SHA256 Credential=" IDENTITY_ACCESS_KEY_ID
                      "/%s" SCOPE_END ", SignedHeaders=" NAMES ", Signature=%s",
                      day, hex);
    AUTOFREE char *date_line = memory_format("X-Amz-Date: %s", date);
    AUTOFREE char *target_line = memory_format("X-Amz-Target: %s", target);
    const char *lines[] = {"Content-Type: application/x-amz-json-1.0", date_line, target_line,
                           authorization, NULL};
    fixture_call(f, "POST", "/", lines, body);
}

#define URL       "\"QueueUrl\":\"http://x/" IDENTITY_ACCOUNT "/" IDENTITY_QUEUE "\""
#define ENTRY(id) "{\"Id\":\"" id "\",\"ReceiptHandle\":\"junk\"}"

static void sqs(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *op, *body;
        int status;
        const char *text, *query_error;
    } cases[] = {
        {"GetQueueUrl", "{\"QueueName\":\"none\"}", 400, "com.amazonaws.sqs#QueueDoesNotExist",
         "AWS.SimpleQueueService.NonExistentQueue;Sender"},
        {"GetQueueUrl", "{\"QueueName\":\"amazon-orders\"}", 200, "/444455556666/amazon-orders",
         ""},
        {"ReceiveMessage", "{\"QueueUrl\":\"http://x/1/amazon-orders\"}", 400, "QueueDoesNotExist",
         "AWS.SimpleQueueService.NonExistentQueue;Sender"},
        {"ReceiveMessage", "{}", 400, "QueueUrl", "MissingParameter;Sender"},
        {"ReceiveMessage", "nonsense", 400, "SerializationException", "MalformedInput;Sender"},
        {"ReceiveMessage", "{" URL ",\"MaxNumberOfMessages\":11}", 400, "Must be between 1 and 10",
         "InvalidParameterValue;Sender"},
        {"ReceiveMessage", "{" URL ",\"MaxNumberOfMessages\":1e300}", 400,
         "Must be between 1 and 10", "InvalidParameterValue;Sender"},
        {"ReceiveMessage", "{" URL ",\"WaitTimeSeconds\":0.5}", 400, "whole number",
         "MalformedInput;Sender"},
        {"ReceiveMessage", "{" URL ",\"MessageSystemAttributeNames\":[\"Nonsense\"]}", 400,
         "Unknown Attribute Nonsense", "InvalidAttributeName;Sender"},
        {"ReceiveMessage", "{" URL "}", 200, "{}", ""},
        {"DeleteMessage", "{" URL ",\"ReceiptHandle\":\"junk\"}", 400,
         "The input receipt handle \\\"junk\\\" is not a valid receipt handle.",
         "ReceiptHandleIsInvalid;Sender"},
        {"DeleteMessageBatch", "{" URL ",\"Entries\":[]}", 400, "at least one",
         "AWS.SimpleQueueService.EmptyBatchRequest;Sender"},
        {"DeleteMessageBatch", "{" URL ",\"Entries\":[" ENTRY("a") "," ENTRY("a") "]}", 400,
         "Id a repeated.", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct;Sender"},
        {"DeleteMessageBatch", "{" URL ",\"Entries\":[" ENTRY("a b") "]}", 400, "batch entry id",
         "AWS.SimpleQueueService.InvalidBatchEntryId;Sender"},
        {"DeleteMessageBatch", "{" URL ",\"Entries\":[" ENTRY("0") "]}", 200,
         "\"Successful\":[],\"Failed\":[{\"Code\":\"ReceiptHandleIsInvalid\",\"Id\":\"0\"", ""},
        {"ChangeMessageVisibility",
         "{" URL ",\"ReceiptHandle\":\"junk\",\"VisibilityTimeout\":43201}", 400,
         "between 0 and 43200", "InvalidParameterValue;Sender"},
        {"SendMessage", "{" URL ",\"MessageBody\":\"\"}", 400, "at least one character",
         "InvalidParameterValue;Sender"},
        {"SendMessage", "{" URL ",\"MessageBody\":\"\\u0001\"}", 400, "Invalid characters",
         "InvalidMessageContents;Sender"},
        {"SendMessage", "{" URL ",\"MessageBody\":\"a\\u0000b\"}", 400, "Invalid characters",
         "InvalidMessageContents;Sender"},
        {"SendMessage", "{" URL ",\"MessageBody\":\"abc\"}", 200,
         "900150983cd24fb0d6963f7d28e17f72", ""},
        {"CreateQueue", "{\"QueueName\":\"a b\"}", 400, "1 to 80", "InvalidParameterValue;Sender"},
        {"CreateQueue",
         "{\"QueueName\":\"amazon-orders\",\"Attributes\":{\"VisibilityTimeout\":\"31\"}}", 400,
         "QueueNameExists", "QueueAlreadyExists;Sender"},
        {"CreateQueue", "{\"QueueName\":\"new\",\"Attributes\":{\"Nonsense\":\"1\"}}", 400,
         "Unknown Attribute Nonsense", "InvalidAttributeName;Sender"},
        {"CreateQueue", "{\"QueueName\":\"new\",\"Attributes\":{\"DelaySeconds\":\"1\"}}", 200,
         "/444455556666/new", ""},
        {"GetQueueAttributes", "{" URL ",\"AttributeNames\":[\"All\"]}", 200,
         "\"QueueArn\":\"" IDENTITY_QUEUE_ARN "\"", ""},
        {"ListQueues", "{}", 400, "UnsupportedOperation",
         "AWS.SimpleQueueService.UnsupportedOperation;Sender"},
        {"Nonsense", "{}", 400, "UnknownOperationException", "InvalidAction;Sender"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        sqs_call(f, cases[i].op, cases[i].body);
        fixture_expect(f, cases[i].status, cases[i].text);
        assert_string_equal(f->query_error, cases[i].query_error);
    }
    fixture_call(f, "POST", "/", NULL, "{}");
    fixture_expect(f, 403, "MissingAuthenticationToken");
}

static void control(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *method, *path, *body;
        int status;
        const char *text;
    } cases[] = {
        {"POST", "publish", "{\"cuont\":1}", 400, "cuont is not known here"},
        {"POST", "publish", "{\"type\":\"NONSENSE\"}", 400, "type must be ALL or one of"},
        {"POST", "publish", "{\"count\":0}", 400, "count must be"},
        {"POST", "publish", "{\"queue\":\"a b\"}", 400, "queue must be"},
        {"POST", "publish", "{\"queue\":\"arn:aws:sqs:us-east-1:1:q\"}", 400, "queue must be"},
        {"POST", "publish", "{\"bodies\":[]}", 400, "bodies must be"},
        {"POST", "publish", "{\"bodies\":[\"a\",\"\"]}", 400, "bodies must be"},
        {"POST", "publish", "{\"bodies\":[\"\\u0000\"]}", 400, "U+0000"},
        {"POST", "publish", "{\"bodies\":[\"a\",\"b\",\"a\"]}", 200, "\"sent\":3,\"unique\":2"},
        {"POST", "publish", "{\"sellerId\":\"a\\\"b\"}", 400, "sellerId must"},
        {"POST", "publish", "{\"start\":\"yesterday\"}", 400, "start must"},
        {"POST", "publish", "{\"wrap\":\"paper\"}", 400, "wrap must"},
        {"POST", "publish", "[]", 400, "JSON object"},
        {"POST", "publish", NULL, 200, "\"sent\":1"},
        {"POST", "publish", "{\"count\":20,\"rate\":1000000,\"queue\":\"other\"}", 200,
         "\"queue\":\"other\""},
        {"POST", "faults", "{\"op\":\"Nonsense\",\"kind\":\"500\"}", 400, "op must"},
        {"POST", "faults", "{\"op\":\"*\",\"kind\":\"nonsense\"}", 400, "kind must"},
        {"POST", "faults", "{\"kind\":\"500\",\"rate\":2}", 400, "rate must"},
        {"POST", "faults", "{\"op\":\"token\",\"kind\":\"500\"}", 200, "ok"},
        {"DELETE", "faults?op=token", NULL, 200, "ok"},
        {"POST", "clock", "{}", 400, "offset_s"},
        {"GET", "messages?queue=none", NULL, 404, "no such queue"},
        {"GET", "messages", NULL, 200, "\"count\":4"},
        {"GET", "state", NULL, 200, "\"faults\":[]"},
        {"GET", "nonsense", NULL, 404, "Known are"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        AUTOFREE char *path = memory_format("/_sandbox/%s", cases[i].path);
        fixture_call(f, cases[i].method, path, NULL, cases[i].body);
        strcpy(f->request_id, "-"); /* the control endpoint is not Amazon's */
        fixture_expect(f, cases[i].status, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tokens, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(rotation, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(destinations, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(subscriptions, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(deletion_wants_the_right_token, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(sqs, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(control, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
