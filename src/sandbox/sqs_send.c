/* SPDX-License-Identifier: MIT */
/* Sending messages. */
#include <string.h>

#include "base/json.h"
#include "body.h"
#include "sqs_internal.h"

#define DELAY_MAX_S 900

/* Check an entry. `escaped` gets its body. Return SQS_ERRORS if it has no fault. */
static enum sqs_error check_entry(const struct queue *queue, const cJSON *entry,
                                  struct text *escaped, const char **ret_why)
{
    const char *body = json_get_string(entry, "MessageBody");
    *ret_why = "The request must contain the parameter MessageBody.";
    if (!body)
        return SQS_PARAMETER_MISSING;
    *ret_why =
        "One or more parameters are invalid. Reason: Message must be at least one character.";
    if (!*body)
        return SQS_PARAMETER_BAD;
    *ret_why = "One or more parameters are invalid. Reason: Message must be shorter than the "
               "MaximumMessageSize of the queue.";
    if (strlen(body) > queue->body_max)
        return SQS_PARAMETER_BAD;
    *ret_why = "dockbell-sandbox does not keep message attributes.";
    if (cJSON_GetArraySize(json_get_object(entry, "MessageAttributes")) > 0)
        return SQS_UNSUPPORTED;
    *ret_why = "The MessageDeduplicationId parameter is for FIFO queues only.";
    if (json_get_string(entry, "MessageDeduplicationId"))
        return SQS_PARAMETER_BAD;
    *ret_why = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
               "#xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
    return body_escape(escaped, body, strlen(body)) < 0 ? SQS_CONTENTS_BAD : SQS_ERRORS;
}

static const struct message *send(struct sqs *sqs, struct queue *queue, const cJSON *entry,
                                  const struct text *escaped, uint32_t delay_s)
{
    char id[37];
    const char *body = json_get_string(entry, "MessageBody");
    sqs_new_id(sqs, id);
    return queue_send(queue, id, body, strlen(body), escaped, delay_s,
                      simclock_passed_usec(sqs->office->clock),
                      simclock_wall_usec(sqs->office->clock));
}

void sqs_send_message(struct sqs *sqs, struct call *call, const cJSON *in)
{
    AUTOTEXT struct text escaped = {0};
    struct queue *queue = sqs_input_queue(sqs, call, in);
    if (!queue)
        return;
    uint32_t delay_s = queue->delay_s;
    if (!sqs_input_number(call, in, "DelaySeconds", 0, DELAY_MAX_S, &delay_s))
        return;
    const char *why;
    enum sqs_error error = check_entry(queue, in, &escaped, &why);
    if (error != SQS_ERRORS) {
        sqs_refuse(call, error, "%s", why);
        return;
    }
    const struct message *message = send(sqs, queue, in, &escaped, delay_s);
    text_reset(&sqs->out);
    json_open(&sqs->out, NULL, '{');
    json_string(&sqs->out, "MD5OfMessageBody", message->md5);
    json_string(&sqs->out, "MessageId", message->id);
    json_close(&sqs->out, '}');
    sqs_answer(call, &sqs->out);
    sqs_wake(sqs, queue);
}

static bool batch_fits(struct call *call, const cJSON *entries)
{
    size_t size = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, entries) {
        const char *body = json_get_string(entry, "MessageBody");
        size += body ? strlen(body) : 0;
    }
    if (size > QUEUE_BODY_MAX)
        sqs_refuse(call, SQS_BATCH_TOO_LONG,
                   "Batch requests cannot be longer than %d bytes. You have sent %zu bytes.",
                   QUEUE_BODY_MAX, size);
    return size <= QUEUE_BODY_MAX;
}

static void send_entry(struct sqs *sqs, struct queue *queue, const cJSON *entry)
{
    AUTOTEXT struct text escaped = {0};
    const char *id = json_get_string(entry, "Id");
    const cJSON *delay = cJSON_GetObjectItemCaseSensitive(entry, "DelaySeconds");
    double delay_s = cJSON_IsNumber(delay) ? delay->valuedouble : queue->delay_s;
    const char *why;
    enum sqs_error error = check_entry(queue, entry, &escaped, &why);
    if (error == SQS_ERRORS && !(delay_s >= 0 && delay_s <= DELAY_MAX_S)) {
        error = SQS_PARAMETER_BAD;
        why = "DelaySeconds must be between 0 and 900.";
    }
    if (error != SQS_ERRORS) {
        sqs_batch_failed(sqs, id, error, true, why);
        return;
    }
    const struct message *message = send(sqs, queue, entry, &escaped, (uint32_t)delay_s);
    json_open(&sqs->out, NULL, '{');
    json_string(&sqs->out, "Id", id);
    json_string(&sqs->out, "MD5OfMessageBody", message->md5);
    json_string(&sqs->out, "MessageId", message->id);
    json_close(&sqs->out, '}');
}

void sqs_send_message_batch(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    const cJSON *entries =
        queue ? sqs_batch_entries(call, in, "SendMessageBatchRequestEntry") : NULL;
    if (!entries || !batch_fits(call, entries))
        return;
    sqs_batch_begin(sqs);
    const cJSON *entry;
    unsigned index = 0;
    cJSON_ArrayForEach(entry, entries) {
        if (!sqs_batch_fault(sqs, call, index++, json_get_string(entry, "Id")))
            send_entry(sqs, queue, entry);
    }
    sqs_batch_end(sqs, call);
    sqs_wake(sqs, queue);
}

void sqs_publish(struct sqs *sqs, struct queue *queue, const struct text *body)
{
    AUTOTEXT struct text escaped = {0};
    char id[37];
    body_escape(&escaped, body->data, body->size);
    sqs_new_id(sqs, id);
    queue_send(queue, id, body->data, body->size, &escaped, 0,
               simclock_passed_usec(sqs->office->clock), simclock_wall_usec(sqs->office->clock));
    sqs_wake(sqs, queue);
}
