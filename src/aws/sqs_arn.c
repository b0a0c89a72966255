/* SPDX-License-Identifier: MIT */
#include "aws/sqs_arn.h"

#include <string.h>

#include "base/text.h"

#define PREFIX        "arn:aws:sqs:"
#define ARN_SHOWN_MAX 120

/* Copy the part up to the next colon (or the end) and move on behind it. */
static bool take_part(const char **at, char *out, size_t room, const char *allowed)
{
    size_t size = strspn(*at, allowed);
    if (size == 0 || size >= room)
        return false;
    memcpy(out, *at, size);
    out[size] = '\0';
    *at += size;
    return true;
}

static int refuse(struct error *error, const char *arn, const char *why)
{
    AUTOTEXT struct text shown = {0};
    text_append_escaped(&shown, arn, strlen(arn), ARN_SHOWN_MAX);
    return error_set(error, ERROR_CONFIG, "\"%s\" %s", shown.data, why);
}

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

int sqs_arn_split(const char *arn, struct sqs_arn *ret, struct error *error)
{
    struct sqs_arn parts;
    const char *at = arn + strlen(PREFIX);

    if (!text_starts(arn, PREFIX))
        return refuse(error, arn,
                      "is not the ARN of an SQS queue: arn:aws:sqs:REGION:ACCOUNT:NAME is");
    bool split = take_part(&at, parts.region, sizeof(parts.region), LOWER DIGITS "-") &&
                 *at++ == ':' && take_part(&at, parts.account, sizeof(parts.account), DIGITS) &&
                 *at++ == ':' &&
                 take_part(&at, parts.name, sizeof(parts.name), LOWER UPPER DIGITS "-_.");
    if (!split || *at != '\0')
        return refuse(error, arn, "is not a complete SQS ARN: arn:aws:sqs:REGION:ACCOUNT:NAME is");
    size_t size = strlen(parts.name);
    if (size > 5 && strcmp(parts.name + size - 5, ".fifo") == 0)
        return refuse(error, arn,
                      "is a FIFO queue; Amazon publishes to standard queues only, make one");
    if (strchr(parts.name, '.'))
        return refuse(error, arn, "has a dot in its name, which SQS does not allow");
    if (ret)
        *ret = parts;
    return 0;
}

int sqs_arn_check(const char *arn, struct error *error)
{
    return sqs_arn_split(arn, NULL, error);
}
