/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_NOTIFICATION_TYPES_H
#define SPAPI_NOTIFICATION_TYPES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Amazon's facts about each notification type that can be subscribed to. The contents of a
 * notification are in notification/types.h. From Notification Type Values, Create and Filter
 * Notification Subscriptions and the two set-up guides (developer-docs.amazon.com/sp-api), and from
 * the schemas in amzn/selling-partner-api-models. Amazon adds types without notice: a type that is
 * not here is passed on as it is, never refused.
 */

enum amazon_workflow {
    WORKFLOW_SQS,
    WORKFLOW_EVENTBRIDGE, /* never comes to a queue */
    WORKFLOW_CONSOLE,     /* comes to a queue that is named in the Developer Console */
    WORKFLOW_REMOVED,     /* Amazon has removed it */
};

/* The spelling of the envelope's keys. A reader must accept both for any type. */
enum amazon_envelope {
    ENVELOPE_PASCAL, /* NotificationType */
    ENVELOPE_CAMEL,  /* notificationType */
};

/* Possible contents of a processingDirective: members of its eventFilter, or its filterExpression.
 * Never an eventFilter and an expression at once. */
enum amazon_filter {
    FILTER_AGGREGATION = 1 << 0,   /* aggregationSettings */
    FILTER_MARKETPLACES = 1 << 1,  /* marketplaceIds */
    FILTER_ORDER_CHANGES = 1 << 2, /* orderChangeTypes */
    FILTER_TRACKING = 1 << 3,      /* trackingIdentifier */
    FILTER_EXPRESSION = 1 << 4,    /* filterExpression, a CEL expression */
};

/* All members of an eventFilter. */
#define FILTERS_OF_EVENTS                                                                          \
    (FILTER_AGGREGATION | FILTER_MARKETPLACES | FILTER_ORDER_CHANGES | FILTER_TRACKING)

/* Bytes of a filterExpression (Notifications API model, ProcessingDirective). */
#define FILTER_EXPRESSION_MAX 256

struct amazon_type {
    const char *name;
    const char *versions[2]; /* payloadVersions, newest first; the second may be NULL */
    enum amazon_workflow workflow;
    enum amazon_envelope envelope;
    unsigned filters;     /* of enum amazon_filter */
    bool needs_directive; /* without an eventFilter createSubscription answers 400 */
};

/* Find a type; NULL: it is not in the table. */
const struct amazon_type *amazon_type_find(const char *name);

/* Return the table of types, by name, and its length. */
const struct amazon_type *amazon_type_table(size_t *ret_count);

/* Return the payloadVersion to subscribe with: the newest known one, or "1.0" for a type that is
 * not in the table. Never NULL. */
const char *amazon_type_version(const char *name);

/* Whether a subscription to the type may have the filter. A type that is not in the table takes an
 * expression, but no eventFilter: the model's enum of eventFilterType is closed. */
bool amazon_type_takes(const char *name, enum amazon_filter filter);

/* Whether createSubscription answers 400 without an eventFilter (or an expression in its place). An
 * eventFilter that filters nothing is enough. */
bool amazon_type_needs_directive(const char *name);

/* Return the known type that a mistyped one most likely means, or NULL. */
const char *amazon_type_nearest(const char *name);

/* Return Amazon's word for a period of aggregation: for "5m" or "FiveMinutes", "10m" or
 * "TenMinutes". NULL: it is neither. */
const char *amazon_aggregation(const char *period);

/* Return Amazon's word for a filter, such as "marketplaceIds". */
const char *amazon_filter_name(enum amazon_filter filter);

#endif
