/* SPDX-License-Identifier: MIT */
#include "body.h"

#include <errno.h>

#include "aws/sqs_arn.h"
#include "base/json.h"

static int refuse(char why[320], const char *text)
{
    text_copy(why, 320, text);
    return -EINVAL;
}

int admin_body_parse(const char *bytes, size_t size, struct admin_body *ret, char why[320])
{
    AUTOJSON cJSON *json = json_parse(bytes, size, ADMIN_BODY_MAX);
    const cJSON *recreate = cJSON_GetObjectItemCaseSensitive(json, "recreateSubscription");
    const char *arn = json_get_string(json, "sqsArn");
    struct error error;
    if (!cJSON_IsObject(json))
        return refuse(why, "the body is not a JSON object");
    if (!arn)
        return refuse(why, "sqsArn is missing, or not a string");
    if (recreate && !cJSON_IsBool(recreate) && !cJSON_IsNull(recreate))
        return refuse(why, "recreateSubscription is not a boolean");
    if (sqs_arn_check(arn, &error))
        return refuse(why, error.text);
    *ret = (struct admin_body){.arn = memory_string(arn), .recreate = cJSON_IsTrue(recreate)};
    return 0;
}
