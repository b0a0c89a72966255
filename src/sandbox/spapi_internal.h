/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_SPAPI_INTERNAL_H
#define SRC_SANDBOX_SPAPI_INTERNAL_H

#include "spapi.h"

/* Shared by spapi.c and the files that do its operations. */

#define SPAPI_TYPE "application/json"

/* A call of one operation, with checked token and limit. */
struct spapi_call {
    struct call call;
    const char *seller_id; /* NULL: a grantless token */
    const char *first;     /* path parameters: destinationId, or notificationType */
    const char *second;    /* subscriptionId, or "testNotification" */
    const cJSON *body;     /* of POST: an object */
};

typedef void (*spapi_operation_fn)(struct spapi *spapi, struct spapi_call *call);

/* Operations on destinations. Each answers its call. */
void destinations_list(struct spapi *spapi, struct spapi_call *call);
void destinations_create(struct spapi *spapi, struct spapi_call *call);
void destinations_get(struct spapi *spapi, struct spapi_call *call);
void destinations_delete(struct spapi *spapi, struct spapi_call *call);

/* Return the destination with this id, or NULL. */
const struct destination *destinations_find(const struct spapi *spapi, const char *id);

/* Write a destination as a JSON object. */
void destinations_write(struct text *out, const char *key, const struct destination *destination);

/* Operations on subscriptions. Each answers its call. */
void subscriptions_list(struct spapi *spapi, struct spapi_call *call);
void subscriptions_get(struct spapi *spapi, struct spapi_call *call);
void subscriptions_create(struct spapi *spapi, struct spapi_call *call);
void subscriptions_get_by_id(struct spapi *spapi, struct spapi_call *call);
void subscriptions_delete_by_id(struct spapi *spapi, struct spapi_call *call);

/* Write a subscription as a JSON object. `full`: with its seller and type. */
void subscriptions_write(struct text *out, const char *key, const struct subscription *subscription,
                         bool full);

/* Do sendTestNotification and answer the call. */
void test_notification_send(struct spapi *spapi, struct spapi_call *call);

/* A notification type that SP-API publishes. */
struct notification_type {
    const char *name;
    const char *versions[3]; /* payload versions, the newest last */
    bool event_bridge;       /* not available over SQS */
    bool filter;             /* has an eventFilter of its own */
    bool filter_required;
    bool delete_needs_seller; /* deleteSubscriptionById refuses grantless tokens (models#4753) */
};

/* Return the type with this name. NULL if there is none. */
const struct notification_type *directive_type(const char *name);

/* Return the type with this name. If it is unknown, answer the call and return NULL. */
const struct notification_type *directive_read_type(struct spapi_call *call, const char *name);

/* Whether the type has this payload version. */
bool directive_has_version(const struct notification_type *type, const char *version);

/* Check a processingDirective (NULL: none was given) for this type. Return the fault as `details`
 * of an error, which the caller frees. NULL: there is none. */
char *directive_check(const struct notification_type *type, const cJSON *directive);

/* Answer any call of SP-API with an error. */
void spapi_refuse_call(struct call *call, int status, const char *code, const char *message,
                       const char *details);

/* Answer any call of SP-API with the error of a fault. */
void spapi_refuse_fault(struct call *call, enum fault_kind kind);

/* Answer 403. The details explain the fault of the token. */
void spapi_refuse_access(struct call *call, const char *details);

/* Answer with an error. `format` makes its details. */
void spapi_refuse(struct spapi_call *call, int status, const char *code, const char *message,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Answer 400 InvalidInput. `format` makes its details. */
void spapi_refuse_input(struct spapi_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Answer 404 for a missing thing: `what` names its kind. */
void spapi_refuse_missing(struct spapi_call *call, const char *what, const char *id);

/* Answer that the destination does not exist. */
void spapi_refuse_no_destination(struct spapi_call *call, const char *id);

/* Answer that the type does not have this payload version. */
void spapi_refuse_version(struct spapi_call *call, const struct notification_type *type,
                          const char *version);

/* Answer 200 with the text. */
void spapi_answer(struct spapi_call *call, const struct text *out);

/* Return the first member of the object that is not in the list of names
 * (NULL-terminated), or NULL. */
const char *spapi_unknown_member(const cJSON *object, const char *const *names);

/* Make a new id. */
void spapi_new_id(struct spapi *spapi, char out[SPAPI_ID_MAX]);

#endif
