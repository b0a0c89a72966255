/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_PAYLOAD_VERSION_H
#define AMAZON_PAYLOAD_VERSION_H

/* The payloadVersion to subscribe with for a notification type: what the schema of the type in
 * Amazon's model repository says (amzn/selling-partner-api-models, schemas/notifications), "1.0"
 * for any other type, also one that nobody knows yet. Never NULL. */
const char *payload_version_of(const char *type);

#endif
