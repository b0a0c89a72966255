/* SPDX-License-Identifier: MIT */
#include "sqs_internal.h"

#include "base/json.h"

/*
 * SQS's refusals: the type in the body (the part after '#' is the code of the JSON protocol), the
 * code of the older query protocol in x-amzn-query-error, and the status.
 */
#define OWN    "com.amazonaws.sqs#"
#define SHARED "com.amazon.coral.service#"
#define LEGACY "AWS.SimpleQueueService."

struct row {
    const char *type, *query_code;
    int status;
};

static const struct row rows[SQS_ERRORS] = {
    [SQS_ACCESS_DENIED] = {SHARED "AccessDeniedException", "AccessDenied", 403},
    [SQS_BATCH_EMPTY] = {OWN "EmptyBatchRequest", LEGACY "EmptyBatchRequest", 400},
    [SQS_BATCH_ID_BAD] = {OWN "InvalidBatchEntryId", LEGACY "InvalidBatchEntryId", 400},
    [SQS_BATCH_ID_TWICE] = {OWN "BatchEntryIdsNotDistinct", LEGACY "BatchEntryIdsNotDistinct", 400},
    [SQS_BATCH_TOO_LONG] = {OWN "BatchRequestTooLong", LEGACY "BatchRequestTooLong", 400},
    [SQS_BATCH_TOO_MANY] = {OWN "TooManyEntriesInBatchRequest",
                            LEGACY "TooManyEntriesInBatchRequest", 400},
    [SQS_CONTENTS_BAD] = {OWN "InvalidMessageContents", "InvalidMessageContents", 400},
    [SQS_EXPIRED_TOKEN] = {SHARED "ExpiredTokenException", "ExpiredToken", 403},
    [SQS_HANDLE_BAD] = {OWN "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 400},
    [SQS_INTERNAL] = {SHARED "InternalFailure", "InternalError", 500},
    [SQS_ATTRIBUTE_BAD] = {OWN "InvalidAttributeName", "InvalidAttributeName", 400},
    [SQS_ATTRIBUTE_VALUE_BAD] = {OWN "InvalidAttributeValue", "InvalidAttributeValue", 400},
    [SQS_PARAMETER_BAD] = {SHARED "InvalidParameterValueException", "InvalidParameterValue", 400},
    [SQS_PARAMETER_MISSING] = {SHARED "MissingRequiredParameterException", "MissingParameter", 400},
    [SQS_NO_QUEUE] = {OWN "QueueDoesNotExist", LEGACY "NonExistentQueue", 400},
    [SQS_NOT_IN_FLIGHT] = {OWN "MessageNotInflight", LEGACY "MessageNotInflight", 400},
    [SQS_OVER_LIMIT] = {OWN "OverLimit", "OverLimit", 403},
    [SQS_QUEUE_EXISTS] = {OWN "QueueNameExists", "QueueAlreadyExists", 400},
    [SQS_SERIALIZATION] = {SHARED "SerializationException", "MalformedInput", 400},
    [SQS_SIGNATURE_INCOMPLETE] = {SHARED "IncompleteSignatureException", "IncompleteSignature",
                                  400},
    [SQS_SIGNATURE_MISSING] = {SHARED "MissingAuthenticationTokenException",
                               "MissingAuthenticationToken", 403},
    [SQS_SIGNATURE_WRONG] = {SHARED "InvalidSignatureException", "SignatureDoesNotMatch", 403},
    [SQS_THROTTLED] = {OWN "RequestThrottled", "RequestThrottled", 403},
    [SQS_UNAVAILABLE] = {SHARED "ServiceUnavailable", "ServiceUnavailable", 503},
    [SQS_UNKNOWN_KEY] = {SHARED "UnrecognizedClientException", "InvalidClientTokenId", 403},
    [SQS_UNKNOWN_OPERATION] = {SHARED "UnknownOperationException", "InvalidAction", 400},
    [SQS_UNSUPPORTED] = {OWN "UnsupportedOperation", LEGACY "UnsupportedOperation", 400},
};

const char *sqs_error_code(enum sqs_error error)
{
    const char *code = rows[error].query_code;
    return text_starts(code, LEGACY) ? code + sizeof(LEGACY) - 1 : code;
}

void sqs_refuse(struct call *call, enum sqs_error error, const char *format, ...)
{
    const struct row *row = &rows[error];
    AUTOTEXT struct text message = {0}, out = {0}, header = {0};
    va_list arguments;
    va_start(arguments, format);
    text_appendv(&message, format, arguments);
    va_end(arguments);
    json_open(&out, NULL, '{');
    json_string(&out, "__type", row->type);
    json_bytes(&out, "message", message.data, message.size);
    json_close(&out, '}');
    text_appendf(&header, "%s;%s", row->query_code, row->status < 500 ? "Sender" : "Receiver");
    exchange_add_header(call->exchange, "x-amzn-query-error", header.data);
    call_answer(call, row->status, SQS_TYPE, out.data, out.size);
}

void sqs_answer(struct call *call, const struct text *out)
{
    call_answer(call, 200, SQS_TYPE, out->data, out->size);
}

void sqs_answer_empty(struct call *call)
{
    call_answer(call, 200, SQS_TYPE, "{}", 2);
}
