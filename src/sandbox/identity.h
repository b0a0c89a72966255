/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_IDENTITY_H
#define SANDBOX_IDENTITY_H

/*
 * Who is who in the sandbox. All of it is fixed, documented in dockbell-sandbox(1) and worth
 * nothing anywhere else.
 */

#define IDENTITY_APPLICATION   "amzn1.sp.solution.dockbell-sandbox"
#define IDENTITY_CLIENT_ID     "amzn1.application-oa2-client.dockbell-sandbox"
#define IDENTITY_CLIENT_SECRET "amzn1.oa2-cs.v1.dockbell-sandbox-client-secret"

/* A seller who has authorised the application; the first is the default of /_sandbox/publish. */
struct identity_seller {
    const char *seller_id;
    const char *refresh_token;
};
#define IDENTITY_SELLERS 2
extern const struct identity_seller identity_sellers[IDENTITY_SELLERS];

/* As many more as a test of many sellers needs: ADOCKBELL0000 to ADOCKBELL0999. */
#define IDENTITY_NUMBERED       1000
#define IDENTITY_REFRESH_PREFIX "Atzr|dockbell-sandbox-refresh-token-of-seller-"

/* Whose refresh token it is, a constant; NULL: nobody's. */
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

/* Long-lived access key: needs no session token. */
#define IDENTITY_ACCESS_KEY_ID     "AKIADOCKBELLSANDBOX0"
#define IDENTITY_SECRET_ACCESS_KEY "DockbellSandbox/Secret+Access+Key/000001"

/* Temporary access key: every request must carry the session token. */
#define IDENTITY_TEMPORARY_KEY_ID     "ASIADOCKBELLSANDBOX0"
#define IDENTITY_TEMPORARY_SECRET_KEY "DockbellSandbox/Secret+Access+Key/000002"
#define IDENTITY_SESSION_TOKEN        "IQoJb3JpZ2luX2VjDockbellSandbox/Session+Token/0000000001=="

#endif
