/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "identity.h"
#include "spapi_internal.h"

#define ARN_PREFIX "arn:aws:sqs:"

const struct destination *destinations_find(const struct spapi *spapi, const char *id)
{
    for (size_t i = 0; i < spapi->destination_count; i++)
        if (text_equal(spapi->destinations[i].id, id))
            return &spapi->destinations[i];
    return NULL;
}

/* Amazon sends more members than its model has (jlevers#885). */
void destinations_write(struct text *out, const char *key, const struct destination *destination)
{
    json_open(out, key, '{');
    json_string(out, "destinationId", destination->id);
    json_string(out, "name", destination->name);
    json_open(out, "resource", '{');
    json_open(out, "sqs", '{');
    json_string(out, "arn", destination->arn);
    json_close(out, '}');
    json_null(out, "eventBridge");
    json_null(out, "privateSqs");
    json_null(out, "webhook");
    json_close(out, '}');
    json_close(out, '}');
}

static void answer_one(struct spapi_call *call, const struct destination *destination)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    destinations_write(&out, "payload", destination);
    json_close(&out, '}');
    spapi_answer(call, &out);
}

void destinations_list(struct spapi *spapi, struct spapi_call *call)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_open(&out, "payload", '[');
    if (call->call.fault.kind != FAULT_EMPTY)
        for (size_t i = 0; i < spapi->destination_count; i++)
            destinations_write(&out, NULL, &spapi->destinations[i]);
    json_close(&out, ']');
    json_close(&out, '}');
    spapi_answer(call, &out);
}

/* Whether the ARN fits Amazon's pattern ^arn:aws:sqs:\S+:\S+:\S+ */
static bool is_sqs_arn(const char *arn)
{
    if (!text_starts(arn, ARN_PREFIX) || strlen(arn) > SPAPI_ARN_MAX || strpbrk(arn, " \t\r\n"))
        return false;
    const char *account = strchr(arn + sizeof(ARN_PREFIX) - 1, ':');
    const char *name = account ? strchr(account + 1, ':') : NULL;
    return name && account > arn + sizeof(ARN_PREFIX) - 1 && name > account + 1 && name[1];
}

static bool is_fifo(const char *arn)
{
    size_t size = strlen(arn);
    return size >= 5 && text_equal(arn + size - 5, ".fifo");
}

/* Return the ARN of a request. NULL: the call is answered. */
static const char *read_arn(struct spapi_call *call)
{
    static const char *const members[] = {"name", "resourceSpecification", NULL};
    static const char *const kinds[] = {"sqs", "eventBridge", NULL};
    static const char *const parts[] = {"arn", NULL};
    const cJSON *resource = json_get_object(call->body, "resourceSpecification");
    const cJSON *sqs = json_get_object(resource, "sqs");
    const char *unknown = spapi_unknown_member(call->body, members);
    if (!unknown)
        unknown = spapi_unknown_member(resource, kinds);
    if (!unknown)
        unknown = spapi_unknown_member(sqs, parts);
    const char *arn = json_get_string(sqs, "arn");
    if (unknown)
        spapi_refuse_input(call, "Unknown member %s", unknown);
    else if (json_get_object(resource, "eventBridge") && sqs)
        spapi_refuse_input(call, "A destination cannot be created with multiple resource types");
    else if (json_get_object(resource, "eventBridge"))
        spapi_refuse_input(call, "dockbell-sandbox delivers to SQS queues only");
    else if (!arn) /* Amazon also answers this way (jlevers#291) */
        spapi_refuse(call, 500, "InternalFailure",
                     "We encountered an internal error. Please try again.", "%s", "");
    else if (!is_sqs_arn(arn))
        spapi_refuse_input(call, "Invalid SQS ARN %s", arn);
    else if (is_fifo(arn))
        spapi_refuse_input(call, "FIFO queues are not supported: %s", arn);
    else
        return arn;
    return NULL;
}

static bool arn_is_taken(const struct spapi *spapi, const char *arn)
{
    for (size_t i = 0; i < spapi->destination_count; i++)
        if (text_equal(spapi->destinations[i].arn, arn))
            return true;
    return false;
}

void destinations_create(struct spapi *spapi, struct spapi_call *call)
{
    const char *name = json_get_string(call->body, "name");
    if (!name || !*name || strlen(name) > SPAPI_NAME_MAX) {
        spapi_refuse_input(call, "name must have 1 to %d characters", SPAPI_NAME_MAX);
        return;
    }
    const char *arn = read_arn(call);
    if (!arn)
        return;
    if (arn_is_taken(spapi, arn)) {
        spapi_refuse(
            call, 409, "Conflict", "The requested resource conflict with a resource in the server.",
            "A destination with arn %s already exists for the application " IDENTITY_APPLICATION,
            arn);
        return;
    }
    if (spapi->destination_count == SPAPI_DESTINATIONS_MAX) {
        spapi_refuse_input(call, "dockbell-sandbox keeps at most %d destinations",
                           SPAPI_DESTINATIONS_MAX);
        return;
    }
    struct destination *destination = &spapi->destinations[spapi->destination_count++];
    spapi_new_id(spapi, destination->id);
    strcpy(destination->name, name);
    strcpy(destination->arn, arn);
    answer_one(call, destination);
}

void destinations_get(struct spapi *spapi, struct spapi_call *call)
{
    const struct destination *destination = destinations_find(spapi, call->first);
    if (destination)
        answer_one(call, destination);
    else
        spapi_refuse_missing(call, "destination", call->first);
}

void destinations_delete(struct spapi *spapi, struct spapi_call *call)
{
    const struct destination *destination = destinations_find(spapi, call->first);
    if (!destination) {
        spapi_refuse_missing(call, "destination", call->first);
        return;
    }
    for (size_t i = 0; i < spapi->subscription_count; i++) {
        if (text_equal(spapi->subscriptions[i].destination_id, destination->id)) {
            spapi_refuse(call, 403, "Unauthorized", "The requested action is forbidden.",
                         "Destination has subscriptions");
            return;
        }
    }
    size_t at = (size_t)(destination - spapi->destinations);
    memmove(&spapi->destinations[at], &spapi->destinations[at + 1],
            (--spapi->destination_count - at) * sizeof(*destination));
    AUTOTEXT struct text out = {0};
    text_append_string(&out, "{}");
    spapi_answer(call, &out);
}
