/* SPDX-License-Identifier: MIT */
#include "aws/sqs.h"

#include <errno.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "sqs_call.h"

/* The deadline of a long poll is its wait plus this. */
#define RECEIVE_MARGIN_MS 5000

static void finish_receive(struct sqs_call *call, struct http_answer *answer, struct error *error)
{
    struct sqs_batch *batch = NULL;
    if (error->kind == ERROR_NONE && sqs_batch_parse(answer->body, answer->body_size, &batch) < 0)
        sqs_call_unreadable(call, answer, error);
    call->done.receive(batch, error, call->userdata);
}

static void finish_delete(struct sqs_call *call, struct http_answer *answer, struct error *error)
{
    struct sqs_entry_result results[SQS_BATCH_MAX];
    if (error->kind == ERROR_NONE &&
        sqs_results_parse(answer->body, answer->body_size, results, call->count) < 0)
        sqs_call_unreadable(call, answer, error);
    bool good = error->kind == ERROR_NONE;
    call->done.delete(good ? results : NULL, good ? call->count : 0, error, call->userdata);
}

static void finish_attributes(struct sqs_call *call, struct http_answer *answer,
                              struct error *error)
{
    struct sqs_queue_attributes attributes = {0};
    if (error->kind == ERROR_NONE &&
        sqs_attributes_parse(answer->body, answer->body_size, &attributes) < 0)
        sqs_call_unreadable(call, answer, error);
    call->done.attributes(error->kind == ERROR_NONE ? &attributes : NULL, error, call->userdata);
    sqs_queue_attributes_clear(&attributes);
}

static void finish_resolve(struct sqs_call *call, struct http_answer *answer, struct error *error)
{
    if (error->kind == ERROR_NONE) {
        char *url = sqs_url_parse(answer->body, answer->body_size);
        if (url) {
            free(call->sqs->queue_url);
            call->sqs->queue_url = url;
        } else {
            sqs_call_unreadable(call, answer, error);
        }
    }
    call->done.simple(error, call->userdata);
}

static void finish_hide(struct sqs_call *call, struct http_answer *answer, struct error *error)
{
    (void)answer;
    call->done.simple(error, call->userdata);
}

int sqs_new(struct sqs **ret, struct http *http, const struct sqs_options *options)
{
    struct sqs *sqs = NEW(struct sqs);
    int r = sqs_arn_split(options->arn, &sqs->arn, NULL);
    if (r >= 0)
        r = sqs_endpoint_set(&sqs->endpoint, options->endpoint, &sqs->arn);
    if (r < 0) {
        free(sqs);
        return -EINVAL;
    }
    sqs->http = http;
    sqs->name = memory_string(options->name);
    sqs->identity = options->identity;
    sqs->credentials = options->credentials;
    sqs->tally = options->tally;
    sqs->queue_url = sqs_endpoint_queue_url(&sqs->endpoint, &sqs->arn);
    sqs->signer = sigv4_new(sqs->arn.region, "sqs");
    LIST_INIT(&sqs->calls);
    *ret = sqs;
    return 0;
}

void sqs_free(struct sqs *sqs)
{
    struct sqs_call *call;
    if (!sqs)
        return;
    while ((call = LIST_FIRST(&sqs->calls)))
        sqs_cancel(call);
    sigv4_free(sqs->signer);
    sqs_endpoint_clear(&sqs->endpoint);
    free(sqs->queue_url);
    free(sqs->name);
    free(sqs);
}

bool sqs_is_dated(const struct sqs *sqs)
{
    return sqs->dated;
}

int sqs_receive(struct sqs *sqs, unsigned max, unsigned wait_s, unsigned visibility_s,
                sqs_receive_fn done, void *userdata, struct sqs_call **ret_call)
{
    struct sqs_call *call = sqs_call_new(sqs, SQS_RECEIVE, finish_receive, userdata);
    call->done.receive = done;
    call->timeout_ms = wait_s * 1000 + RECEIVE_MARGIN_MS;
    json_number(&call->body, "MaxNumberOfMessages", max < SQS_BATCH_MAX ? max : SQS_BATCH_MAX);
    json_number(&call->body, "WaitTimeSeconds", wait_s);
    json_number(&call->body, "VisibilityTimeout", visibility_s);
    json_open(&call->body, "MessageSystemAttributeNames", '[');
    json_string(&call->body, NULL, "SentTimestamp");
    json_string(&call->body, NULL, "ApproximateReceiveCount");
    json_close(&call->body, ']');
    return sqs_call_start(call, ret_call);
}

int sqs_delete(struct sqs *sqs, const char *const receipts[], size_t count, sqs_delete_fn done,
               void *userdata, struct sqs_call **ret_call)
{
    char id[TEXT_NUMBER_MAX];
    if (count == 0 || count > SQS_BATCH_MAX)
        return -EINVAL;
    struct sqs_call *call = sqs_call_new(sqs, SQS_DELETE, finish_delete, userdata);
    call->done.delete = done;
    call->count = count;
    json_open(&call->body, "Entries", '[');
    for (size_t i = 0; i < count; i++) {
        text_number(id, i);
        json_open(&call->body, NULL, '{');
        json_string(&call->body, "Id", id);
        json_string(&call->body, "ReceiptHandle", receipts[i]);
        json_close(&call->body, '}');
    }
    json_close(&call->body, ']');
    return sqs_call_start(call, ret_call);
}

int sqs_hide(struct sqs *sqs, const char *receipt, unsigned visibility_s, sqs_done_fn done,
             void *userdata, struct sqs_call **ret_call)
{
    struct sqs_call *call = sqs_call_new(sqs, SQS_HIDE, finish_hide, userdata);
    call->done.simple = done;
    json_string(&call->body, "ReceiptHandle", receipt);
    json_number(&call->body, "VisibilityTimeout", visibility_s);
    return sqs_call_start(call, ret_call);
}

int sqs_attributes(struct sqs *sqs, sqs_attributes_fn done, void *userdata,
                   struct sqs_call **ret_call)
{
    struct sqs_call *call = sqs_call_new(sqs, SQS_ATTRIBUTES, finish_attributes, userdata);
    call->done.attributes = done;
    json_open(&call->body, "AttributeNames", '[');
    json_string(&call->body, NULL, "All");
    json_close(&call->body, ']');
    return sqs_call_start(call, ret_call);
}

int sqs_resolve(struct sqs *sqs, sqs_done_fn done, void *userdata, struct sqs_call **ret_call)
{
    struct sqs_call *call = sqs_call_new(sqs, SQS_RESOLVE, finish_resolve, userdata);
    call->done.simple = done;
    json_string(&call->body, "QueueName", sqs->arn.name);
    json_string(&call->body, "QueueOwnerAWSAccountId", sqs->arn.account);
    return sqs_call_start(call, ret_call);
}
