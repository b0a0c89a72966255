/* SPDX-License-Identifier: MIT */
/* The readers of an operation's input. If they find a fault, they answer the call. */
#include <string.h>

#include "base/json.h"
#include "identity.h"
#include "sqs_internal.h"

#define ENTRY_ID_MAX 80

const char *sqs_input_string(struct call *call, const cJSON *in, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(in, name);
    if (!item || cJSON_IsNull(item))
        sqs_refuse(call, SQS_PARAMETER_MISSING, "The request must contain the parameter %s.", name);
    else if (!cJSON_IsString(item))
        sqs_refuse(call, SQS_SERIALIZATION, "%s must be a string.", name);
    else
        return item->valuestring;
    return NULL;
}

bool sqs_input_number(struct call *call, const cJSON *in, const char *name, uint32_t low,
                      uint32_t high, uint32_t *ret)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(in, name);
    if (!item || cJSON_IsNull(item))
        return true;
    if (cJSON_IsNumber(item) && (item->valuedouble < low || item->valuedouble > high)) {
        sqs_refuse(call, SQS_PARAMETER_BAD,
                   "Value %.0f for parameter %s is invalid. Reason: Must be between %u and %u, if "
                   "provided.",
                   item->valuedouble, name, low, high);
        return false;
    }
    if (!cJSON_IsNumber(item) || item->valuedouble != (double)(uint32_t)item->valuedouble) {
        sqs_refuse(call, SQS_SERIALIZATION, "%s must be a whole number.", name);
        return false;
    }
    *ret = (uint32_t)item->valuedouble;
    return true;
}

/* Return the queue of a URL. Only the account and the name in it matter, not host and scheme. */
static struct queue *find_by_url(struct sqs *sqs, const char *url)
{
    const char *name = strrchr(url, '/');
    static const char account[] = "/" IDENTITY_ACCOUNT;
    size_t size = sizeof(account) - 1;
    if (!name || (size_t)(name - url) < size || memcmp(name - size, account, size) != 0)
        return NULL;
    return sqs_find_queue(sqs, name + 1);
}

struct queue *sqs_input_queue(struct sqs *sqs, struct call *call, const cJSON *in)
{
    const char *url = sqs_input_string(call, in, "QueueUrl");
    if (!url)
        return NULL;
    struct queue *queue = find_by_url(sqs, url);
    if (!queue)
        sqs_refuse(call, SQS_NO_QUEUE, "The specified queue does not exist.");
    return queue;
}

static bool is_entry_id(const char *id)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t size = strlen(id);
    return size > 0 && size <= ENTRY_ID_MAX && strspn(id, allowed) == size;
}

/* Check the ids of a batch. False: the call is answered. */
static bool check_entry_ids(struct call *call, const cJSON *entries)
{
    const cJSON *entry, *other;
    cJSON_ArrayForEach(entry, entries) {
        const char *id = json_get_string(entry, "Id");
        if (!id || !is_entry_id(id)) {
            sqs_refuse(call, SQS_BATCH_ID_BAD,
                       "A batch entry id can only contain alphanumeric characters, hyphens and "
                       "underscores. It can be at most 80 letters long.");
            return false;
        }
        for (other = entries->child; other != entry; other = other->next) {
            if (text_equal(json_get_string(other, "Id"), id)) {
                sqs_refuse(call, SQS_BATCH_ID_TWICE, "Id %s repeated.", id);
                return false;
            }
        }
    }
    return true;
}

const cJSON *sqs_batch_entries(struct call *call, const cJSON *in, const char *entry_name)
{
    const cJSON *entries = json_get_array(in, "Entries");
    int count = entries ? cJSON_GetArraySize(entries) : 0;
    if (count == 0) {
        sqs_refuse(call, SQS_BATCH_EMPTY, "There should be at least one %s in the request.",
                   entry_name);
        return NULL;
    }
    if (count > SQS_BATCH_MAX) {
        sqs_refuse(call, SQS_BATCH_TOO_MANY,
                   "Maximum number of entries per request are %d. You have sent %d.", SQS_BATCH_MAX,
                   count);
        return NULL;
    }
    return check_entry_ids(call, entries) ? entries : NULL;
}

void sqs_batch_begin(struct sqs *sqs)
{
    text_reset(&sqs->out);
    text_reset(&sqs->spare);
    json_open(&sqs->out, NULL, '{');
    json_open(&sqs->out, "Successful", '[');
    json_open(&sqs->spare, NULL, '[');
}

void sqs_batch_failed(struct sqs *sqs, const char *id, enum sqs_error error, bool sender_fault,
                      const char *message)
{
    json_open(&sqs->spare, NULL, '{');
    json_string(&sqs->spare, "Code", sqs_error_code(error));
    json_string(&sqs->spare, "Id", id);
    json_string(&sqs->spare, "Message", message);
    json_bool(&sqs->spare, "SenderFault", sender_fault);
    json_close(&sqs->spare, '}');
}

bool sqs_batch_fault(struct sqs *sqs, struct call *call, unsigned index, const char *id)
{
    if (call->fault.kind != FAULT_PARTIAL || index % 2 != 0)
        return false;
    sqs_batch_failed(sqs, id, SQS_INTERNAL, false,
                     "We encountered an internal error. Please try again.");
    return true;
}

void sqs_batch_end(struct sqs *sqs, struct call *call)
{
    json_close(&sqs->out, ']');
    json_close(&sqs->spare, ']');
    json_raw(&sqs->out, "Failed", sqs->spare.data, sqs->spare.size);
    json_close(&sqs->out, '}');
    sqs_answer(call, &sqs->out);
}
