/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sqs_answer.h"
#include "base/text.h"

/* Whatever comes as an answer: every reader takes it or refuses it, and what it takes keeps what
 * the header promises. */

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void read_batch(const char *bytes, size_t size)
{
    struct sqs_batch *batch = NULL;
    if (sqs_batch_parse(bytes, size, &batch) < 0) {
        require(!batch);
        return;
    }
    require(batch->count + batch->damaged <= SQS_BATCH_MAX);
    for (size_t i = 0; i < batch->count; i++) {
        const struct sqs_message *message = &batch->messages[i];
        require(message->id && message->receipt && message->body);
        require(strlen(message->body) == message->body_size);
        require(message->body_size <= size);
    }
    sqs_batch_free(batch);
}

static void read_results(const char *bytes, size_t size)
{
    struct sqs_entry_result results[SQS_BATCH_MAX];
    if (sqs_results_parse(bytes, size, results, SQS_BATCH_MAX) < 0)
        return;
    for (size_t i = 0; i < SQS_BATCH_MAX; i++) {
        require(!results[i].ok || !results[i].retry);
        require(memchr(results[i].code, '\0', sizeof(results[i].code)));
    }
}

static void read_others(const char *bytes, size_t size)
{
    struct sqs_queue_attributes attributes;
    struct error error;
    if (sqs_attributes_parse(bytes, size, &attributes) == 0)
        sqs_queue_attributes_clear(&attributes);
    free(sqs_url_parse(bytes, size));
    /* The first byte chooses the status: 255 of them around those that occur. */
    int status = size ? 300 + (unsigned char)bytes[0] : 400;
    sqs_error_parse(bytes, size, status, "AWS.SimpleQueueService.NonExistentQueue;Sender", &error);
    require(error.kind != ERROR_NONE && error.text[0]);
    require(text_is_utf8(error.text, strlen(error.text)));
    for (const char *at = error.text; *at; at++)
        require((unsigned char)*at >= 0x20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    read_batch(bytes, size);
    read_results(bytes, size);
    read_others(bytes, size);
    return 0;
}
