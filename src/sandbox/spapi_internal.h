/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_SPAPI_INTERNAL_H
#define SANDBOX_SPAPI_INTERNAL_H

#include "spapi.h"

/* Shared by spapi.c and the files that carry its operations out. */

#define SPAPI_TYPE "application/json"

/* A call of one operation, token and limit checked. */
struct spapi_call {
    struct call call;
    const char *seller_id; /* NULL: a grantless token */
    const char *first;     /* path parameters: destinationId, or notificationType */
    const char *second;    /* subscriptionId, or "testNotification" */
    const cJSON *body;     /* of POST: an object */
};

typedef void (*spapi_operation_fn)(struct spapi *spapi, struct spapi_call *call);

void destinations_list(struct spapi *spapi, struct spapi_call *call);
void destinations_create(struct spapi *spapi, struct spapi_call *call);
void destinations_get(struct spapi *spapi, struct spapi_call *call);
void destinations_delete(struct spapi *spapi, struct spapi_call *call);
const struct destination *destinations_find(const struct spapi *spapi, const char *id);
void destinations_write(struct text *out, const char *key, const struct destination *destination);

void subscriptions_list(struct spapi *spapi, struct spapi_call *call);
void subscriptions_get(struct spapi *spapi, struct spapi_call *call);
void subscriptions_create(struct spapi *spapi, struct spapi_call *call);
void subscriptions_get_by_id(struct spapi *spapi, struct spapi_call *call);
void subscriptions_delete_by_id(struct spapi *spapi, struct spapi_call *call);
void subscriptions_write(struct text *out, const char *key, const struct subscription *subscription,
                         bool full);

void test_notification_send(struct spapi *spapi, struct spapi_call *call);

/* A notification type that SP-API publishes. */
struct notification_type {
    const char *name;
    const char *versions[3]; /* payload versions, the newest last */
    bool event_bridge;       /* not to be had by SQS */
    bool filter;             /* has an eventFilter of its own */
    bool filter_required;
    bool delete_needs_seller; /* deleteSubscriptionById refuses grantless tokens (models#4753) */
};

/* NULL: no such type. */
const struct notification_type *directive_type(const char *name);

/* The same, but an unknown type is an answer: NULL, the call is answered. */
const struct notification_type *directive_read_type(struct spapi_call *call, const char *name);

/* Whether the type has that payload version. */
bool directive_has_version(const struct notification_type *type, const char *version);

/* What is wrong with a processingDirective (NULL: none was given) for this type, as the `details`
 * of the error, which the caller frees; NULL: nothing. */
char *directive_check(const struct notification_type *type, const cJSON *directive);

/* Answers any call of SP-API with an error, or with the one of a fault. */
void spapi_refuse_call(struct call *call, int status, const char *code, const char *message,
                       const char *details);
void spapi_refuse_fault(struct call *call, enum fault_kind kind);

/* Answers 403; the details say what is wrong with the token. */
void spapi_refuse_access(struct call *call, const char *details);

/* Answers with an error; `format` makes its details. */
void spapi_refuse(struct spapi_call *call, int status, const char *code, const char *message,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));
void spapi_refuse_input(struct spapi_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void spapi_refuse_missing(struct spapi_call *call, const char *what, const char *id);
void spapi_refuse_no_destination(struct spapi_call *call, const char *id);
void spapi_refuse_version(struct spapi_call *call, const struct notification_type *type,
                          const char *version);

/* Answers 200 with the text. */
void spapi_answer(struct spapi_call *call, const struct text *out);

/* The first member of the object that is in no list of names (NULL-terminated), or NULL. */
const char *spapi_unknown_member(const cJSON *object, const char *const *names);

void spapi_new_id(struct spapi *spapi, char out[SPAPI_ID_MAX]);

#endif
