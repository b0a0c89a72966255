/* SPDX-License-Identifier: MIT */
#include "sqs_call.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "wire/retry_after.h"

#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS         15000

/* Amazon refuses signatures that are more than 15 minutes off. A smaller difference than this is
 * not the reason for a refusal. */
#define SKEW_MIN_USEC ((int64_t)(4 * USEC_PER_MIN))

static const char *const names[] = {
    [SQS_RECEIVE] = "ReceiveMessage",       [SQS_DELETE] = "DeleteMessageBatch",
    [SQS_HIDE] = "ChangeMessageVisibility", [SQS_ATTRIBUTES] = "GetQueueAttributes",
    [SQS_RESOLVE] = "GetQueueUrl",
};

const char *sqs_operation_name(enum sqs_operation operation)
{
    return names[operation];
}

/* Longest wait for credentials. A poll may be later than its deadline by this. */
#define CREDENTIALS_WAIT_USEC (15 * USEC_PER_SEC)

static void on_answer(struct http_answer *answer, void *userdata);
static void on_credentials(const struct error *error, void *userdata);

struct sqs_call *sqs_call_new(struct sqs *sqs, enum sqs_operation operation, sqs_finish_fn finish,
                              void *userdata)
{
    struct sqs_call *call = NEW(struct sqs_call);
    call->sqs = sqs;
    call->operation = operation;
    call->finish = finish;
    call->timeout_ms = TIMEOUT_MS;
    call->userdata = userdata;
    LIST_INSERT_HEAD(&sqs->calls, call, link);
    json_open(&call->body, NULL, '{');
    if (operation != SQS_RESOLVE)
        json_string(&call->body, "QueueUrl", sqs->queue_url);
    return call;
}

static void call_free(struct sqs_call *call)
{
    text_clear(&call->body);
    free(call);
}

/* Sign the call by the best known time of Amazon, and send it. */
static int call_sign(struct sqs_call *call, const struct aws_credentials *credentials)
{
    struct sqs *sqs = call->sqs;
    struct sigv4_lines lines;
    AUTOFREE char *target = memory_format("AmazonSQS.%s", names[call->operation]);
    const struct sigv4_post post = {
        .host = sqs->endpoint.host,
        .content_type = "application/x-amz-json-1.0",
        .target = target,
        .body = call->body.data,
        .body_size = call->body.size,
    };
    call->signed_base_usec = clock_trusted_base_usec();
    sigv4_sign_post(&lines, sqs->signer, credentials, &post, clock_trusted_usec());
    const struct http_request request = {
        .url = sqs->endpoint.url,
        .headers = lines.lines,
        .body = call->body.data,
        .body_size = call->body.size,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = call->timeout_ms,
        .answer_limit = call->operation == SQS_RECEIVE ? SQS_ANSWER_MAX : SQS_ANSWER_SMALL_MAX,
    };
    int r = http_call(sqs->http, &request, on_answer, call, &call->slot);
    sigv4_lines_clear(&lines);
    return r;
}

/* Send the call as soon as there are credentials. */
static int call_send(struct sqs_call *call)
{
    struct identity *identity = call->sqs->identity;
    if (!identity)
        return call_sign(call, call->sqs->credentials);
    const struct aws_credentials *credentials = identity_credentials(identity);
    call->generation = identity_generation(identity);
    if (credentials)
        return call_sign(call, credentials);
    call->waiter.done = on_credentials;
    call->waiter.userdata = call;
    return identity_await(identity, &call->waiter, CREDENTIALS_WAIT_USEC);
}

int sqs_call_start(struct sqs_call *call, struct sqs_call **ret_call)
{
    json_close(&call->body, '}');
    int r = call_send(call);
    if (r < 0) {
        LIST_REMOVE(call, link);
        call_free(call);
    } else if (ret_call) {
        *ret_call = call;
    }
    return r;
}

static void count(const struct sqs_call *call, const struct error *error)
{
    if (call->sqs->tally)
        call_tally_add(&call->sqs->tally[call->operation], error);
}

void sqs_cancel(struct sqs_call *call)
{
    if (!call || (!call->slot && !call->waiter.identity))
        return;
    const struct error given_up = {.kind = ERROR_CANCELLED};
    count(call, &given_up);
    http_cancel(call->slot);
    identity_leave(&call->waiter);
    LIST_REMOVE(call, link);
    call_free(call);
}

/* Put "queue NAME: OPERATION: " in front of the text and the request id behind it. */
static void put_in_context(const struct sqs_call *call, const struct http_answer *answer,
                           struct error *error)
{
    struct error inner = *error;
    AUTOTEXT struct text id = {0};
    if (answer->request_id[0]) {
        text_append_string(&id, " [request ");
        text_append_escaped(&id, answer->request_id, strlen(answer->request_id), 40);
        text_append_char(&id, ']');
    }
    error_set(error, inner.kind, "queue %s: %s: %s%s", call->sqs->name, names[call->operation],
              inner.text, id.data ? id.data : "");
    error->status = inner.status;
    error->retry_after_usec = inner.retry_after_usec;
    memcpy(error->code, inner.code, sizeof(error->code));
}

static bool is_far(int64_t usec)
{
    return usec > SKEW_MIN_USEC || usec < -SKEW_MIN_USEC;
}

/* Whether the call was signed with a time that is now known to be wrong. */
static bool is_skewed(const struct sqs_call *call)
{
    return is_far(clock_trusted_base_usec() - call->signed_base_usec);
}

/* If Amazon refused because of the clock, add to the error by how much the clock is wrong. */
static void explain_clock(const struct sqs_call *call, struct error *error)
{
    char span[TEXT_SPAN_MAX];
    int64_t offset = clock_offset_usec();
    struct error inner = *error;
    if (!is_far(offset) || (error->kind != ERROR_CLOCK && !is_skewed(call)))
        return;
    text_span(span, (uint64_t)(offset < 0 ? -offset : offset));
    error_set(error, ERROR_CLOCK, "our clock is %s %s, set it right (timedatectl): %s", span,
              offset < 0 ? "ahead" : "behind", inner.text);
    error->status = inner.status;
    memcpy(error->code, inner.code, sizeof(error->code));
}

/* Whether the clock may be the reason for a refused signature. */
static bool may_be_clock(const struct error *error)
{
    static const char *const suspects[] = {"InvalidSignatureException", "SignatureDoesNotMatch",
                                           "AuthFailure"};
    for (size_t i = 0; i < ELEMENTS(suspects); i++)
        if (strcmp(error->code, suspects[i]) == 0)
            return true;
    return error->kind == ERROR_CLOCK;
}

/* Return the error of an answer, ERROR_NONE for a good one. */
static struct error judge(const struct sqs_call *call, const struct http_answer *answer)
{
    struct error error = answer->error;
    if (error.kind == ERROR_NONE && answer->status != 200) {
        sqs_error_parse(answer->body, answer->body_size, answer->status, answer->query_error,
                        &error);
        error.retry_after_usec = retry_after_of_amazon(answer, clock_trusted_usec());
        if (may_be_clock(&error))
            explain_clock(call, &error);
    }
    if (error.kind != ERROR_NONE)
        put_in_context(call, answer, &error);
    return error;
}

void sqs_call_unreadable(const struct sqs_call *call, const struct http_answer *answer,
                         struct error *error)
{
    error_set(error, ERROR_PROTOCOL, "the answer is not one of SQS");
    error->status = answer->status;
    put_in_context(call, answer, error);
}

static void learn_time(struct sqs *sqs, const struct http_answer *answer)
{
    if (!answer->date_usec)
        return;
    clock_learn(answer->date_usec, answer->duration_usec);
    sqs->dated = true;
}

/* Sign and send the call again if a wrong clock may be the reason and the time is known
 * better now. */
static bool try_again(struct sqs_call *call, const struct error *error)
{
    if (call->again || !may_be_clock(error) || !is_skewed(call))
        return false;
    call->again = true;
    return call_send(call) == 0;
}

/* Whether Amazon does not know the credentials, or says that they have ended. */
static bool may_be_old(const struct error *error)
{
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException",
                                        "InvalidClientTokenId", "UnrecognizedClientException"};
    for (size_t i = 0; i < ELEMENTS(codes); i++)
        if (strcmp(error->code, codes[i]) == 0)
            return true;
    return false;
}

/* Fetch new credentials and make the call once more, if that can help. */
static bool renew(struct sqs_call *call, const struct error *error)
{
    struct identity *identity = call->sqs->identity;
    if (!identity || call->renewed || !may_be_old(error) ||
        !identity_refuse(identity, call->generation))
        return false;
    call->renewed = true;
    call->waiter.done = on_credentials;
    call->waiter.userdata = call;
    if (identity_await(identity, &call->waiter, CREDENTIALS_WAIT_USEC) == 0)
        return true;
    identity_leave(&call->waiter);
    return false;
}

static void call_end(struct sqs_call *call, struct http_answer *answer, struct error *error)
{
    LIST_REMOVE(call, link);
    call->finish(call, answer, error);
    call_free(call);
}

/* The wait for credentials has ended. */
static void on_credentials(const struct error *error, void *userdata)
{
    struct sqs_call *call = userdata;
    struct http_answer none = {0};
    struct error failure = *error;
    const struct aws_credentials *credentials = identity_credentials(call->sqs->identity);
    call->generation = identity_generation(call->sqs->identity);
    if (failure.kind == ERROR_NONE && !credentials)
        error_set(&failure, ERROR_CREDENTIALS, "there are no valid credentials");
    if (failure.kind == ERROR_NONE) {
        int r = call_sign(call, credentials);
        if (r == 0)
            return;
        error_set(&failure, ERROR_CONFIG, "%s", strerror(-r));
    }
    put_in_context(call, &none, &failure);
    count(call, &failure);
    call_end(call, &none, &failure);
}

static void on_answer(struct http_answer *answer, void *userdata)
{
    struct sqs_call *call = userdata;
    call->slot = NULL;
    learn_time(call->sqs, answer);
    struct error error = judge(call, answer);
    count(call, &error);
    if (error.kind != ERROR_NONE && (try_again(call, &error) || renew(call, &error)))
        return;
    call_end(call, answer, &error);
}
