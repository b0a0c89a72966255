/* SPDX-License-Identifier: MIT */
/* Deleting messages and changing their visibility. */
#include "base/clock.h"
#include "base/json.h"
#include "sqs_internal.h"

static void delete_entry(struct sqs *sqs, struct queue *queue, const char *id, const char *handle)
{
    if (!handle || queue_delete(queue, handle) == QUEUE_JUNK) {
        sqs_batch_failed(sqs, id, SQS_HANDLE_BAD, true, "The input receipt handle is invalid.");
        return;
    }
    json_open(&sqs->out, NULL, '{');
    json_string(&sqs->out, "Id", id);
    json_close(&sqs->out, '}');
}

void sqs_delete_message_batch(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    const cJSON *entries =
        queue ? sqs_batch_entries(call, in, "DeleteMessageBatchRequestEntry") : NULL;
    if (!entries)
        return;
    queue_advance(queue, simclock_passed_usec(sqs->office->clock));
    sqs_batch_begin(sqs);
    const cJSON *entry;
    unsigned index = 0;
    cJSON_ArrayForEach(entry, entries) {
        const char *id = json_get_string(entry, "Id");
        if (!sqs_batch_fault(sqs, call, index++, id))
            delete_entry(sqs, queue, id, json_get_string(entry, "ReceiptHandle"));
    }
    sqs_batch_end(sqs, call);
}

static void refuse_handle(struct call *call, const char *handle)
{
    sqs_refuse(call, SQS_HANDLE_BAD,
               "The input receipt handle \"%s\" is not a valid receipt handle.", handle);
}

void sqs_delete_message(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    const char *handle = queue ? sqs_input_string(call, in, "ReceiptHandle") : NULL;
    if (!handle)
        return;
    if (queue_delete(queue, handle) == QUEUE_JUNK)
        refuse_handle(call, handle);
    else
        sqs_answer_empty(call);
}

/* Change the visibility. Return SQS_ERRORS if that worked. */
static enum sqs_error change(struct sqs *sqs, struct queue *queue, const char *handle,
                             uint32_t visibility_s)
{
    uint64_t now_usec = simclock_passed_usec(sqs->office->clock);
    struct message *message;
    queue_advance(queue, now_usec);
    enum queue_lookup found = queue_find(queue, handle, &message);
    if (found == QUEUE_JUNK)
        return SQS_HANDLE_BAD;
    if (found != QUEUE_FOUND)
        return SQS_PARAMETER_BAD;
    if (message->state != MESSAGE_IN_FLIGHT)
        return SQS_NOT_IN_FLIGHT;
    uint64_t held_usec = now_usec - message->received_usec;
    if (held_usec + visibility_s * USEC_PER_SEC > QUEUE_VISIBILITY_MAX_S * USEC_PER_SEC)
        return SQS_OVER_LIMIT;
    queue_change(queue, message, visibility_s, now_usec);
    return SQS_ERRORS;
}

static const char *change_text(enum sqs_error error)
{
    switch (error) {
    case SQS_HANDLE_BAD:
        return "The input receipt handle is invalid.";
    case SQS_NOT_IN_FLIGHT:
        return "The message referred to is not in flight.";
    case SQS_OVER_LIMIT:
        return "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
    default:
        return "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is "
               "not available for visibility timeout change.";
    }
}

void sqs_change_visibility(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    const char *handle = queue ? sqs_input_string(call, in, "ReceiptHandle") : NULL;
    uint32_t visibility_s = UINT32_MAX;
    if (!handle ||
        !sqs_input_number(call, in, "VisibilityTimeout", 0, QUEUE_VISIBILITY_MAX_S, &visibility_s))
        return;
    if (visibility_s == UINT32_MAX) {
        sqs_refuse(call, SQS_PARAMETER_MISSING,
                   "The request must contain the parameter VisibilityTimeout.");
        return;
    }
    enum sqs_error error = change(sqs, queue, handle, visibility_s);
    if (error == SQS_ERRORS)
        sqs_answer_empty(call);
    else if (error == SQS_HANDLE_BAD)
        refuse_handle(call, handle);
    else
        sqs_refuse(call, error == SQS_OVER_LIMIT ? SQS_PARAMETER_BAD : error, "%s",
                   change_text(error));
    if (error == SQS_ERRORS)
        sqs_wake(sqs, queue);
}

static void change_entry(struct sqs *sqs, struct queue *queue, const cJSON *entry)
{
    const char *id = json_get_string(entry, "Id");
    const char *handle = json_get_string(entry, "ReceiptHandle");
    const cJSON *visibility = cJSON_GetObjectItemCaseSensitive(entry, "VisibilityTimeout");
    double seconds = cJSON_IsNumber(visibility) ? visibility->valuedouble : -1;
    enum sqs_error error = SQS_PARAMETER_BAD;
    if (!handle)
        error = SQS_HANDLE_BAD;
    else if (seconds >= 0 && seconds <= QUEUE_VISIBILITY_MAX_S)
        error = change(sqs, queue, handle, (uint32_t)seconds);
    if (error != SQS_ERRORS) {
        sqs_batch_failed(sqs, id, error == SQS_OVER_LIMIT ? SQS_PARAMETER_BAD : error, true,
                         change_text(error));
        return;
    }
    json_open(&sqs->out, NULL, '{');
    json_string(&sqs->out, "Id", id);
    json_close(&sqs->out, '}');
}

void sqs_change_visibility_batch(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    const cJSON *entries =
        queue ? sqs_batch_entries(call, in, "ChangeMessageVisibilityBatchRequestEntry") : NULL;
    if (!entries)
        return;
    sqs_batch_begin(sqs);
    const cJSON *entry;
    unsigned index = 0;
    cJSON_ArrayForEach(entry, entries) {
        if (!sqs_batch_fault(sqs, call, index++, json_get_string(entry, "Id")))
            change_entry(sqs, queue, entry);
    }
    sqs_batch_end(sqs, call);
    sqs_wake(sqs, queue);
}
