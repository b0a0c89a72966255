/* SPDX-License-Identifier: MIT */
#include "sqs.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "body.h"
#include "identity.h"
#include "rng.h"
#include "sqs_internal.h"

#define SQS_REQUEST_MAX (8 * 1024 * 1024) /* 1 MiB of message, every byte possibly escaped */
#define TARGET_PREFIX   "AmazonSQS."

static const struct sigcheck_key keys[] = {
    {IDENTITY_ACCESS_KEY_ID, IDENTITY_SECRET_ACCESS_KEY, IDENTITY_SESSION_TOKEN, false},
    {IDENTITY_TEMPORARY_KEY_ID, IDENTITY_TEMPORARY_SECRET_KEY, IDENTITY_SESSION_TOKEN, true},
};

struct operation {
    const char *name;
    sqs_operation_fn run; /* NULL: SQS has it, the sandbox does not */
};

static const struct operation operations[] = {
    {"ReceiveMessage", sqs_receive_message},
    {"DeleteMessageBatch", sqs_delete_message_batch},
    {"DeleteMessage", sqs_delete_message},
    {"ChangeMessageVisibility", sqs_change_visibility},
    {"ChangeMessageVisibilityBatch", sqs_change_visibility_batch},
    {"SendMessage", sqs_send_message},
    {"SendMessageBatch", sqs_send_message_batch},
    {"GetQueueAttributes", sqs_get_queue_attributes},
    {"SetQueueAttributes", sqs_set_queue_attributes},
    {"GetQueueUrl", sqs_get_queue_url},
    {"CreateQueue", sqs_create_queue},
    {"PurgeQueue", sqs_purge_queue},
    {"AddPermission", NULL},
    {"CancelMessageMoveTask", NULL},
    {"DeleteQueue", NULL},
    {"ListDeadLetterSourceQueues", NULL},
    {"ListMessageMoveTasks", NULL},
    {"ListQueueTags", NULL},
    {"ListQueues", NULL},
    {"RemovePermission", NULL},
    {"StartMessageMoveTask", NULL},
    {"TagQueue", NULL},
    {"UntagQueue", NULL},
};

/* Allow Amazon to write to the default queue, with the policy that `dockbell policy` prints. */
static void allow_amazon(struct queue *queue)
{
    text_append_string(&queue->policy,
                       "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                       "\"Principal\":{\"AWS\":\"arn:aws:iam::" IDENTITY_AMAZON_ROOT ":root\"},"
                       "\"Action\":[\"sqs:SendMessage\",\"sqs:GetQueueAttributes\"],"
                       "\"Resource\":\"" IDENTITY_QUEUE_ARN "\"}]}");
}

static void start(struct sqs *sqs)
{
    allow_amazon(sqs_queue(sqs, IDENTITY_QUEUE));
}

void sqs_init(struct sqs *sqs, struct call_office *office, uint64_t latency_usec)
{
    *sqs = (struct sqs){.office = office, .latency_usec = latency_usec};
    sqs->sigcheck = (struct sigcheck){
        .keys = keys, .key_count = ELEMENTS(keys), .region = IDENTITY_REGION, .service = "sqs"};
    if (getrandom(&sqs->random, sizeof(sqs->random), 0) != sizeof(sqs->random))
        sqs->random = clock_now_usec();
    start(sqs);
}

static void remove_queues(struct sqs *sqs)
{
    for (size_t i = 0; i < sqs->queue_count; i++) {
        sqs_end_waiters(sqs->queues[i]);
        queue_free(sqs->queues[i]);
    }
    sqs->queue_count = 0;
}

void sqs_reset(struct sqs *sqs)
{
    remove_queues(sqs);
    sqs->lost = 0;
    start(sqs);
}

void sqs_clear(struct sqs *sqs)
{
    remove_queues(sqs);
    sigcheck_clear(&sqs->sigcheck);
    text_clear(&sqs->out);
    text_clear(&sqs->spare);
}

static const char *find_header(void *userdata, const char *name)
{
    return exchange_header(userdata, name);
}

/* Check the signature. False: it is wrong and the call is answered. */
static bool authenticate(struct sqs *sqs, struct call *call)
{
    static const enum sqs_error errors[] = {
        [SIGCHECK_MISSING] = SQS_SIGNATURE_MISSING,
        [SIGCHECK_INCOMPLETE] = SQS_SIGNATURE_INCOMPLETE,
        [SIGCHECK_UNKNOWN] = SQS_UNKNOWN_KEY,
        [SIGCHECK_MISMATCH] = SQS_SIGNATURE_WRONG,
    };
    AUTOTEXT struct text why = {0};
    struct sigcheck_request request = {exchange_method(call->exchange),
                                       exchange_target(call->exchange),
                                       find_header,
                                       call->exchange,
                                       NULL,
                                       0};
    request.body = exchange_body(call->exchange, &request.body_size);
    enum sigcheck_result r = sigcheck_verify(&sqs->sigcheck, &request, call->wall_usec, &why);
    if (r != SIGCHECK_OK)
        sqs_refuse(call, errors[r], "%s", why.data);
    return r == SIGCHECK_OK;
}

static void refuse_fault(struct call *call, enum fault_kind kind)
{
    switch (kind) {
    case FAULT_ERROR_503:
        sqs_refuse(call, SQS_UNAVAILABLE, "Service is unable to handle request.");
        break;
    case FAULT_THROTTLE:
        sqs_refuse(call, SQS_THROTTLED, "Request is throttled.");
        break;
    case FAULT_ACCESS_DENIED:
        sqs_refuse(call, SQS_ACCESS_DENIED,
                   "User: arn:aws:iam::" IDENTITY_ACCOUNT ":user/dockbell is not authorized to "
                   "perform: sqs:%s because no identity-based policy allows the sqs:%s action",
                   call->op, call->op);
        break;
    case FAULT_EXPIRED_TOKEN:
        sqs_refuse(call, SQS_EXPIRED_TOKEN,
                   "The security token included in the request is expired");
        break;
    case FAULT_NOT_FOUND:
        sqs_refuse(call, SQS_NO_QUEUE, "The specified queue does not exist.");
        break;
    default:
        sqs_refuse(call, SQS_INTERNAL, "We encountered an internal error. Please try again.");
    }
}

static const struct operation *find_operation(const char *name)
{
    for (size_t i = 0; i < ELEMENTS(operations); i++)
        if (text_equal(operations[i].name, name))
            return &operations[i];
    return NULL;
}

bool sqs_has_operation(const char *name)
{
    const struct operation *operation = find_operation(name);
    return operation && operation->run;
}

static void run_operation(struct sqs *sqs, struct call *call, const struct operation *operation)
{
    size_t size;
    const char *body = exchange_body(call->exchange, &size);
    AUTOJSON cJSON *in = json_parse(body, size, SQS_REQUEST_MAX);
    if (!cJSON_IsObject(in))
        sqs_refuse(call, SQS_SERIALIZATION, "The request body is not a JSON object.");
    else if (!operation)
        sqs_refuse(call, SQS_UNKNOWN_OPERATION, "SQS has no such operation.");
    else if (!operation->run)
        sqs_refuse(call, SQS_UNSUPPORTED, "dockbell-sandbox does not offer %s.", operation->name);
    else if (body_has_escaped_nul(body, size))
        sqs_refuse(call, SQS_CONTENTS_BAD,
                   "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 "
                   "to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
    else
        operation->run(sqs, call, in);
}

void sqs_request(struct sqs *sqs, struct exchange *exchange)
{
    const char *target = exchange_header(exchange, "x-amz-target");
    bool ours = text_starts(target, TARGET_PREFIX);
    const struct operation *operation =
        ours ? find_operation(target + sizeof(TARGET_PREFIX) - 1) : NULL;
    struct call call = {.office = sqs->office,
                        .exchange = exchange,
                        .op = operation ? operation->name : "UnknownOperation",
                        .refuse = refuse_fault,
                        .latency_usec = sqs->latency_usec};
    if (!call_begin(&call) || !authenticate(sqs, &call))
        return;
    const char *type = exchange_header(exchange, "content-type");
    if (!text_starts(type, SQS_TYPE))
        sqs_refuse(&call, SQS_SERIALIZATION, "content-type must be " SQS_TYPE ".");
    else
        run_operation(sqs, &call, operation);
}
