/* SPDX-License-Identifier: MIT */
#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void copy_secret(struct secret *ret, const struct secret *from)
{
    if (from->data)
        secret_set(ret, from->data, from->size);
}

void aws_credentials_copy(struct aws_credentials *ret, const struct aws_credentials *credentials)
{
    aws_credentials_clear(ret);
    ret->access_key_id = memory_string(credentials->access_key_id);
    copy_secret(&ret->secret_access_key, &credentials->secret_access_key);
    copy_secret(&ret->session_token, &credentials->session_token);
}

bool aws_credentials_equal(const struct aws_credentials *a, const struct aws_credentials *b)
{
    return text_equal(a->access_key_id, b->access_key_id) &&
           text_equal(a->secret_access_key.data, b->secret_access_key.data) &&
           text_equal(a->session_token.data, b->session_token.data);
}

void aws_credentials_clear(struct aws_credentials *credentials)
{
    free(credentials->access_key_id);
    secret_clear(&credentials->secret_access_key);
    secret_clear(&credentials->session_token);
    *credentials = (struct aws_credentials){0};
}

void aws_session_clear(struct aws_session *session)
{
    aws_credentials_clear(&session->credentials);
    session->expires_usec = 0;
}
