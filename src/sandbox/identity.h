/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_IDENTITY_H
#define SRC_SANDBOX_IDENTITY_H

/*
 * The identities of the sandbox. They are fixed, documented in dockbell-sandbox(1), and worthless
 * anywhere else.
 */

#define IDENTITY_APPLICATION   "amzn1.sp.solution.dockbell-sandbox"
#define IDENTITY_CLIENT_ID     "amzn1.application-oa2-client.dockbell-sandbox"
#define IDENTITY_CLIENT_SECRET "amzn1.oa2-cs.v1.dockbell-sandbox-client-secret"

/* A seller that has authorised the application. The first one is the default of
 * /_sandbox/publish. */
struct identity_seller {
    const char *seller_id;
    const char *refresh_token;
};
#define IDENTITY_SELLERS 2
extern const struct identity_seller identity_sellers[IDENTITY_SELLERS];

/* More sellers, for tests that need many: ADOCKBELL0000 to ADOCKBELL0999. */
#define IDENTITY_NUMBERED       1000
#define IDENTITY_REFRESH_PREFIX "Atzr|dockbell-sandbox-refresh-token-of-seller-"

/* Return the seller that owns the refresh token, a constant. NULL if there is none. */
const char *identity_seller_of(const char *refresh_token);

/* A refresh token that belongs to another application (LWA: unauthorized_client). */
#define IDENTITY_FOREIGN_REFRESH_TOKEN "Atzr|dockbell-sandbox-refresh-token-of-another-application"

#define IDENTITY_ACCOUNT     "444455556666"
#define IDENTITY_REGION      "eu-west-1"
#define IDENTITY_QUEUE       "amazon-orders"
#define IDENTITY_ARN_PREFIX  "arn:aws:sqs:" IDENTITY_REGION ":" IDENTITY_ACCOUNT ":"
#define IDENTITY_QUEUE_ARN   IDENTITY_ARN_PREFIX IDENTITY_QUEUE
#define IDENTITY_AMAZON_ROOT "437568002678" /* the account that SP-API publishes from */
#define IDENTITY_SENDER      "AIDADOCKBELLSANDBOX00"

/* A long-lived access key, which needs no session token. */
#define IDENTITY_ACCESS_KEY_ID     "AKIADOCKBELLSANDBOX0"
#define IDENTITY_SECRET_ACCESS_KEY "DockbellSandbox/Secret+Access+Key/000001"

/* A temporary access key. Every request must have the session token. */
#define IDENTITY_TEMPORARY_KEY_ID     "ASIADOCKBELLSANDBOX0"
#define IDENTITY_TEMPORARY_SECRET_KEY "DockbellSandbox/Secret+Access+Key/000002"
#define IDENTITY_SESSION_TOKEN        "IQoJb3JpZ2luX2VjDockbellSandbox/Session+Token/0000000001=="

#endif
