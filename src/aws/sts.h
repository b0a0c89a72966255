/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_STS_H
#define SRC_AWS_STS_H

#include "aws/credential_plan.h"
#include "aws/sts.h"

/* STS as the providers use it; the public part is aws/sts.h. */

/* The callback owns the session, which is empty when error->kind is not ERROR_NONE. */
typedef void (*sts_session_fn)(struct aws_session *session, const struct error *error,
                               void *userdata);

/* Call AssumeRole, signed with the credentials. 0, or negative errno: the callback never comes. */
int sts_assume(struct sts_call **ret, const struct sts_place *place,
               const struct credential_role *role, const struct aws_credentials *credentials,
               sts_session_fn done, void *userdata);

/* Call AssumeRoleWithWebIdentity, which needs no signature. */
int sts_assume_with_token(struct sts_call **ret, const struct sts_place *place,
                          const struct credential_role *role, const struct secret *token,
                          sts_session_fn done, void *userdata);

/* ---- answers (sts_answer.c) ---- */

#define STS_ANSWER_MAX ((size_t)64 * 1024)

/* Read the credentials of an answer of `action`, in XML or JSON. 0 or -EINVAL. */
int sts_session_parse(struct aws_session *ret, const char *action, const char *bytes, size_t size);

/* Read the ARN of an answer of GetCallerIdentity; NULL: there is none. The caller frees it. */
char *sts_arn_parse(const char *bytes, size_t size);

/* Read an error in STS's words, with a remedy. */
void sts_error_parse(struct error *ret, int status, const char *bytes, size_t size);

#endif
