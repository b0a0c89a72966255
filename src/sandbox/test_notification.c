/* SPDX-License-Identifier: MIT */
/* sendTestNotification, which Amazon also has only on its sandbox hosts. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "generator.h"
#include "identity.h"
#include "spapi_internal.h"

/* A series of its own, so that its ids never equal published ones. */
#define TEST_SEED   0x7e57
#define TEST_ORDERS 1000000

/* Check the request. False: the call is answered. */
static bool check_request(struct spapi_call *call, const struct notification_type *type,
                          const cJSON *test)
{
    static const char *const members[] = {"destinationId", "testNotification", NULL};
    static const char *const parts[] = {"payloadVersion", "testScenario", NULL};
    const char *version = json_get_string(test, "payloadVersion");
    const cJSON *scenario = cJSON_GetObjectItemCaseSensitive(test, "testScenario");
    const char *unknown = spapi_unknown_member(call->body, members);
    if (!unknown)
        unknown = spapi_unknown_member(test, parts);
    if (unknown)
        spapi_refuse_input(call, "Unknown member %s", unknown);
    else if (!version)
        spapi_refuse_input(call, "testNotification.payloadVersion is required");
    else if (!directive_has_version(type, version))
        spapi_refuse_version(call, type, version);
    else if (scenario && (!cJSON_IsString(scenario) || !*scenario->valuestring))
        spapi_refuse_input(call, "testScenario must not be empty");
    else if (!samples_find(type->name))
        spapi_refuse_input(call, "dockbell-sandbox has no test notification of type %s",
                           type->name);
    else
        return true;
    return false;
}

/* Publish a test notification. If the queue does not exist, or not here, nothing is sent and no
 * error is reported, as at Amazon. */
static void publish(struct spapi *spapi, const struct notification_type *type,
                    const struct destination *destination)
{
    struct generator generator = {
        .sample = samples_find(type->name),
        .seed = TEST_SEED,
        .orders = TEST_ORDERS,
        .start_usec = simclock_wall_usec(spapi->office->clock),
    };
    AUTOTEXT struct text body = {0};
    char id[RNG_UUID_MAX];
    struct queue *queue = NULL;
    if (text_starts(destination->arn, IDENTITY_ARN_PREFIX))
        queue = sqs_find_queue(spapi->sqs, destination->arn + strlen(IDENTITY_ARN_PREFIX));
    if (!queue)
        return;
    text_copy(generator.seller_id, sizeof(generator.seller_id), identity_sellers[0].seller_id);
    generator_write(&generator, spapi->tests++, &body, id);
    sqs_publish(spapi->sqs, queue, &body);
}

void test_notification_send(struct spapi *spapi, struct spapi_call *call)
{
    const struct notification_type *type = directive_read_type(call, call->first);
    const cJSON *test = json_get_object(call->body, "testNotification");
    const char *id = json_get_string(call->body, "destinationId");
    if (!type || !check_request(call, type, test))
        return;
    const struct destination *destination = destinations_find(spapi, id);
    if (!destination) {
        spapi_refuse_no_destination(call, id ? id : "");
        return;
    }
    publish(spapi, type, destination);
    AUTOTEXT struct text out = {0};
    text_append_string(&out, "{}");
    spapi_answer(call, &out);
}
