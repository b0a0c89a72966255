/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_NOTIFICATION_TYPES_H
#define AMAZON_NOTIFICATION_TYPES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What Amazon says about each notification type one can subscribe to; what is inside a notification
 * is notification/types.h. From Notification Type Values, Create and Filter Notification
 * Subscriptions and the two set-up guides (developer-docs.amazon.com/sp-api), and from the schemas
 * in amzn/selling-partner-api-models. Amazon adds types without notice: one that is not here is
 * passed on as it is, never refused.
 */

enum amazon_workflow {
    WORKFLOW_SQS,
    WORKFLOW_EVENTBRIDGE, /* never comes to a queue */
    WORKFLOW_CONSOLE,     /* comes to a queue that is named in the Developer Console */
    WORKFLOW_REMOVED,     /* Amazon has taken it away */
};

/* The spelling of the envelope's keys. A reader must take both for any type. */
enum amazon_envelope {
    ENVELOPE_PASCAL, /* NotificationType */
    ENVELOPE_CAMEL,  /* notificationType */
};

/* What a processingDirective may say: members of its eventFilter, or its filterExpression. Never an
 * eventFilter and an expression at once. */
enum amazon_filter {
    FILTER_AGGREGATION = 1 << 0,   /* aggregationSettings */
    FILTER_MARKETPLACES = 1 << 1,  /* marketplaceIds */
    FILTER_ORDER_CHANGES = 1 << 2, /* orderChangeTypes */
    FILTER_TRACKING = 1 << 3,      /* trackingIdentifier */
    FILTER_EXPRESSION = 1 << 4,    /* filterExpression, a CEL expression */
};
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

/* NULL: a type that is not in the table. */
const struct amazon_type *amazon_type_find(const char *name);

/* All of them, by name. */
const struct amazon_type *amazon_type_table(size_t *ret_count);

/* The payloadVersion to subscribe with: the newest known, "1.0" for a type that is not in the
 * table. Never NULL. */
const char *amazon_type_version(const char *name);

/* Whether a subscription to the type may have the filter. A type that is not in the table takes an
 * expression, but no eventFilter: the model's enum of eventFilterType is closed. */
bool amazon_type_takes(const char *name, enum amazon_filter filter);

/* Whether createSubscription answers 400 unless an eventFilter (or an expression in its place)
 * comes along, even one that leaves nothing out. */
bool amazon_type_needs_directive(const char *name);

/* The known type that a mistyped one most likely means, or NULL. */
const char *amazon_type_nearest(const char *name);

/* Amazon's word for a period of aggregation: for "5m" or "FiveMinutes", "10m" or "TenMinutes".
 * NULL: it is neither. */
const char *amazon_aggregation(const char *period);

/* Amazon's word for a filter: "marketplaceIds". */
const char *amazon_filter_name(enum amazon_filter filter);

#endif
