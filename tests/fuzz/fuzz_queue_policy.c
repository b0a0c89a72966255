/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/queue_policy.h"
#include "base/text.h"

#define ARN "arn:aws:sqs:eu-west-1:444455556666:orders"

/* Whatever stands in a queue's policy: there is a verdict, and its text can be printed. */

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTOFREE char *policy = memory_copy(data, size);
    struct queue_policy_judgement judgement = queue_policy_judge(policy, QUEUE_POLICY_SEND, ARN);
    require(judgement.verdict <= QUEUE_POLICY_UNREADABLE && judgement.text[0]);
    require(text_is_utf8(judgement.text, strlen(judgement.text)));
    for (const char *at = judgement.text; *at; at++)
        require((unsigned char)*at >= 0x20);
    return 0;
}
