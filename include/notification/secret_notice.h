/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_SECRET_NOTICE_H
#define NOTIFICATION_SECRET_NOTICE_H

#include "base/secret.h"
#include "notification/notification.h"

/*
 * The two notifications about the application's client secret. Their forms are those of Amazon's
 * sample for rotating it (github.com/amzn/selling-partner-api-samples, lwa-rotation).
 */
#define SECRET_NOTICE_NEW    "APPLICATION_OAUTH_CLIENT_NEW_SECRET"
#define SECRET_NOTICE_EXPIRY "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY"

/* Bytes of a client secret; Amazon's have about 80. */
#define SECRET_NOTICE_MAX 1024

struct new_client_secret {
    char client_id[NOTIFICATION_FIELD_MAX + 1];
    struct secret secret;
    uint64_t issued_usec;                    /* whole milliseconds; shows which of two is newer */
    uint64_t expires_usec, old_expires_usec; /* of the new one, and of the one that it replaces */
};

/* Read SECRET_NOTICE_NEW. 0, or -EINVAL: another type, or not complete. The caller ends it with
 * new_client_secret_clear. */
int new_client_secret_read(struct new_client_secret *ret, const struct notification *n);
void new_client_secret_clear(struct new_client_secret *secret);

struct client_secret_expiry {
    char client_id[NOTIFICATION_FIELD_MAX + 1];
    char reason[NOTIFICATION_FIELD_MAX + 1]; /* Amazon's word, "" when it gave none */
    uint64_t expires_usec;
};

/* Read SECRET_NOTICE_EXPIRY. 0, or -EINVAL. */
int client_secret_expiry_read(struct client_secret_expiry *ret, const struct notification *n);

#endif
